package heartwood.storage.lmdb;

import heartwood.storage.StorageException;
import heartwood.storage.Tables;
import java.nio.ByteBuffer;

/** The off-heap place from which LMDB reads a key. Confined to one thread at a time. */
final class KeyBuffer {
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(Tables.MAX_KEY_BYTES);

  /** The key's bytes; valid until the next call. */
  ByteBuffer of(ByteBuffer key) {
    int length = key.remaining();
    if (length < 1 || length > Tables.MAX_KEY_BYTES) {
      throw new StorageException("key: " + length + " bytes (expected: 1..511)");
    }
    return buffer.limit(length).put(0, key, key.position(), length);
  }
}
