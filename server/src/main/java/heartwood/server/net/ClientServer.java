package heartwood.server.net;

import heartwood.resp.netty.FrameLimits;
import heartwood.server.command.ClientRegistry;
import heartwood.server.command.Connection;
import heartwood.server.command.Personality;
import heartwood.server.config.Directives;
import heartwood.server.config.LiveConfig;
import heartwood.server.config.MemoryBounds;
import heartwood.server.config.NetworkRules;
import heartwood.server.config.OutputLimits;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Accepts clients on the redirect and the proxy port, and knows who is there. Thread-safe. */
final class ClientServer implements ClientRegistry {
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(512 * 1024, 1024 * 1024);

  private final Sockets sockets;
  private final EventLoopGroup loops;
  private final Function<Channel, LoopContext> contexts;
  private final LiveConfig config;
  private final Clock clock;
  private final TrafficCounters statistics;
  private final Map<Long, SocketClient> clients = new ConcurrentSkipListMap<>();
  private final AtomicLong lastClientId = new AtomicLong();

  /**
   * @param contexts of the loop that a channel was given to
   */
  ClientServer(
      Sockets sockets,
      EventLoopGroup loops,
      Function<Channel, LoopContext> contexts,
      LiveConfig config,
      Clock clock,
      TrafficCounters statistics) {
    this.sockets = sockets;
    this.loops = loops;
    this.contexts = contexts;
    this.config = config;
    this.clock = clock;
    this.statistics = statistics;
  }

  /** Binds and returns the listening channel, or throws what the socket throws. */
  Channel listen(String host, int port, Personality personality) throws InterruptedException {
    return new ServerBootstrap()
        .group(loops)
        .channelFactory(sockets.serverChannels())
        .option(ChannelOption.SO_REUSEADDR, true)
        .option(ChannelOption.SO_BACKLOG, config.get(Directives.TCP_BACKLOG))
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel accepted) {
                String refusal = refusal(accepted);
                if (refusal == null) {
                  sockets.keepAlive(accepted, config.get(Directives.TCP_KEEPALIVE));
                  accepted
                      .pipeline()
                      .addLast(
                          new ClientHandler(
                              ClientServer.this, contexts.apply(accepted), personality, limits()));
                } else {
                  refuse(accepted, refusal);
                }
              }
            })
        .bind(host, port)
        .sync()
        .channel();
  }

  private @Nullable String refusal(Channel accepted) {
    if (accepted.remoteAddress() instanceof InetSocketAddress from
        && !NetworkRules.acceptsClient(config.current(), from.getAddress())) {
      return "-" + NetworkRules.PROTECTED_MODE_DENIED + "\r\n";
    }
    return clients.size() >= config.get(Directives.MAXCLIENTS)
        ? "-ERR max number of clients reached\r\n"
        : null;
  }

  private void refuse(Channel accepted, String refusal) {
    statistics.onRejected();
    accepted
        .writeAndFlush(
            ByteBufUtil.encodeString(
                accepted.alloc(), java.nio.CharBuffer.wrap(refusal), StandardCharsets.US_ASCII))
        .addListener(ChannelFutureListener.CLOSE);
  }

  private FrameLimits limits() {
    return FrameLimits.DEFAULT
        .withMaxBulkBytes(bounded(config.get(Directives.PROTO_MAX_BULK_LEN)))
        .withMaxRequestBytes(bounded(config.get(Directives.CLIENT_QUERY_BUFFER_LIMIT)));
  }

  private static long bounded(long bytes) {
    return Math.min(bytes, MemoryBounds.MAX_COMMAND_BYTES);
  }

  SocketClient accept(
      Channel channel, LoopContext context, Personality personality, ClientHandler handler) {
    statistics.onAccepted();
    long id = lastClientId.incrementAndGet();
    SocketClient client =
        new SocketClient(
            id, channel, context, personality, !needsPassword(), nowMillis(), handler, statistics);
    clients.put(id, client);
    return client;
  }

  /** To be called once a second: who is idle, or does not take its replies, is cut off. */
  void look() {
    long nowMillis = nowMillis();
    long idleMillis = TimeUnit.SECONDS.toMillis(config.get(Directives.TIMEOUT));
    OutputLimits.Limit limit = outputLimit();
    if (idleMillis == 0 && limit.isNone()) {
      return;
    }
    for (SocketClient client : clients.values()) {
      client.context().loop().execute(() -> client.look(nowMillis, idleMillis, limit));
    }
  }

  /** How many bytes of replies may wait for a client. */
  OutputLimits.Limit outputLimit() {
    return config.get(Directives.CLIENT_OUTPUT_BUFFER_LIMIT).of(OutputLimits.ClientClass.NORMAL);
  }

  void forget(SocketClient client) {
    clients.remove(client.id());
  }

  boolean needsPassword() {
    return !config.get(Directives.REQUIREPASS).isEmpty();
  }

  TrafficCounters statistics() {
    return statistics;
  }

  long nowMillis() {
    return clock.millis();
  }

  /**
   * Leadership is lost: clients of the redirect port look for the leader anew when they connect
   * again. Those with something unanswered are cut once it is answered.
   */
  void cutRedirectClients() {
    for (SocketClient client : clients.values()) {
      if (client.personality() == Personality.REDIRECT && !client.state().isReadonly()) {
        client.context().loop().execute(client::closeAfterReply);
      }
    }
  }

  @Override
  public int count() {
    return clients.size();
  }

  @Override
  public void forEach(Consumer<Connection> consumer) {
    clients.values().forEach(consumer);
  }
}
