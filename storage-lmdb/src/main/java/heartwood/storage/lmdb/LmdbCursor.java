package heartwood.storage.lmdb;

import heartwood.storage.TableCursor;
import java.nio.ByteBuffer;
import org.lmdbjava.Cursor;
import org.lmdbjava.GetOp;
import org.lmdbjava.LmdbException;

/** Walks over an LMDB table. Confined to the thread of its transaction. */
final class LmdbCursor implements TableCursor {
  private final Cursor<ByteBuffer> cursor;
  private final KeyBuffer keyBuffer = new KeyBuffer();
  private boolean isClosed;

  LmdbCursor(Cursor<ByteBuffer> cursor) {
    this.cursor = cursor;
  }

  @Override
  public boolean first() {
    return move(cursor::first);
  }

  @Override
  public boolean last() {
    return move(cursor::last);
  }

  @Override
  public boolean seek(ByteBuffer key) {
    return move(() -> cursor.get(keyBuffer.of(key), GetOp.MDB_SET_RANGE));
  }

  @Override
  public boolean seekBefore(ByteBuffer key) {
    return move(
        () -> cursor.get(keyBuffer.of(key), GetOp.MDB_SET_RANGE) ? cursor.prev() : cursor.last());
  }

  @Override
  public boolean next() {
    return move(cursor::next);
  }

  @Override
  public boolean previous() {
    return move(cursor::prev);
  }

  @Override
  public ByteBuffer key() {
    return cursor.key().asReadOnlyBuffer();
  }

  @Override
  public ByteBuffer value() {
    return cursor.val().asReadOnlyBuffer();
  }

  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      cursor.close();
    }
  }

  private interface Move {
    boolean make();
  }

  private static boolean move(Move move) {
    try {
      return move.make();
    } catch (LmdbException e) {
      throw LmdbEnvironment.translated(e, "move a cursor");
    }
  }
}
