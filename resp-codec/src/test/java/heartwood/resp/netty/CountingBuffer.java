package heartwood.resp.netty;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;

/** A buffer that counts over how many bytes it was searched. */
final class CountingBuffer extends UnpooledHeapByteBuf {
  long bytesSearched;

  CountingBuffer() {
    super(UnpooledByteBufAllocator.DEFAULT, 256, Integer.MAX_VALUE);
  }

  @Override
  public int indexOf(int fromIndex, int toIndex, byte value) {
    bytesSearched += toIndex - fromIndex;
    return super.indexOf(fromIndex, toIndex, value);
  }
}
