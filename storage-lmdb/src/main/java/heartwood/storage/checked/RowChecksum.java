package heartwood.storage.checked;

import heartwood.storage.StorageException;
import heartwood.storage.Table;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The checksum of a row, behind its value:
 *
 * <pre>
 *   0           n         n + 4
 *   +-----------+---------+
 *   | value ... | CRC-32C |      of the key and the value; big endian
 *   +-----------+---------+
 * </pre>
 *
 * <p>Processors have an instruction for it, and Java uses that on LMDB's pages as they lie: no copy
 * is made. Confined to one thread.
 */
final class RowChecksum {
  static final int BYTES = 4;

  private final CRC32C crc = new CRC32C();

  /** Of a row to be written. No buffer moves. */
  int of(ByteBuffer key, byte[] value, int length) {
    addFirst(key);
    crc.update(value, 0, length);
    return (int) crc.getValue();
  }

  /** Whether a row is as it was written. No buffer moves. */
  boolean holds(ByteBuffer key, ByteBuffer row) {
    int from = row.position();
    int limit = row.limit();
    int end = limit - BYTES;
    if (end < from) {
      return false;
    }
    addFirst(key);
    crc.update(row.limit(end));
    row.limit(limit).position(from);
    return row.getInt(end) == (int) crc.getValue();
  }

  private void addFirst(ByteBuffer key) {
    int from = key.position();
    crc.reset();
    crc.update(key);
    key.position(from);
  }

  /**
   * @throws StorageException.DamagedRow when a row is not as it was written
   */
  void require(Table table, ByteBuffer key, ByteBuffer row) {
    if (!holds(key, row)) {
      throw new StorageException.DamagedRow(table.name(), key);
    }
  }

  /** The value of a row; of the same buffer. */
  static ByteBuffer valueOf(ByteBuffer row) {
    return row.limit(row.limit() - BYTES);
  }
}
