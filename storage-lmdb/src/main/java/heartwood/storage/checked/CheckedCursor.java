package heartwood.storage.checked;

import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import java.nio.ByteBuffer;

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
    isChecked = false;
    return cursor.first();
  }

  @Override
  public boolean last() {
    isChecked = false;
    return cursor.last();
  }

  @Override
  public boolean seek(ByteBuffer key) {
    isChecked = false;
    return cursor.seek(key);
  }

  @Override
  public boolean seekBefore(ByteBuffer key) {
    isChecked = false;
    return cursor.seekBefore(key);
  }

  @Override
  public boolean next() {
    isChecked = false;
    return cursor.next();
  }

  @Override
  public boolean previous() {
    isChecked = false;
    return cursor.previous();
  }

  @Override
  public ByteBuffer key() {
    ByteBuffer key = cursor.key();
    if (!isChecked) {
      check(key, cursor.value());
    }
    return key;
  }

  @Override
  public ByteBuffer value() {
    ByteBuffer row = cursor.value();
    if (!isChecked) {
      check(cursor.key(), row);
    }
    return RowChecksum.valueOf(row);
  }

  private void check(ByteBuffer key, ByteBuffer row) {
    checksum.require(table, key, row);
    isChecked = true;
  }

  @Override
  public void close() {
    cursor.close();
  }
}
