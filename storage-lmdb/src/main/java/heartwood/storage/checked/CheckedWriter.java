package heartwood.storage.checked;

import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.TablesWriter;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The write transaction, which adds checksums. Confined to the thread that began it. */
final class CheckedWriter implements TablesWriter {
  private static final int USUAL_BYTES = 4096;
  private static final int MAX_KEPT_BYTES = 1 << 20;

  private final TablesWriter writer;
  private final RowChecksum checksum = new RowChecksum();

  /** Where a value is copied to, to stand before its checksum. */
  private ByteBuffer row = ByteBuffer.allocate(USUAL_BYTES);

  CheckedWriter(TablesWriter writer) {
    this.writer = writer;
  }

  @Override
  public void put(Table table, ByteBuffer key, ByteBuffer value) {
    writer.put(table, key, row(key, value));
  }

  @Override
  public void append(Table table, ByteBuffer key, ByteBuffer value) {
    writer.append(table, key, row(key, value));
  }

  private ByteBuffer row(ByteBuffer key, ByteBuffer value) {
    int length = value.remaining();
    int needed = length + RowChecksum.BYTES;
    boolean isTooLarge = row.capacity() > MAX_KEPT_BYTES && needed <= MAX_KEPT_BYTES;
    if (row.capacity() < needed || isTooLarge) {
      row = ByteBuffer.allocate(Math.max(needed, USUAL_BYTES));
    }
    row.clear();
    value.get(value.position(), row.array(), 0, length);
    return row.putInt(length, checksum.of(key, row.array(), length)).limit(needed);
  }

  @Override
  public @Nullable ByteBuffer get(Table table, ByteBuffer key) {
    ByteBuffer found = writer.get(table, key);
    if (found == null) {
      return null;
    }
    checksum.require(table, key, found);
    return RowChecksum.valueOf(found);
  }

  @Override
  public TableCursor cursor(Table table) {
    return new CheckedCursor(table, writer.cursor(table), checksum);
  }

  @Override
  public boolean delete(Table table, ByteBuffer key) {
    return writer.delete(table, key);
  }

  @Override
  public void clear(Table table) {
    writer.clear(table);
  }

  @Override
  public void commit() {
    writer.commit();
  }

  @Override
  public void close() {
    writer.close();
  }
}
