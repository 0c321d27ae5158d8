package heartwood.storage.checked;

import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A walk that checks the rows that are looked at: once each, however often, and those not that are
 * only passed. Confined to the thread of its transaction.
 */
final class CheckedCursor implements TableCursor {
  private final Table table;
  private final TableCursor cursor;
  private final RowChecksum checksum;

  /** The row here was looked at. */
  private boolean isChecked;

  /** Its value, if nobody has it yet: most ask for the key and then for the value. */
  private @Nullable ByteBuffer unclaimed;

  /**
   * @param checksum the transaction's
   */
  CheckedCursor(Table table, TableCursor cursor, RowChecksum checksum) {
    this.table = table;
    this.cursor = cursor;
    this.checksum = checksum;
  }

  @Override
  public boolean first() {
    moved();
    return cursor.first();
  }

  @Override
  public boolean last() {
    moved();
    return cursor.last();
  }

  @Override
  public boolean seek(ByteBuffer key) {
    moved();
    return cursor.seek(key);
  }

  @Override
  public boolean seekBefore(ByteBuffer key) {
    moved();
    return cursor.seekBefore(key);
  }

  @Override
  public boolean next() {
    moved();
    return cursor.next();
  }

  @Override
  public boolean previous() {
    moved();
    return cursor.previous();
  }

  @Override
  public ByteBuffer key() {
    ByteBuffer key = cursor.key();
    if (!isChecked) {
      unclaimed = checked(key);
    }
    return key;
  }

  @Override
  public ByteBuffer value() {
    if (!isChecked) {
      return checked(cursor.key());
    }
    ByteBuffer value = unclaimed;
    unclaimed = null;
    return value != null ? value : RowChecksum.valueOf(cursor.value());
  }

  private ByteBuffer checked(ByteBuffer key) {
    ByteBuffer row = cursor.value();
    checksum.require(table, key, row);
    isChecked = true;
    return RowChecksum.valueOf(row);
  }

  /** Stands elsewhere. */
  private void moved() {
    isChecked = false;
    unclaimed = null;
  }

  @Override
  public void close() {
    cursor.close();
  }
}
