package heartwood.storage.checked;

import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.TablesReader;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A read transaction that checks what it reads. Confined to one thread at a time. */
final class CheckedReader implements TablesReader {
  private final TablesReader reader;
  private final RowChecksum checksum = new RowChecksum();

  CheckedReader(TablesReader reader) {
    this.reader = reader;
  }

  @Override
  public @Nullable ByteBuffer get(Table table, ByteBuffer key) {
    ByteBuffer row = reader.get(table, key);
    if (row == null) {
      return null;
    }
    checksum.require(table, key, row);
    return RowChecksum.valueOf(row);
  }

  @Override
  public TableCursor cursor(Table table) {
    return new CheckedCursor(table, reader.cursor(table), checksum);
  }

  @Override
  public void renew() {
    reader.renew();
  }

  @Override
  public void close() {
    reader.close();
  }
}
