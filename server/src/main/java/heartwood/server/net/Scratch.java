package heartwood.server.net;

import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;
import heartwood.resp.netty.ByteBufReplySink;
import heartwood.server.dispatch.ReplyScratch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** One reply at a time, on the heap. Confined to its event loop. */
final class Scratch implements ReplyScratch {
  private static final int KEPT_BYTES = 1 << 20;

  private final ByteBufReplySink sink = new ByteBufReplySink(newBuffer(), RespVersion.RESP2);

  @Override
  public ReplySink begin(RespVersion version) {
    if (sink.buffer().capacity() > KEPT_BYTES) {
      sink.buffer(newBuffer());
    }
    sink.buffer().clear();
    sink.version(version);
    return sink;
  }

  @Override
  public byte[] bytes() {
    return sink.buffer().array();
  }

  @Override
  public int length() {
    return sink.buffer().writerIndex();
  }

  private static ByteBuf newBuffer() {
    return Unpooled.buffer(1024);
  }
}
