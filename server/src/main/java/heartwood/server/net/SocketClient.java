package heartwood.server.net;

import heartwood.resp.RespVersion;
import heartwood.server.command.ClientState;
import heartwood.server.command.CommandSpec;
import heartwood.server.command.Connection;
import heartwood.server.command.Moment;
import heartwood.server.command.Personality;
import heartwood.server.config.OutputLimits;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client on a socket of this node. Confined to its event loop, but for what {@link Connection}
 * offers to any thread.
 */
final class SocketClient extends NettyClient implements Connection {
  private static final Logger logger = LoggerFactory.getLogger(SocketClient.class);

  private final long id;
  private final Channel channel;
  private final LoopContext context;
  private final Personality personality;
  private final ClientState state;
  private final String address;
  private final String localAddress;
  private final long createdMillis;
  private final ClientHandler handler;
  private final TrafficCounters statistics;
  private volatile long lastRequestMillis;
  private volatile @Nullable CommandSpec lastCommand;
  private volatile long queryBytes;
  private boolean isFlushListed;

  /** When it was last seen to be owed something: it was not idle then. */
  private long lastOwedMillis;

  /** Since when more waits for it than the soft limit allows; 0: it does not. */
  private long overSoftSinceMillis;

  private boolean isClosing;

  SocketClient(
      long id,
      Channel channel,
      LoopContext context,
      Personality personality,
      boolean isAuthenticated,
      long nowMillis,
      ClientHandler handler,
      TrafficCounters statistics) {
    this.id = id;
    this.channel = channel;
    this.context = context;
    this.personality = personality;
    this.state = new ClientState(isAuthenticated);
    this.address = text(channel.remoteAddress());
    this.localAddress = text(channel.localAddress());
    this.createdMillis = nowMillis;
    this.lastRequestMillis = nowMillis;
    this.handler = handler;
    this.statistics = statistics;
  }

  static String text(@Nullable Object address) {
    return address instanceof InetSocketAddress socket
        ? socket.getAddress().getHostAddress() + ":" + socket.getPort()
        : "?:0";
  }

  // ---- As its dispatcher sees it ----

  @Override
  LoopContext context() {
    return context;
  }

  @Override
  public Executor loop() {
    return context.loop();
  }

  @Override
  public Connection connection() {
    return this;
  }

  @Override
  public boolean isAuthenticated() {
    return state.isAuthenticated();
  }

  @Override
  public int database() {
    return state.database();
  }

  @Override
  public RespVersion version() {
    return state.version();
  }

  @Override
  public boolean isSilent() {
    return !state.wantsReply() && !isAsking();
  }

  @Override
  public @Nullable Moment frozenAt() {
    return state.frozenAt();
  }

  @Override
  public boolean isReadOnly() {
    return state.isReadonly();
  }

  @Override
  public boolean isProxied() {
    return personality == Personality.PROXY;
  }

  @Override
  public boolean isForwarded() {
    return false;
  }

  @Override
  public boolean isGone() {
    return !channel.isActive();
  }

  @Override
  public void resume() {
    handler.resume();
  }

  @Override
  void onDelivered() {
    handler.onDelivered();
    maybeClose();
  }

  @Override
  void send(byte[] bytes, int offset, int length, int count) {
    statistics.onWritten(length, count);
    if (length > 0) {
      channel.write(
          channel.alloc().directBuffer(length).writeBytes(bytes, offset, length),
          channel.voidPromise());
    }
    if (!isFlushListed) {
      isFlushListed = true;
      context.flushLater(this);
    }
  }

  @Override
  void flush() {
    isFlushListed = false;
    channel.flush();
    long waiting = replyBytes(); // Most often nothing: then no limit is looked up.
    if (waiting > 0 && handler.outputLimit().isOverHard(waiting)) {
      cut("more replies wait for it than client-output-buffer-limit allows");
    }
  }

  /**
   * Cuts the client off when it is idle or too slow a reader. Who is owed something is not idle,
   * and begins to be when it has it.
   *
   * @param idleMillis 0: however long it is idle
   */
  void look(long nowMillis, long idleMillis, OutputLimits.Limit limit) {
    long waiting = replyBytes();
    if (!limit.isOverSoft(waiting)) {
      overSoftSinceMillis = 0;
    } else if (overSoftSinceMillis == 0) {
      overSoftSinceMillis = nowMillis;
    } else if (nowMillis - overSoftSinceMillis > limit.softSeconds() * 1000) {
      cut("its replies wait for too long under client-output-buffer-limit");
    }
    if (unansweredCount() > 0 || waiting > 0 || handler.isHeld()) {
      lastOwedMillis = nowMillis;
    }
    if (idleMillis > 0 && nowMillis - Math.max(lastRequestMillis, lastOwedMillis) > idleMillis) {
      cut("it was idle");
    }
  }

  private void cut(String reason) {
    logger.debug("client {} is cut off: {}", address, reason);
    channel.close();
  }

  /** Closes once everything asked for is answered; nothing more is read. */
  @Override
  public void closeAfterReply() {
    isClosing = true;
    context.loop().execute(this::maybeClose);
  }

  boolean isClosing() {
    return isClosing;
  }

  private void maybeClose() {
    if (isClosing && unansweredCount() == 0) {
      channel
          .writeAndFlush(io.netty.buffer.Unpooled.EMPTY_BUFFER)
          .addListener(ChannelFutureListener.CLOSE);
    }
  }

  void onRequest(long nowMillis, int unreadBytes) {
    lastRequestMillis = nowMillis;
    queryBytes = unreadBytes;
  }

  @Override
  public @Nullable String refusal(CommandSpec spec, int argumentCount) {
    return spec.refusal(argumentCount, this);
  }

  @Override
  public void beginCommand() {
    state.beginCommand();
  }

  @Override
  public void holdCommand() {
    state.holdCommand();
  }

  @Override
  public void onCommand(CommandSpec spec) {
    lastCommand = spec;
  }

  // ---- As commands see it ----

  @Override
  public long id() {
    return id;
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public String name() {
    return state.name();
  }

  @Override
  public String localAddress() {
    return localAddress;
  }

  @Override
  public Personality personality() {
    return personality;
  }

  @Override
  public boolean isTls() {
    return false;
  }

  @Override
  public long createdMillis() {
    return createdMillis;
  }

  @Override
  public long lastRequestMillis() {
    return lastRequestMillis;
  }

  @Override
  public @Nullable CommandSpec lastCommand() {
    return lastCommand;
  }

  @Override
  public long queryBytes() {
    return queryBytes;
  }

  @Override
  public long replyBytes() {
    return channel.unsafe().outboundBuffer() == null
        ? 0
        : channel.unsafe().outboundBuffer().totalPendingWriteBytes();
  }

  @Override
  public OutputLimits.ClientClass clientClass() {
    return OutputLimits.ClientClass.NORMAL;
  }

  @Override
  public ClientState state() {
    return state;
  }

  @Override
  public void leaveModes() {}

  @Override
  public boolean tryUnblock(boolean withError) {
    return context.dispatcher().tryUnblock(this, withError);
  }

  @Override
  public void close() {
    channel.close();
  }
}
