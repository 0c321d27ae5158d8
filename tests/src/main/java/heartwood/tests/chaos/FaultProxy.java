package heartwood.tests.chaos;

import heartwood.server.net.Sockets;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The network between the nodes: it listens where each node's peers are told that the node is,
 * learns from a connection's first frame who calls, and does to each directed pair what its {@link
 * Link} says.
 *
 * <p>Thread-safe; all state is confined to one loop. What a call changes holds when it returns.
 */
final class FaultProxy implements AutoCloseable {
  private record Pair(int from, int to) {}

  private static final int QUIET_MILLIS = 0;
  private static final int CLOSE_SECONDS = 5;

  private final Sockets sockets = Sockets.ofThisMachine();
  private final EventLoopGroup group = sockets.group("fault-proxy", 1);
  private final EventLoop loop = group.next();
  private final Map<Pair, Link> links = new HashMap<>();
  private final Set<ProxiedConnection> connections = new HashSet<>();
  private final Random random;

  /** All links are free. */
  FaultProxy(long seed) {
    random = new Random(seed);
  }

  /**
   * Listens in front of a node.
   *
   * @param port where its peers are told that it is; 0 for any
   * @param targetPort where it listens
   * @return the port
   */
  int listen(int node, int port, int targetPort) throws IOException {
    try {
      Channel listener =
          new ServerBootstrap()
              .group(loop)
              .channelFactory(sockets.serverChannels())
              .option(ChannelOption.SO_REUSEADDR, true)
              .childOption(ChannelOption.TCP_NODELAY, true)
              .childHandler(
                  new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                      ProxiedConnection connection =
                          new ProxiedConnection(
                              FaultProxy.this, node, targetPort, Unpooled.buffer());
                      accepted.pipeline().addLast(connection);
                    }
                  })
              .bind(InetAddress.getLoopbackAddress(), port)
              .syncUninterruptibly()
              .channel();
      return ((InetSocketAddress) listener.localAddress()).getPort();
    } catch (RuntimeException e) {
      throw new IOException("port " + port + " for the proxy of node " + node, e);
    }
  }

  // ---- What others may ask for ----

  void set(int from, int to, Link link) {
    onLoop(
        () -> {
          links.put(new Pair(from, to), link);
          for (ProxiedConnection connection : List.copyOf(connections)) {
            if (link.isCut() && connection.from() == from && connection.to() == to) {
              connection.breakOff();
            }
          }
          connections.forEach(connection -> pass(connection, from, to));
          return true;
        });
  }

  /** All links are free again. */
  void heal() {
    onLoop(
        () -> {
          Set<Pair> bad = Set.copyOf(links.keySet());
          links.clear();
          for (Pair pair : bad) {
            connections.forEach(connection -> pass(connection, pair.from, pair.to));
          }
          return true;
        });
  }

  private static void pass(ProxiedConnection connection, int from, int to) {
    Flow flow = connection.flow(from, to);
    if (flow != null) {
      flow.pass();
    }
  }

  /** Bytes of one node for another that have not gone on. */
  long heldBytes(int from, int to) {
    return onLoop(
        () ->
            connections.stream()
                .map(connection -> connection.flow(from, to))
                .mapToLong(flow -> flow == null ? 0 : flow.heldBytes())
                .sum());
  }

  /** Connections that one node has made to another. */
  long connectionCount(int from, int to) {
    return onLoop(
        () ->
            connections.stream()
                .filter(connection -> connection.from() == from && connection.to() == to)
                .count());
  }

  private <T> T onLoop(Callable<T> task) {
    try {
      return loop.submit(task).get(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  // ---- What connections ask for, on the loop ----

  Sockets sockets() {
    return sockets;
  }

  Random random() {
    return random;
  }

  Link link(int from, int to) {
    return links.getOrDefault(new Pair(from, to), Link.FREE);
  }

  void add(ProxiedConnection connection) {
    connections.add(connection);
  }

  void remove(ProxiedConnection connection) {
    connections.remove(connection);
  }

  @Override
  public void close() {
    group.shutdownGracefully(QUIET_MILLIS, CLOSE_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
