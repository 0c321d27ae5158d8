package heartwood.resp.netty;

import heartwood.resp.Request;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Objects;

/**
 * The one request of a connection, used again and again: where each argument lies in the buffer,
 * and no object per argument. Confined to the decoder's thread.
 */
final class RequestView implements Request {
  private static final int INITIAL_SPANS = 2 * 8;
  private static final int LARGEST_KEPT_SPANS = 2 * 1024;

  /** The buffer that holds the arguments; not retained. */
  private ByteBuf source = Unpooled.EMPTY_BUFFER;

  /** The index in {@code source} at which the request begins. */
  private int start;

  /** Offset from {@code start} and length of argument i, at 2i and 2i + 1; grows as they arrive. */
  private int[] spans = new int[INITIAL_SPANS];

  private int count;

  void clear() {
    count = 0;
    source = Unpooled.EMPTY_BUFFER;
    if (spans.length > LARGEST_KEPT_SPANS) {
      spans = new int[INITIAL_SPANS];
    }
  }

  void add(int offset, int length) {
    int index = 2 * count;
    if (index == spans.length) {
      spans = Arrays.copyOf(spans, 2 * spans.length);
    }
    spans[index] = offset;
    spans[index + 1] = length;
    count++;
  }

  /** Only now the offsets have a buffer: until the last byte is here, the caller may move it. */
  void locate(ByteBuf source, int start) {
    this.source = source;
    this.start = start;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public int length(int argument) {
    return spans[2 * Objects.checkIndex(argument, count) + 1];
  }

  @Override
  public byte byteAt(int argument, int position) {
    return source.getByte(offset(argument) + Objects.checkIndex(position, length(argument)));
  }

  @Override
  public void copyTo(int argument, byte[] target, int offset) {
    source.getBytes(offset(argument), target, offset, length(argument));
  }

  private int offset(int argument) {
    return start + spans[2 * Objects.checkIndex(argument, count)];
  }
}
