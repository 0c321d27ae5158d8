package heartwood.resp.netty;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;

/** A buffer in which only the first bytes may be looked at: who reads the rest fails. */
final class UnreadableBuffer extends UnpooledDirectByteBuf {
  private final int readable;

  UnreadableBuffer(byte[] head, int tailBytes) {
    super(UnpooledByteBufAllocator.DEFAULT, head.length + tailBytes, head.length + tailBytes);
    writeBytes(head);
    readable = head.length + Long.BYTES;
  }

  @Override
  protected byte _getByte(int index) {
    return super._getByte(requireReadable(index));
  }

  @Override
  protected long _getLongLE(int index) {
    return super._getLongLE(requireReadable(index));
  }

  @Override
  public int indexOf(int fromIndex, int toIndex, byte value) {
    return super.indexOf(fromIndex, requireReadable(toIndex), value);
  }

  private int requireReadable(int index) {
    if (index > readable) {
      throw new AssertionError("looked at byte " + index + " of an argument");
    }
    return index;
  }
}
