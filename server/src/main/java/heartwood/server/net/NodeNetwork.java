package heartwood.server.net;

import heartwood.raft.log.NodeIdentity;
import heartwood.raft.log.PeerBindings;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.Member;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import heartwood.server.command.ClientRegistry;
import heartwood.server.command.CommandMeter;
import heartwood.server.command.CommandTable;
import heartwood.server.command.Connection;
import heartwood.server.command.Personality;
import heartwood.server.config.Directives;
import heartwood.server.config.LiveConfig;
import heartwood.server.config.MemoryBounds;
import heartwood.server.config.ServerConfig;
import heartwood.server.dispatch.Backlog;
import heartwood.server.dispatch.CommandWays;
import heartwood.server.dispatch.DispatchSettings;
import heartwood.server.dispatch.LeadershipView;
import heartwood.server.dispatch.LoopDispatcher;
import heartwood.server.dispatch.LoopThreads;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All of a node's sockets. Built, prepared and opened by the composition root, in that order;
 * {@link #tick} and the transport are the raft loop's.
 */
public final class NodeNetwork {
  private static final int TICKS_PER_CHECK = 10;
  private static final int TICKS_PER_LOOK_AT_CLIENTS = 100;

  private final PeerNetwork peers;
  private final EventLoop raftLoop;
  private final EventLoopGroup clientLoops;
  private final LiveConfig config;
  private final IdentityHashMap<EventExecutor, LoopContext> contexts = new IdentityHashMap<>();
  private final List<Channel> listeners = new ArrayList<>();
  private @Nullable NettyTransport transport;
  private ClientServer clients;
  private PeerServer peerServer;
  private int ticks;
  private int redirectPort;
  private int proxyPort;
  private int peerPort;

  @SuppressWarnings("NullAway") // The servers are made by prepare, before anything else is called.
  public NodeNetwork(
      NodeIdentity identity,
      Member self,
      PeerBindings bindings,
      Sockets sockets,
      EventLoopGroup raftLoops,
      EventLoopGroup clientLoops,
      LiveConfig config) {
    this.peers =
        new PeerNetwork(
            identity,
            self,
            bindings,
            sockets,
            PeerNetwork.silenceMillis(config.get(Directives.ELECTION_TIMEOUT_MS)));
    this.raftLoop = raftLoops.next();
    this.clientLoops = clientLoops;
    this.config = config;
    this.clients = null;
    this.peerServer = null;
  }

  /** The way of Raft's messages. */
  public NettyTransport transport(Consumer<NodeId> onUnreachable) {
    NettyTransport made = new NettyTransport(peers, raftLoop, onUnreachable);
    transport = made;
    return made;
  }

  /** These are the members from now on. On the raft loop. */
  public void follow(Configuration configuration) {
    NettyTransport links = transport;
    if (links != null) {
      links.follow(configuration);
    }
  }

  private void heard(NodeId from) {
    NettyTransport links = transport;
    if (links != null) {
      links.heard(from);
    }
  }

  private void met(Member sender) {
    NettyTransport links = transport;
    if (links != null) {
      links.met(sender);
    }
  }

  /** Makes what the loops need; nothing listens yet. */
  public void prepare(
      CommandTable table,
      CommandMeter meter,
      LeadershipView leadership,
      CommandWays ways,
      Executor apply,
      Clock clock,
      TrafficCounters traffic,
      Predicate<NodeId> isMember,
      BiConsumer<NodeId, Message> onMessage) {
    List<EventExecutor> loops = new ArrayList<>();
    clientLoops.forEach(loops::add);
    if (!loops.contains(raftLoop)) {
      loops.add(raftLoop);
    }
    DispatchSettings settings =
        new DispatchSettings(
            () -> config.get(Directives.CLUSTER_ALLOW_CROSS_SLOT),
            () -> config.get(Directives.LEADER_WAIT_MS),
            () -> config.get(Directives.ASOF_MAX_WAIT),
            clock::millis);
    for (EventExecutor executor : loops) {
      EventLoop loop = (EventLoop) executor;
      Forwarder forwarder =
          new Forwarder(
              peers,
              loop,
              contexts.size(),
              leadership,
              () -> config.get(Directives.LEADER_WAIT_MS));
      LoopDispatcher dispatcher =
          new LoopDispatcher(
              new LoopThreads(loop, raftLoop, apply),
              table,
              meter,
              leadership,
              ways,
              forwarder,
              new Scratch(),
              settings,
              new Backlog(MemoryBounds.MAX_BACKLOG_BYTES / loops.size()));
      LoopContext context = new LoopContext(loop, dispatcher, forwarder);
      forwarder.attachTo(context);
      contexts.put(loop, context);
    }
    clients =
        new ClientServer(
            peers.sockets(),
            clientLoops,
            channel -> contextOf(channel.eventLoop()),
            config,
            clock,
            traffic);
    peerServer =
        new PeerServer(
            peers,
            raftLoop,
            contextOf(raftLoop),
            table,
            isMember,
            this::met,
            (from, message) -> {
              heard(from);
              onMessage.accept(from, message);
            });
  }

  private LoopContext contextOf(EventExecutor loop) {
    LoopContext context = contexts.get(loop);
    if (context == null) {
      throw new IllegalStateException("no context for " + loop);
    }
    return context;
  }

  /** Listens for peers, then for clients, and begins to connect. */
  public void listen(Member self, ServerConfig initial) {
    int given = initial.get(Directives.CLUSTER_PORT);
    int wanted = given == 0 ? self.peerPort() : given;
    if (wanted != 0) {
      peerPort = bound(listen(() -> peerServer.listen(self.host(), wanted)));
    }
    for (String address : initial.get(Directives.BIND)) {
      boolean isOptional = address.startsWith("-");
      String host = isOptional ? address.substring(1) : address;
      try {
        redirectPort =
            listen(host, initial.get(Directives.PORT), Personality.REDIRECT, redirectPort);
        proxyPort = listen(host, initial.get(Directives.PROXY_PORT), Personality.PROXY, proxyPort);
      } catch (UncheckedIOException e) {
        if (!isOptional) {
          throw e;
        }
      }
    }
    NettyTransport links = transport;
    if (links != null) {
      raftLoop.execute(links::open);
    }
  }

  private int listen(String host, int port, Personality personality, int boundBefore) {
    boolean isUnused = port == 0 && !(personality == Personality.REDIRECT);
    if (isUnused) {
      return 0;
    }
    // An ephemeral port, for tests, is the same on every address.
    int wanted = port == 0 ? boundBefore : port;
    return bound(listen(() -> clients.listen(host, wanted, personality)));
  }

  private interface Bind {
    Channel bind() throws InterruptedException;
  }

  @SuppressWarnings("ThrowSpecificity") // Netty throws the socket's checked exception unannounced.
  private Channel listen(Bind bind) {
    try {
      Channel channel = bind.bind();
      listeners.add(channel);
      return channel;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (Exception e) {
      throw new UncheckedIOException(e instanceof IOException io ? io : new IOException(e));
    }
  }

  private static int bound(Channel listener) {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  public int redirectPort() {
    return redirectPort;
  }

  public int proxyPort() {
    return proxyPort;
  }

  public int peerPort() {
    return peerPort;
  }

  public ClientRegistry clients() {
    return clients;
  }

  public void cutRedirectClients() {
    clients.cutRedirectClients();
  }

  /** Whether this node is connected to a peer. On the raft loop. */
  public boolean isConnected(NodeId peer) {
    NettyTransport links = transport;
    return links != null && links.isConnected(peer);
  }

  /** On the raft loop, once a tick. */
  public void tick() {
    if (++ticks % TICKS_PER_CHECK == 0) {
      for (LoopContext context : contexts.values()) {
        context.loop().execute(context::tick);
      }
    }
    if (ticks % TICKS_PER_LOOK_AT_CLIENTS == 0) {
      clients.look();
    }
  }

  /** Listens no more and closes every connection. */
  public void close() {
    listeners.forEach(listener -> listener.close().syncUninterruptibly());
    peerServer.close();
    clients.forEach(Connection::close);
    NettyTransport links = transport;
    if (links != null && !raftLoop.isShuttingDown()) {
      raftLoop.execute(links::close);
    }
  }
}
