package heartwood.storage.history;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Packs versions into blocks: in the order of their keys, and of their deaths where keys are equal.
 *
 * <pre>
 *   for each version:
 *     shared(varint)   bytes of the key that it has in common with the version before, here
 *     rest(varint)     bytes of the key behind those
 *     key              ...
 *     died(varint)     the revision that ended it
 *     age(varint)      died - born
 *     length(varint)   of the value
 *     value            ...
 *   a varint: seven bits a byte, the low ones first, the top bit says that more follow
 * </pre>
 *
 * <p>Confined to one thread.
 */
final class Block {
  /**
   * LMDB gives a value above half a page pages of its own: a block fills one, with its header and
   * the row's checksum.
   */
  static final int TARGET_BYTES = 4076;

  /** The greatest length of the numbers in front of one version. */
  private static final int MAX_HEADER_BYTES = 5 + 5 + 10 + 10 + 5;

  private byte[] bytes = new byte[2 * TARGET_BYTES];
  private int length;

  private byte[] lastKey = new byte[0];
  private byte[] firstKey = new byte[0];
  private long firstDied;

  boolean isEmpty() {
    return length == 0;
  }

  /** Whether a version can join without making the block larger than a page holds. */
  boolean hasRoomFor(byte[] key, ByteBuffer value) {
    int atMost = MAX_HEADER_BYTES + key.length + value.remaining();
    return length == 0 || length + atMost <= TARGET_BYTES;
  }

  /** Adds a version behind the last one. The key may not be changed afterwards. */
  void add(byte[] key, long born, long died, ByteBuffer value) {
    int atMost = MAX_HEADER_BYTES + key.length + value.remaining();
    if (bytes.length - length < atMost) {
      bytes = Arrays.copyOf(bytes, length + atMost);
    }
    int shared = 0;
    if (length == 0) {
      firstKey = key;
      firstDied = died;
    } else {
      int mismatch = Arrays.mismatch(lastKey, key);
      shared = mismatch < 0 ? key.length : mismatch;
    }
    lastKey = key;
    length = Varint.put(bytes, length, shared);
    length = Varint.put(bytes, length, key.length - shared);
    System.arraycopy(key, shared, bytes, length, key.length - shared);
    length += key.length - shared;
    length = Varint.put(bytes, length, died);
    length = Varint.put(bytes, length, died - born);
    length = Varint.put(bytes, length, value.remaining());
    value.get(value.position(), bytes, length, value.remaining());
    length += value.remaining();
  }

  byte[] firstKey() {
    return firstKey;
  }

  long firstDied() {
    return firstDied;
  }

  /** The bytes of the block; valid until the next {@link #add}. */
  ByteBuffer bytes() {
    return ByteBuffer.wrap(bytes, 0, length);
  }

  void clear() {
    length = 0;
    if (bytes.length > 64 * TARGET_BYTES) {
      bytes = new byte[2 * TARGET_BYTES];
    }
  }
}
