package heartwood.storage.history;

import heartwood.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Reads the versions of a {@link Block} one after another. Confined to one thread; what it hands
 * out holds until it moves.
 */
final class BlockReader {
  private byte[] bytes = new byte[Block.TARGET_BYTES];
  private int length;
  private int position;

  private byte[] key = new byte[64];
  private int keyLength;
  private long died;
  private long born;
  private int valueOffset;
  private int valueLength;

  /** Stands before the first version of a block, of which it takes a copy. */
  void open(ByteBuffer block) {
    length = block.remaining();
    if (bytes.length < length || bytes.length > 64 * Block.TARGET_BYTES) {
      bytes = new byte[Math.max(length, Block.TARGET_BYTES)];
    }
    block.get(block.position(), bytes, 0, length);
    position = 0;
    keyLength = 0;
  }

  /** False at the end of the block. */
  boolean next() {
    if (position >= length) {
      return false;
    }
    int shared = (int) varint();
    int rest = (int) varint();
    requireRoom(shared <= keyLength && rest >= 0 && rest <= length - position);
    if (key.length < shared + rest) {
      key = Arrays.copyOf(key, shared + rest);
    }
    System.arraycopy(bytes, position, key, shared, rest);
    keyLength = shared + rest;
    position += rest;
    died = varint();
    born = died - varint();
    valueLength = (int) varint();
    requireRoom(valueLength >= 0 && valueLength <= length - position);
    valueOffset = position;
    position += valueLength;
    return true;
  }

  private long varint() {
    int end = Varint.end(bytes, position, length);
    requireRoom(end > 0);
    long value = Varint.get(bytes, position);
    position = end;
    return value;
  }

  private void requireRoom(boolean hasRoom) {
    if (!hasRoom) {
      throw damaged();
    }
  }

  private StorageException damaged() {
    return new StorageException.Corrupt("block of history: broken at byte " + position);
  }

  /** Negative, 0 or positive: the version stands before, at or behind a key and a death. */
  int compareTo(byte[] otherKey, long otherDied) {
    int order = compareTo(otherKey);
    return order != 0 ? order : Long.compare(died, otherDied);
  }

  int compareTo(byte[] otherKey) {
    return Arrays.compareUnsigned(key, 0, keyLength, otherKey, 0, otherKey.length);
  }

  int compareTo(BlockReader other) {
    int order = Arrays.compareUnsigned(key, 0, keyLength, other.key, 0, other.keyLength);
    return order != 0 ? order : Long.compare(died, other.died);
  }

  boolean beginsWith(byte[] beginning) {
    return keyLength >= beginning.length
        && Arrays.equals(key, 0, beginning.length, beginning, 0, beginning.length);
  }

  byte[] copyOfKey() {
    return Arrays.copyOf(key, keyLength);
  }

  ByteBuffer key() {
    return ByteBuffer.wrap(key, 0, keyLength).asReadOnlyBuffer();
  }

  long died() {
    return died;
  }

  long born() {
    return born;
  }

  /** Read-only, big endian. */
  ByteBuffer value() {
    return ByteBuffer.wrap(bytes, valueOffset, valueLength).slice().asReadOnlyBuffer();
  }
}
