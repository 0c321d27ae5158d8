package heartwood.storage.version;

import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.Tables;
import heartwood.storage.TablesView;
import heartwood.storage.TablesWriter;
import java.nio.ByteBuffer;

/**
 * What the slices of an unfinished checkpoint have overwritten. After a crash between two of them
 * the rows are put back: {@link UnfinishedCheckpoint}. The table {@code undo}:
 *
 * <pre>
 *   raw key → born(8) value     the row as it was
 *   raw key → (nothing)         there was none
 * </pre>
 *
 * <p>A version that went to the run of the checkpoint stands there and not here.
 *
 * <p>Confined to the thread that writes.
 */
final class UndoTable {
  private static final ByteBuffer ABSENT = ByteBuffer.allocate(0);

  private final Table table;

  UndoTable(Tables tables) {
    this.table = tables.open("undo");
  }

  /** Notes what a row was, in the order of keys; null: it was not there. */
  void append(TablesWriter writer, byte[] key, ByteBuffer row) {
    writer.append(table, ByteBuffer.wrap(key), row);
  }

  void appendAbsent(TablesWriter writer, byte[] key) {
    writer.append(table, ByteBuffer.wrap(key), ABSENT);
  }

  /** The checkpoint is whole. */
  void clear(TablesWriter writer) {
    writer.clear(table);
  }

  /** Puts back what the slices have overwritten. */
  void putBack(TablesWriter writer, Table current) {
    try (TableCursor rows = writer.cursor(table)) {
      for (boolean on = rows.first(); on; on = rows.next()) {
        if (rows.value().hasRemaining()) {
          writer.put(current, rows.key(), rows.value());
        } else {
          writer.delete(current, rows.key());
        }
      }
    }
  }

  boolean isEmpty(TablesView view) {
    try (TableCursor rows = view.cursor(table)) {
      return !rows.first();
    }
  }
}
