package heartwood.storage.lmdb;

import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.TablesWriter;
import java.nio.ByteBuffer;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Cursor;
import org.lmdbjava.GetOp;
import org.lmdbjava.LmdbException;
import org.lmdbjava.PutFlags;
import org.lmdbjava.Txn;

/**
 * The write transaction. Keeps a cursor on each table written to: LMDB looks at the page where it
 * stands before it descends from the root, which makes writes in key order cheap.
 *
 * <p>Confined to the thread that began it.
 */
final class LmdbWriter implements TablesWriter {
  private final Txn<ByteBuffer> txn;
  private final Runnable onClose;
  private final KeyBuffer keyBuffer = new KeyBuffer();
  private final IdentityHashMap<Table, Cursor<ByteBuffer>> cursors = new IdentityHashMap<>();

  /** The one used last, to find it without a search. */
  private @Nullable Table cursorTable;

  private @Nullable Cursor<ByteBuffer> cursor;
  private boolean isClosed;

  LmdbWriter(Txn<ByteBuffer> txn, Runnable onClose) {
    this.txn = txn;
    this.onClose = onClose;
  }

  /** With the cursor that writes: a put of the same key finds it standing there. */
  @Override
  public @Nullable ByteBuffer get(Table table, ByteBuffer key) {
    try {
      Cursor<ByteBuffer> on = cursorOn(table);
      return on.get(keyBuffer.of(key), GetOp.MDB_SET) ? on.val().asReadOnlyBuffer() : null;
    } catch (LmdbException e) {
      throw LmdbEnvironment.translated(e, "get from " + table.name());
    }
  }

  @Override
  public TableCursor cursor(Table table) {
    requireOpen();
    return new LmdbCursor(
        ((LmdbTables.LmdbTable) table).dbi().openCursor(txn), keyBuffer, Cursor::close);
  }

  @Override
  public void put(Table table, ByteBuffer key, ByteBuffer value) {
    try {
      reserve(table, key, value);
    } catch (LmdbException e) {
      throw LmdbEnvironment.translated(e, "put to " + table.name());
    }
  }

  @Override
  public void append(Table table, ByteBuffer key, ByteBuffer value) {
    try {
      reserve(table, key, value, PutFlags.MDB_APPEND);
    } catch (LmdbException e) {
      throw LmdbEnvironment.translated(e, "append to " + table.name());
    }
  }

  /** Reserved room is LMDB's own page: the value is copied once. */
  private void reserve(Table table, ByteBuffer key, ByteBuffer value, PutFlags... flags) {
    int length = value.remaining();
    ByteBuffer room = cursorOn(table).reserve(keyBuffer.of(key), length, flags);
    room.put(0, value, value.position(), length);
  }

  @Override
  public boolean delete(Table table, ByteBuffer key) {
    try {
      Cursor<ByteBuffer> on = cursorOn(table);
      boolean found = on.get(keyBuffer.of(key), GetOp.MDB_SET);
      if (found) {
        on.delete();
      }
      return found;
    } catch (LmdbException e) {
      throw LmdbEnvironment.translated(e, "delete from " + table.name());
    }
  }

  @Override
  public void clear(Table table) {
    requireOpen();
    closeCursors();
    try {
      ((LmdbTables.LmdbTable) table).dbi().drop(txn);
    } catch (LmdbException e) {
      throw LmdbEnvironment.translated(e, "clear " + table.name());
    }
  }

  @Override
  public void commit() {
    requireOpen();
    closeCursors();
    try {
      txn.commit();
    } catch (LmdbException e) {
      throw LmdbEnvironment.translated(e, "commit");
    } finally {
      close();
    }
  }

  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      closeCursors();
      txn.close();
      onClose.run();
    }
  }

  private Cursor<ByteBuffer> cursorOn(Table table) {
    requireOpen();
    Cursor<ByteBuffer> on = cursor;
    if (on == null || cursorTable != table) {
      on =
          cursors.computeIfAbsent(
              table, absent -> ((LmdbTables.LmdbTable) absent).dbi().openCursor(txn));
      cursorTable = table;
      cursor = on;
    }
    return on;
  }

  private void closeCursors() {
    cursors.values().forEach(Cursor::close);
    cursors.clear();
    cursor = null;
  }

  private void requireOpen() {
    if (isClosed) {
      throw new IllegalStateException("the transaction is over");
    }
  }
}
