package heartwood.server.keyspace;

/**
 * Redis Cluster's map from keys to its 16384 slots: CRC-16/XMODEM of the key, or of its hash tag,
 * which is what stands between the first <code>{</code> and the next <code>}</code> if that is not
 * empty. Stateless and thread-safe.
 */
public final class Slots {
  public static final int COUNT = 16384;

  private static final char[] TABLE = new char[256];

  static {
    for (int i = 0; i < TABLE.length; i++) {
      int crc = i << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
      }
      TABLE[i] = (char) crc;
    }
  }

  private Slots() {}

  /** The slot of a key, 0 to 16383. */
  public static int slotOf(byte[] key) {
    return slotOf(key, 0, key.length);
  }

  /** The slot of a key that lies in a larger array. */
  public static int slotOf(byte[] array, int offset, int length) {
    int end = offset + length;
    for (int open = offset; open < end; open++) {
      if (array[open] == '{') {
        for (int close = open + 1; close < end; close++) {
          if (array[close] == '}') {
            return close == open + 1
                ? crc16(array, offset, end) & COUNT - 1
                : crc16(array, open + 1, close) & COUNT - 1;
          }
        }
        break;
      }
    }
    return crc16(array, offset, end) & COUNT - 1;
  }

  private static int crc16(byte[] array, int from, int to) {
    int crc = 0;
    for (int i = from; i < to; i++) {
      crc = (crc << 8 ^ TABLE[(crc >>> 8 ^ array[i]) & 0xff]) & 0xffff;
    }
    return crc;
  }
}
