package heartwood.storage.version;

import heartwood.storage.TableCursor;
import java.nio.ByteBuffer;

/**
 * The rows of the table {@code current}; those that are younger than a revision are not visible.
 * Confined to one thread.
 */
final class TableSource implements RowSource {
  private final TableCursor cursor;
  private final long revision;

  TableSource(TableCursor cursor, long revision) {
    this.cursor = cursor;
    this.revision = revision;
  }

  @Override
  public boolean seek(byte[] key) {
    return key.length == 0 ? cursor.first() : cursor.seek(ByteBuffer.wrap(key));
  }

  @Override
  public boolean seekBefore(byte[] key) {
    return key.length == 0 ? cursor.last() : cursor.seekBefore(ByteBuffer.wrap(key));
  }

  @Override
  public boolean next() {
    return cursor.next();
  }

  @Override
  public boolean previous() {
    return cursor.previous();
  }

  @Override
  public boolean isVisible() {
    return revision == Long.MAX_VALUE || born() <= revision;
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
