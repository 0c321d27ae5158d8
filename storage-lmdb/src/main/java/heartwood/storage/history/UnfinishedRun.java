package heartwood.storage.history;

import heartwood.storage.ChecksummedRow;
import heartwood.storage.Table;
import heartwood.storage.TablesView;
import heartwood.storage.TablesWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The run of a checkpoint of which some slices are committed and the last one is not. One row of
 * the table {@code runs}, framed by {@link ChecksummedRow}, big endian:
 *
 * <pre>
 *   "unfinished"   slot(4)
 * </pre>
 *
 * <p>Stateless.
 */
final class UnfinishedRun {
  private static final String NAME = "unfinished";
  private static final byte VERSION = 1;

  private UnfinishedRun() {}

  /** Names it among the runs that a transaction sees; those that count begin with 1. */
  static final long ID = 0;

  /** -1 when there is none. */
  static int slot(TablesView view, Table table) {
    ByteBuffer row = view.get(table, key());
    return row == null ? -1 : ChecksummedRow.decode(NAME, VERSION, row).getInt();
  }

  static void put(TablesWriter writer, Table table, int slot) {
    byte[] body = ByteBuffer.allocate(4).putInt(0, slot).array();
    writer.put(table, key(), ByteBuffer.wrap(ChecksummedRow.encode(NAME, VERSION, body)));
  }

  static void delete(TablesWriter writer, Table table) {
    writer.delete(table, key());
  }

  private static ByteBuffer key() {
    return ByteBuffer.wrap(NAME.getBytes(StandardCharsets.UTF_8));
  }
}
