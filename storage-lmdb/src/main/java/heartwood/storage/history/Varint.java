package heartwood.storage.history;

/**
 * Numbers in as few bytes as they need: seven bits a byte, the low ones first; the top bit says
 * that more follow. Stateless.
 */
final class Varint {
  static final int MAX_BYTES = 10;

  private Varint() {}

  /** Writes a number that is taken as unsigned; returns where it ends. */
  static int put(byte[] target, int offset, long value) {
    int position = offset;
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      target[position++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    target[position++] = (byte) rest;
    return position;
  }

  /** Where the number at an offset ends; -1 when it does not end before the limit. */
  static int end(byte[] source, int offset, int limit) {
    int last = Math.min(limit, offset + MAX_BYTES);
    for (int i = offset; i < last; i++) {
      if (source[i] >= 0) {
        return i + 1;
      }
    }
    return -1;
  }

  /** The number at an offset, which {@link #end} has found to be whole. */
  static long get(byte[] source, int offset) {
    long value = 0;
    int shift = 0;
    for (int i = offset; ; i++) {
      value |= (source[i] & 0x7fL) << shift;
      if (source[i] >= 0) {
        return value;
      }
      shift += 7;
    }
  }
}
