package heartwood.storage.version;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Memory for bytes that are written once and let go together: a few large arrays instead of an
 * object for each piece. A piece is named by an int, its address in units of 8 bytes; 0 names none.
 *
 * <pre>
 *   address   31 ........ 15 14 ....... 0
 *             slab number    offset / 8      a piece larger than a slab has an array of its own
 * </pre>
 *
 * <p>One thread allocates and writes. Others may read a piece whose address was published to them
 * after it was written.
 */
final class Slabs {
  /**
   * A quarter of a MiB: G1 treats an array of half a region (512 KiB) or more as a special case.
   */
  static final int SLAB_BYTES = 1 << 18;

  private static final int UNIT_BITS = 3;
  private static final int OFFSET_BITS = 15;
  private static final int OFFSET_MASK = (1 << OFFSET_BITS) - 1;

  private byte[][] slabs = new byte[16][];

  /** A read-only buffer over each slab, from which values are sliced. */
  private ByteBuffer[] views = new ByteBuffer[16];

  private int slabCount;

  /** Slabs from {@code slabCount} up to here are left from a former use. */
  private int heldCount;

  private int current;
  private int position = SLAB_BYTES;
  private long bytes;

  Slabs() {
    openFirst();
  }

  private void openFirst() {
    openSlab(SLAB_BYTES);
    position = 1 << UNIT_BITS; // Address 0 stays unused.
  }

  /** Forgets all pieces and keeps the memory, but for outsized pieces. Nobody may read any more. */
  void clear() {
    int held = 0;
    for (int i = 0; i < heldCount; i++) {
      if (slabs[i].length == SLAB_BYTES) {
        slabs[held] = slabs[i];
        views[held++] = views[i];
      }
    }
    Arrays.fill(slabs, held, heldCount, null);
    Arrays.fill(views, held, heldCount, null);
    heldCount = held;
    slabCount = 0;
    bytes = 0;
    openFirst();
  }

  /** Room for so many bytes, aligned to 8; what stands there is anything. */
  int allocate(int length) {
    int rounded = (length + 7) & -8;
    if (rounded > SLAB_BYTES) {
      int filling = current;
      int address = openSlab(rounded) << OFFSET_BITS;
      current = filling;
      return address;
    }
    if (position + rounded > SLAB_BYTES) {
      openSlab(SLAB_BYTES);
      position = 0;
    }
    int address = current << OFFSET_BITS | position >>> UNIT_BITS;
    position += rounded;
    return address;
  }

  private int openSlab(int length) {
    if (length != SLAB_BYTES || slabCount == heldCount) {
      if (heldCount == slabs.length) {
        views = Arrays.copyOf(views, heldCount * 2);
        slabs = Arrays.copyOf(slabs, heldCount * 2);
      }
      // One that is left goes behind the others.
      slabs[heldCount] = slabs[slabCount];
      views[heldCount++] = views[slabCount];
      byte[] slab = new byte[length];
      slabs[slabCount] = slab;
      views[slabCount] = ByteBuffer.wrap(slab).asReadOnlyBuffer();
    }
    bytes += length;
    current = slabCount++;
    return current;
  }

  byte[] slab(int address) {
    return slabs[address >>> OFFSET_BITS];
  }

  static int offset(int address) {
    return (address & OFFSET_MASK) << UNIT_BITS;
  }

  /** A read-only buffer over a part of the piece. */
  ByteBuffer view(int address, int from, int length) {
    return views[address >>> OFFSET_BITS].slice(offset(address) + from, length);
  }

  /** Bytes of memory in use. */
  long bytes() {
    return bytes;
  }
}
