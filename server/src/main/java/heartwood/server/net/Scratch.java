package heartwood.server.net;

import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;
import heartwood.resp.netty.ByteBufReplySink;
import heartwood.server.dispatch.DispatchedClient;
import heartwood.server.dispatch.ReplyScratch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** One reply at a time, on the heap. Confined to its event loop. */
final class Scratch implements ReplyScratch {
  private static final int KEPT_BYTES = 1 << 20;

  private final ClientSink sink = new ClientSink();

  /** Asks the client for its protocol anew with each value. */
  private static final class ClientSink extends ByteBufReplySink {
    private @Nullable DispatchedClient client;

    ClientSink() {
      super(newBuffer(), RespVersion.RESP2);
    }

    @Override
    public RespVersion version() {
      return client == null ? super.version() : client.version();
    }
  }

  @Override
  public ReplySink begin(DispatchedClient client) {
    if (sink.buffer().capacity() > KEPT_BYTES) {
      sink.buffer(newBuffer());
    }
    sink.buffer().clear();
    sink.client = client;
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
