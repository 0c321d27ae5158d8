package heartwood.storage.checked;

import heartwood.storage.StorageException;
import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.Tables;
import heartwood.storage.TablesReader;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Checks all rows of all tables, a slice at a time: each slice reads one commit, so that no pages
 * are held back for long. What is written behind its back in a table that it is through with, it
 * does not see.
 *
 * <p>Confined to one thread.
 */
public final class RowWalk {
  /** A slice looks at the clock when it has read so much. */
  private static final long BYTES_PER_LOOK = 64 << 10;

  /** What a row takes beside key and value, about: those that are empty take time too. */
  private static final int ROW_BYTES = 16;

  private final Tables tables;
  private final Consumer<StorageException.DamagedRow> onDamage;
  private final RowChecksum checksum = new RowChecksum();
  private final List<String> names;
  private final Map<String, Long> rowsByTable = new TreeMap<>();

  /** Of the table under way and its next row. */
  private int nameAt;

  private byte[] next = {};
  private long rows;
  private long bytes;

  /**
   * @param tables as they lie, their checksums in their values
   * @param onDamage hears of each row that is not as it was written; if it throws, the walk stands
   *     still there
   */
  public RowWalk(Tables tables, Consumer<StorageException.DamagedRow> onDamage) {
    this.tables = tables;
    this.onDamage = onDamage;
    this.names = tables.names();
  }

  /** Checks every row of some tables; returns how many each has. */
  public static Map<String, Long> all(
      Tables tables, Consumer<StorageException.DamagedRow> onDamage) {
    RowWalk walk = new RowWalk(tables, onDamage);
    while (walk.step(Long.MAX_VALUE, Long.MAX_VALUE)) {}
    return walk.rowsByTable();
  }

  /**
   * Goes on for a while, in one table; false when all rows were checked.
   *
   * @param maxBytes of keys and values, about: a row more may be of any size
   * @param maxNanos about
   */
  public boolean step(long maxBytes, long maxNanos) {
    if (nameAt == names.size()) {
      return false;
    }
    Table table = tables.open(names.get(nameAt));
    try (TablesReader reader = tables.read();
        TableCursor cursor = reader.cursor(table)) {
      if (!walk(table, cursor, maxBytes, maxNanos)) {
        nameAt++;
        next = new byte[0];
      }
    }
    return nameAt < names.size();
  }

  /** False at the end of the table. */
  private boolean walk(Table table, TableCursor cursor, long maxBytes, long maxNanos) {
    long began = System.nanoTime();
    long from = bytes;
    long lookAt = from + BYTES_PER_LOOK;
    boolean isOn = next.length == 0 ? cursor.first() : cursor.seek(ByteBuffer.wrap(next));
    for (; isOn; isOn = cursor.next()) {
      ByteBuffer key = cursor.key();
      if (bytes - from >= maxBytes || (bytes >= lookAt && System.nanoTime() - began >= maxNanos)) {
        next = copyOf(key);
        return true;
      }
      lookAt = bytes >= lookAt ? bytes + BYTES_PER_LOOK : lookAt;
      ByteBuffer row = cursor.value();
      if (!checksum.holds(key, row)) {
        next = copyOf(key);
        onDamage.accept(new StorageException.DamagedRow(table.name(), key));
      }
      rows++;
      bytes += key.remaining() + row.remaining() + ROW_BYTES;
      rowsByTable.merge(table.name(), 1L, Long::sum);
    }
    return false;
  }

  private static byte[] copyOf(ByteBuffer key) {
    byte[] copy = new byte[key.remaining()];
    key.get(key.position(), copy);
    return copy;
  }

  /** How many rows were looked at. */
  public long rows() {
    return rows;
  }

  /** How many bytes those take, about. */
  public long bytes() {
    return bytes;
  }

  /** The table under way; the last one at the end. */
  public String table() {
    return names.isEmpty() ? "" : names.get(Math.min(nameAt, names.size() - 1));
  }

  /** How many rows were looked at of each table that has some. */
  public Map<String, Long> rowsByTable() {
    return Collections.unmodifiableMap(rowsByTable);
  }
}
