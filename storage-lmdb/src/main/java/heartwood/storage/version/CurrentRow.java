package heartwood.storage.version;

import heartwood.storage.StorageException;
import java.nio.ByteBuffer;

/**
 * A row of the table {@code current}, under its raw key. The format version of all of them stands
 * once, in the row {@code format} of the table {@code meta}.
 *
 * <pre>
 *   0          8
 *   +----------+-----------
 *   | born     | value ...       born: the revision that wrote it, big endian
 *   +----------+-----------
 * </pre>
 *
 * <p>Its checksum is that of every row: {@link heartwood.storage.checked.CheckedTables}. Stateless.
 */
final class CurrentRow {
  static final int HEADER_BYTES = 8;

  private CurrentRow() {}

  static ByteBuffer of(long born, ByteBuffer value) {
    ByteBuffer row = ByteBuffer.allocate(HEADER_BYTES + value.remaining());
    return row.putLong(born).put(value.duplicate()).flip();
  }

  static long born(ByteBuffer row) {
    return requireWhole(row).getLong(row.position());
  }

  /** Moves the buffer to its value. */
  static ByteBuffer value(ByteBuffer row) {
    return requireWhole(row).position(row.position() + HEADER_BYTES);
  }

  private static ByteBuffer requireWhole(ByteBuffer row) {
    if (row.remaining() < HEADER_BYTES) {
      throw new StorageException.Corrupt(
          "row of current: " + row.remaining() + " bytes (expected: 8 or more)");
    }
    return row;
  }
}
