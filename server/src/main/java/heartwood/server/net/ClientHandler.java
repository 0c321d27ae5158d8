package heartwood.server.net;

import heartwood.resp.ProtocolException;
import heartwood.resp.Request;
import heartwood.resp.netty.FrameLimits;
import heartwood.resp.netty.RespDecoder;
import heartwood.server.command.Personality;
import heartwood.server.config.OutputLimits;
import heartwood.server.dispatch.LoopDispatcher.Outcome;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's socket: bytes become requests, requests are dispatched. Confined to the event loop.
 *
 * <p>A request that must wait stays in the buffer, undecoded, with all behind it: so the client's
 * order is kept without a queue, and a client that sends faster than it is answered is slowed down
 * by its own socket.
 */
final class ClientHandler extends ChannelInboundHandlerAdapter {
  private static final Logger logger = LoggerFactory.getLogger(ClientHandler.class);

  /** While a request waits, no more than this is read ahead. */
  private static final int MAX_READ_AHEAD_BYTES = 64 * 1024;

  private final ClientServer server;
  private final LoopContext context;
  private final Personality personality;
  private final RespDecoder decoder;
  private @Nullable SocketClient client;
  private @Nullable ChannelHandlerContext handlerContext;
  private @Nullable ByteBuf unread;

  /** The request at the head of the buffer was refused for now. */
  private boolean isHeld;

  private boolean isDecoding;

  ClientHandler(
      ClientServer server, LoopContext context, Personality personality, FrameLimits limits) {
    this.server = server;
    this.context = context;
    this.personality = personality;
    this.decoder = new RespDecoder(limits, !server.needsPassword());
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    handlerContext = ctx;
    client = server.accept(ctx.channel(), context, personality, this);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    SocketClient gone = client;
    if (gone != null) {
      server.forget(gone);
      context.forwarder().forget(gone);
      gone.discharge();
    }
    ByteBuf rest = unread;
    unread = null;
    if (rest != null) {
      rest.release();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    server.statistics().onRead(bytes.readableBytes());
    ByteBuf rest = unread;
    if (rest == null) {
      unread = bytes;
    } else {
      unread = append(ctx, rest, bytes);
    }
    decodeAll(ctx);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    context.flushAll();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      resume();
    }
    adjustReading(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    logger.debug("client {} failed", ctx.channel().remoteAddress(), cause);
    ctx.close();
  }

  /** What was held may go on: a leader appeared, or a lane is empty. */
  void resume() {
    ChannelHandlerContext ctx = handlerContext;
    if (isHeld && ctx != null) {
      isHeld = false;
      decodeAll(ctx);
      context.flushAll();
    }
  }

  /** Whether a request waits here for its turn. */
  boolean isHeld() {
    return isHeld;
  }

  OutputLimits.Limit outputLimit() {
    return server.outputLimit();
  }

  /** Something was answered. */
  void onDelivered() {
    if (isHeld && !isDecoding) {
      context.loop().execute(this::resume);
    }
  }

  private void decodeAll(ChannelHandlerContext ctx) {
    SocketClient from = client;
    ByteBuf in = unread;
    if (from == null || in == null || isDecoding) {
      return;
    }
    isDecoding = true;
    try {
      while (!isHeld && !from.isClosing() && ctx.channel().isWritable()) {
        int mark = in.readerIndex();
        decoder.authenticated(from.isAuthenticated());
        if (!decoder.decode(in)) {
          break;
        }
        if (!take(ctx, from, decoder.request())) {
          in.readerIndex(mark);
          isHeld = true;
        }
      }
    } catch (ProtocolException e) {
      onProtocolError(ctx, from, e);
    } finally {
      isDecoding = false;
    }
    if (!ctx.channel().isWritable()) {
      isHeld = true;
    }
    from.onRequest(server.nowMillis(), in.readableBytes());
    if (from.isClosing() || !in.isReadable()) {
      in.release();
      unread = null;
    }
    adjustReading(ctx);
  }

  private boolean take(ChannelHandlerContext ctx, SocketClient from, Request request) {
    if (request.byteAt(0, 0) == 'P' || request.byteAt(0, 0) == 'H' || request.byteAt(0, 0) == 'p') {
      String word = firstWord(request);
      if (word.equals("post") || word.equals("host:")) {
        logger.warn("possible attack by {}: it speaks HTTP; connection closed", from.address());
        ctx.close();
        return true;
      }
    }
    return context.dispatcher().dispatch(from, request) == Outcome.TAKEN;
  }

  private static String firstWord(Request request) {
    if (request.length(0) > 5) {
      return "";
    }
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < request.length(0); i++) {
      word.append((char) request.byteAt(0, i));
    }
    return word.toString().toLowerCase(Locale.ROOT);
  }

  private void onProtocolError(ChannelHandlerContext ctx, SocketClient from, ProtocolException e) {
    logger.debug("client {}: {}", from.address(), e.getMessage());
    if (e.isAnswered()) {
      context.dispatcher().refuse(from, "ERR " + e.getMessage());
      from.closeAfterReply();
    } else {
      ctx.close();
    }
  }

  private void adjustReading(ChannelHandlerContext ctx) {
    ByteBuf rest = unread;
    boolean reads = !isHeld || rest == null || rest.readableBytes() < MAX_READ_AHEAD_BYTES;
    if (ctx.channel().config().isAutoRead() != reads) {
      ctx.channel().config().setAutoRead(reads);
    }
  }

  /** Joins what is left and what has come; grows by doubling, towards what is announced. */
  private static ByteBuf append(ChannelHandlerContext ctx, ByteBuf rest, ByteBuf more) {
    int wanted = rest.readableBytes() + more.readableBytes();
    if (rest.refCnt() == 1
        && rest.maxWritableBytes() >= more.readableBytes()
        && rest.isWritable(more.readableBytes())) {
      rest.writeBytes(more);
      more.release();
      return rest;
    }
    ByteBuf larger = ctx.alloc().directBuffer(Math.max(wanted, 2 * rest.readableBytes()));
    larger.writeBytes(rest).writeBytes(more);
    rest.release();
    more.release();
    return larger;
  }
}
