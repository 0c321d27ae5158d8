package heartwood.tests.chaos;

import heartwood.raft.message.Frame;
import heartwood.raft.message.MalformedException;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A connection that one node made to another, and its second half. Who made it is in the first
 * frame; before that nobody is connected. Confined to the proxy's loop.
 */
final class ProxiedConnection extends ChannelInboundHandlerAdapter {
  private static final int FROM_OFFSET = 16; // See Frame.

  private final FaultProxy proxy;
  private final int to;
  private final int targetPort;
  private final ByteBuf head;
  private @Nullable Channel caller;
  private @Nullable Channel called;
  private @Nullable Flow there;
  private @Nullable Flow back;
  private int from;

  ProxiedConnection(FaultProxy proxy, int to, int targetPort, ByteBuf head) {
    this.proxy = proxy;
    this.to = to;
    this.targetPort = targetPort;
    this.head = head;
  }

  /** The node that made it; 0 while that is not known. */
  int from() {
    return from;
  }

  int to() {
    return to;
  }

  /** What goes from one node to the other over this connection; null if nothing does. */
  @Nullable Flow flow(int sender, int receiver) {
    if (sender == from && receiver == to) {
      return there;
    }
    return sender == to && receiver == from ? back : null;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    caller = ctx.channel();
    proxy.add(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (there != null) {
      there.onBytes(bytes);
      return;
    }
    head.writeBytes(bytes);
    bytes.release();
    try {
      int frameBytes = Frame.frameBytes(head.nioBuffer());
      if (frameBytes > 0 && head.readableBytes() >= Frame.HEADER_BYTES) {
        identify(ctx.channel(), head.getInt(FROM_OFFSET));
      }
    } catch (MalformedException e) {
      ctx.close();
    }
  }

  private void identify(Channel source, int sender) {
    from = sender;
    if (proxy.link(from, to).isCut()) {
      breakOff();
      return;
    }
    Flow begun = new Flow(() -> proxy.link(from, to), proxy.random(), source);
    there = begun;
    begun.onBytes(head.retainedDuplicate());
    ChannelFuture connecting =
        new Bootstrap()
            .group(source.eventLoop())
            .channelFactory(proxy.sockets().channels())
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(new CalledHandler())
            .connect(InetAddress.getLoopbackAddress(), targetPort);
    connecting.addListener(
        done -> {
          if (!done.isSuccess()) {
            breakOff();
          }
        });
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (back != null) {
      back.pass();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (there != null && called != null) {
      there.onEnd();
    }
    if (called == null || !called.isActive()) {
      breakOff();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close(); // A node was killed: the other side learns it by the end.
  }

  /** Breaks both halves at once, as a network does that says so. */
  void breakOff() {
    close(caller);
    close(called);
    if (there != null) {
      there.drop();
    }
    if (back != null) {
      back.drop();
    }
    if (head.refCnt() > 0) {
      head.release();
    }
    proxy.remove(this);
  }

  private static void close(@Nullable Channel channel) {
    if (channel != null && channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      channel.close();
    }
  }

  /** The half that leads to the node that is called. */
  private final class CalledHandler extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      Channel source = Objects.requireNonNull(caller);
      called = ctx.channel();
      Flow answers = new Flow(() -> proxy.link(to, from), proxy.random(), ctx.channel());
      back = answers;
      answers.connect(source);
      Objects.requireNonNull(there).connect(ctx.channel());
      if (!source.isActive()) {
        Objects.requireNonNull(there).onEnd();
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      Objects.requireNonNull(back).onBytes((ByteBuf) message);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      Objects.requireNonNull(there).pass();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      Objects.requireNonNull(back).onEnd();
      if (caller == null || !caller.isActive()) {
        breakOff();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
