package heartwood.server.net;

import heartwood.raft.message.Frame;
import heartwood.raft.message.MalformedException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds frames in a peer's bytes, joins fragments, and hands each whole body on. A frame that is
 * damaged or foreign closes the connection with one line in the log, and does no other harm.
 * Confined to the channel's loop.
 */
abstract class PeerFrameDecoder extends ByteToMessageDecoder {
  private static final Logger logger = LoggerFactory.getLogger(PeerFrameDecoder.class);

  /** The longest value, its arguments, and room for what surrounds it in an entry. */
  private static final long MAX_BODY_BYTES = (1L << 30) + (64L << 20);

  private final long clusterId;
  private final ByteArrayOutputStream fragments = new ByteArrayOutputStream();

  PeerFrameDecoder(long clusterId) {
    this.clusterId = clusterId;
  }

  /** Takes a frame; its body is valid during the call. */
  abstract void onFrame(ChannelHandlerContext ctx, Frame frame);

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    try {
      while (in.isReadable() && ctx.channel().isActive()) {
        ByteBuffer available = in.nioBuffer();
        int frameBytes = Frame.frameBytes(available);
        if (frameBytes == 0 || frameBytes > available.remaining()) {
          return;
        }
        available.limit(available.position() + frameBytes);
        Frame frame = Frame.open(available, clusterId);
        in.skipBytes(frameBytes);
        if (frame.kind() == PeerFrames.FRAGMENT) {
          onFragment(ctx, frame);
        } else {
          onFrame(ctx, frame);
        }
      }
    } catch (MalformedException e) {
      logger.warn("peer connection {} closed: {}", ctx.channel().remoteAddress(), e.getMessage());
      in.skipBytes(in.readableBytes());
      ctx.close();
    }
  }

  private void onFragment(ChannelHandlerContext ctx, Frame frame) {
    ByteBuffer body = frame.body();
    if (body.remaining() < 2) {
      throw new MalformedException("fragment is too short");
    }
    byte kind = body.get();
    boolean isLast = body.get() != 0;
    if (fragments.size() + (long) body.remaining() > MAX_BODY_BYTES) {
      throw new MalformedException("fragments: over " + MAX_BODY_BYTES + " bytes");
    }
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    fragments.write(bytes, 0, bytes.length);
    if (isLast) {
      byte[] whole = fragments.toByteArray();
      fragments.reset();
      onFrame(ctx, new Frame(kind, frame.from(), frame.group(), ByteBuffer.wrap(whole)));
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    logger.debug("peer connection {} failed", ctx.channel().remoteAddress(), cause);
    ctx.close();
  }
}
