package heartwood.storage.version;

import heartwood.storage.Applied;
import heartwood.storage.ChecksummedRow;
import heartwood.storage.StorageException;
import heartwood.storage.Table;
import heartwood.storage.Tables;
import heartwood.storage.TablesReader;
import heartwood.storage.TablesView;
import heartwood.storage.TablesWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code meta} of the state. Each row is framed by {@link ChecksummedRow}; the bodies,
 * big endian:
 *
 * <pre>
 *   "format"    version of all tables (4)
 *   "history"   horizon(8) written bytes(8)
 *   "applied"   index(8) term(8) revision(8) stamp(8) digest(8) configuration ...
 * </pre>
 *
 * <p>Stateless.
 */
final class MetaRows {
  /** 3: every row of every table has a checksum behind its value. */
  private static final int FORMAT = 3;

  /** Of the row format before it had a checksum of that kind. */
  private static final int UNCHECKED_FORMAT_BYTES = 9;

  private static final byte VERSION = 1;
  private static final int APPLIED_FIXED_BYTES = 40;

  private MetaRows() {}

  static void putFormat(TablesWriter writer, Table meta) {
    put(writer, meta, "format", ByteBuffer.allocate(4).putInt(0, FORMAT).array());
  }

  /**
   * Refuses tables from before their rows had checksums: as such they would all count as damaged.
   *
   * @param unchecked as they lie
   * @throws StorageException when they are of such a format
   */
  static void requireChecksums(Tables unchecked) {
    Table meta = unchecked.open("meta");
    try (TablesReader reader = unchecked.read()) {
      ByteBuffer row = reader.get(meta, keyOf("format"));
      if (row != null && row.remaining() == UNCHECKED_FORMAT_BYTES) {
        requireFormat(ChecksummedRow.decode("format", VERSION, row));
      }
    }
  }

  /** False when the tables are new; throws when they are of another format. */
  static boolean hasFormat(TablesView view, Table meta) {
    ByteBuffer body = get(view, meta, "format");
    if (body == null) {
      return false;
    }
    requireFormat(body);
    return true;
  }

  private static void requireFormat(ByteBuffer body) {
    int format = body.getInt();
    if (format != FORMAT) {
      throw new StorageException(
          "state: format version "
              + format
              + " (expected: "
              + FORMAT
              + "): another version of heartwood has written it, and only such a one reads it");
    }
  }

  static void putApplied(TablesWriter writer, Table meta, Applied applied) {
    byte[] body = new byte[APPLIED_FIXED_BYTES + applied.configuration().length];
    ByteBuffer.wrap(body)
        .putLong(applied.index())
        .putLong(applied.term())
        .putLong(applied.revision())
        .putLong(applied.stamp())
        .putLong(applied.digest())
        .put(applied.configuration());
    put(writer, meta, "applied", body);
  }

  static Applied applied(TablesView view, Table meta) {
    ByteBuffer body = get(view, meta, "applied");
    if (body == null) {
      throw new StorageException.Corrupt("row applied: missing");
    }
    long index = body.getLong();
    long term = body.getLong();
    long revision = body.getLong();
    long stamp = body.getLong();
    long digest = body.getLong();
    byte[] configuration = new byte[body.remaining()];
    body.get(configuration);
    return new Applied(index, term, revision, stamp, digest, configuration);
  }

  static void putHistory(TablesWriter writer, Table meta, HistoryMark mark) {
    byte[] body = new byte[16];
    ByteBuffer.wrap(body).putLong(mark.horizon()).putLong(mark.writtenBytes());
    put(writer, meta, "history", body);
  }

  static HistoryMark history(TablesView view, Table meta) {
    ByteBuffer body = get(view, meta, "history");
    return body == null ? HistoryMark.NONE : new HistoryMark(body.getLong(), body.getLong());
  }

  private static void put(TablesWriter writer, Table meta, String name, byte[] body) {
    byte[] row = ChecksummedRow.encode(name, VERSION, body);
    writer.put(meta, keyOf(name), ByteBuffer.wrap(row));
  }

  private static @Nullable ByteBuffer get(TablesView view, Table meta, String name) {
    ByteBuffer row = view.get(meta, keyOf(name));
    return row == null ? null : ChecksummedRow.decode(name, VERSION, row);
  }

  private static ByteBuffer keyOf(String name) {
    return ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8));
  }
}
