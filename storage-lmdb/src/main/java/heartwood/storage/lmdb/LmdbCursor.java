package heartwood.storage.lmdb;

import heartwood.storage.TableCursor;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.lmdbjava.Cursor;
import org.lmdbjava.GetOp;
import org.lmdbjava.LmdbException;

/** Walks over an LMDB table. Confined to the thread of its transaction. */
final class LmdbCursor implements TableCursor {
  private final Cursor<ByteBuffer> cursor;
  private final KeyBuffer keyBuffer;
  private final Consumer<Cursor<ByteBuffer>> onClose;
  private boolean isClosed;

  /**
   * @param keyBuffer the transaction's; LMDB reads it only while a move is made
   * @param onClose takes LMDB's cursor back, to close it or to use it again
   */
  LmdbCursor(Cursor<ByteBuffer> cursor, KeyBuffer keyBuffer, Consumer<Cursor<ByteBuffer>> onClose) {
    this.cursor = cursor;
    this.keyBuffer = keyBuffer;
    this.onClose = onClose;
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
      onClose.accept(cursor);
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
