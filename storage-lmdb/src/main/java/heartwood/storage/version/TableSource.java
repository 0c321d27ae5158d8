package heartwood.storage.version;

import heartwood.storage.KeyRange;
import heartwood.storage.TableCursor;
import java.nio.ByteBuffer;

/**
 * The lowest layer: the rows of the table {@code current}, but for those that are younger than a
 * revision. Confined to one thread.
 */
final class TableSource implements RowSource {
  private final TableCursor cursor;
  private final long revision;
  private final KeyRange range;

  TableSource(TableCursor cursor, long revision, KeyRange range) {
    this.cursor = cursor;
    this.revision = revision;
    this.range = range;
  }

  @Override
  public boolean seek(byte[] key) {
    return toOld(key.length == 0 ? cursor.first() : cursor.seek(ByteBuffer.wrap(key)), true);
  }

  @Override
  public boolean seekBefore(byte[] key) {
    return toOld(key.length == 0 ? cursor.last() : cursor.seekBefore(ByteBuffer.wrap(key)), false);
  }

  @Override
  public boolean next() {
    return toOld(cursor.next(), true);
  }

  @Override
  public boolean previous() {
    return toOld(cursor.previous(), false);
  }

  private boolean toOld(boolean isOnRow, boolean isForward) {
    boolean on = isOnRow;
    while (on && revision != Long.MAX_VALUE && born() > revision) {
      on =
          range.isAhead(cursor.key(), isForward) && (isForward ? cursor.next() : cursor.previous());
    }
    return on;
  }

  @Override
  public ByteBuffer key() {
    return cursor.key();
  }

  @Override
  public boolean isDeletion() {
    return false;
  }

  @Override
  public long born() {
    return CurrentRow.born(cursor.value());
  }

  @Override
  public ByteBuffer value() {
    return CurrentRow.value(cursor.value());
  }

  @Override
  public void close() {
    cursor.close();
  }
}
