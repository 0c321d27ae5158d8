package heartwood.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * The frame of every row of a {@code meta} table: a format version and a checksum.
 *
 * <pre>
 *   0         1              5
 *   +---------+--------------+----------
 *   | version | CRC-32C      | body ...        big endian
 *   +---------+--------------+----------
 *             of the row's name (UTF-8), the version and the body
 * </pre>
 *
 * <p>Stateless.
 */
public final class ChecksummedRow {
  private static final int HEADER_BYTES = 5;

  private ChecksummedRow() {}

  public static byte[] encode(String name, byte version, byte[] body) {
    return ByteBuffer.allocate(HEADER_BYTES + body.length)
        .put(version)
        .putInt(crc(name, version, body))
        .put(body)
        .array();
  }

  /**
   * The body of a row, as a buffer of its own.
   *
   * @throws StorageException.Corrupt when the checksum does not hold
   * @throws StorageException when the version is not the one expected
   */
  public static ByteBuffer decode(String name, byte expectedVersion, ByteBuffer row) {
    if (row.remaining() < HEADER_BYTES) {
      throw new StorageException.Corrupt(
          "row " + name + ": " + row.remaining() + " bytes (expected: 5 or more)");
    }
    ByteBuffer source = row.duplicate();
    byte version = source.get();
    int crc = source.getInt();
    byte[] body = new byte[source.remaining()];
    source.get(body);
    if (crc != crc(name, version, body)) {
      throw new StorageException.Corrupt("row " + name + ": checksum does not hold");
    }
    if (version != expectedVersion) {
      throw new StorageException(
          "row " + name + ": format version " + version + " (expected: " + expectedVersion + ")");
    }
    return ByteBuffer.wrap(body);
  }

  private static int crc(String name, byte version, byte[] body) {
    CRC32C crc = new CRC32C();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    crc.update(version);
    crc.update(body);
    return (int) crc.getValue();
  }
}
