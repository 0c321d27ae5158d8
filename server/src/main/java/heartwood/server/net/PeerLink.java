package heartwood.server.net;

import heartwood.raft.log.NodeIdentity;
import heartwood.raft.log.PeerBindings;
import heartwood.raft.message.Frame;
import heartwood.raft.message.MalformedException;
import heartwood.raft.message.Member;
import heartwood.raft.message.Message;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to a peer, made again whenever it breaks. Confined to its event loop.
 *
 * <p>Says hello first; nothing else leaves before the peer has said welcome and is the one this
 * node knows under that number. What cannot be sent at once, or no longer fits the buffer, is
 * dropped, and whoever uses the link is told.
 */
abstract class PeerLink {
  private static final Logger logger = LoggerFactory.getLogger(PeerLink.class);

  private static final int CONNECT_TIMEOUT_MILLIS = 1000;

  /** A connection may be taken by nobody: by the listener of a node that is closing, say. */
  private static final int WELCOME_TIMEOUT_MILLIS = 1000;

  private static final int FIRST_RETRY_MILLIS = 20;
  private static final int MAX_RETRY_MILLIS = 1000;
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(16 << 20, 32 << 20);

  private final PeerNetwork network;
  private final EventLoop loop;
  private final Member peer;
  private final PeerFrames.Purpose purpose;

  private @Nullable Channel channel;
  private boolean isReady;
  private boolean isClosed;
  private boolean isFlushDue;
  private boolean hasComplained;
  private int retryMillis = FIRST_RETRY_MILLIS;

  PeerLink(PeerNetwork network, EventLoop loop, Member peer, PeerFrames.Purpose purpose) {
    this.network = network;
    this.loop = loop;
    this.peer = peer;
    this.purpose = purpose;
  }

  Member peer() {
    return peer;
  }

  boolean isReady() {
    return isReady;
  }

  void open() {
    if (isClosed) {
      return;
    }
    ChannelFuture connected =
        new Bootstrap()
            .group(loop)
            .channelFactory(network.sockets().channels())
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel opened) {
                    network.watch(opened);
                    opened.pipeline().addLast(new Handler(network.identity()));
                  }
                })
            .connect(peer.host(), peer.peerPort());
    channel = connected.channel();
    connected.addListener(
        done -> {
          if (!done.isSuccess()) {
            onBroken();
            retryLater();
          }
        });
  }

  /**
   * Sends a message with the next flush, or drops it and says so.
   *
   * @return whether there is something to flush
   */
  boolean send(Message message) {
    Channel open = channel;
    if (!isReady || open == null || !open.isWritable()) {
      if (isReady) {
        onBroken();
      }
      return false;
    }
    PeerFrames.writeMessage(open, network.identity(), message);
    return true;
  }

  void flush() {
    Channel open = channel;
    if (open != null) {
      open.flush();
    }
  }

  /** The open and welcomed channel, or null. */
  @Nullable Channel ready() {
    return isReady ? channel : null;
  }

  /** Flushes once this turn of the loop has written all that it has to write. */
  void flushSoon() {
    if (!isFlushDue) {
      isFlushDue = true;
      loop.execute(
          () -> {
            isFlushDue = false;
            flush();
          });
    }
  }

  void close() {
    isClosed = true;
    Channel open = channel;
    if (open != null) {
      open.close();
    }
  }

  /** There is no connection, and what was sent may be lost. */
  abstract void onBroken();

  /** What the peer sends back, if anything is expected. */
  void onFrame(Frame frame) {
    throw new MalformedException("unexpected frame of kind " + frame.kind());
  }

  /** Tells links of one purpose to one peer apart. */
  int stream() {
    return 0;
  }

  /** The peer has said welcome. */
  void onReady() {}

  private void retryLater() {
    if (isClosed) {
      return;
    }
    loop.schedule(this::open, retryMillis, TimeUnit.MILLISECONDS);
    retryMillis = Math.min(retryMillis * 2, MAX_RETRY_MILLIS);
  }

  private final class Handler extends PeerFrameDecoder {
    private final NodeIdentity identity;

    Handler(NodeIdentity identity) {
      super(identity.clusterId());
      this.identity = identity;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      ctx.writeAndFlush(
          PeerFrames.hello(ctx.alloc(), identity, network.self(), purpose, stream(), peer.id()));
      loop.schedule(() -> requireWelcome(ctx), WELCOME_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void requireWelcome(ChannelHandlerContext ctx) {
      if (!isReady && ctx.channel() == channel) {
        ctx.close();
      }
    }

    @Override
    void onFrame(ChannelHandlerContext ctx, Frame frame) {
      if (frame.kind() == PeerFrames.WELCOME && !isReady) {
        onWelcome(ctx, frame);
      } else if (frame.kind() == PeerFrames.REFUSED) {
        complain(PeerFrames.readRefused(frame));
        ctx.close();
      } else if (isReady) {
        PeerLink.this.onFrame(frame);
      } else {
        throw new MalformedException("frame of kind " + frame.kind() + " before welcome");
      }
    }

    private void onWelcome(ChannelHandlerContext ctx, Frame frame) {
      PeerBindings bindings = network.bindings();
      if (!frame.from().equals(peer.id())
          || !bindings.bindPeer(peer.id(), PeerFrames.readWelcome(frame))) {
        complain("the node there is not the one that was met before: its data was lost");
        ctx.close();
        return;
      }
      isReady = true;
      hasComplained = false;
      retryMillis = FIRST_RETRY_MILLIS;
      logger.debug("connected to {} for {}", peer.id(), purpose);
      onReady();
    }

    private void complain(String reason) {
      if (!hasComplained) {
        hasComplained = true;
        logger.warn("peer {} at {}:{}: {}", peer.id(), peer.host(), peer.peerPort(), reason);
      }
      retryMillis = MAX_RETRY_MILLIS;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
      super.channelInactive(ctx);
      isReady = false;
      onBroken();
      retryLater();
    }
  }
}
