package heartwood.storage.lmdb;

import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.TablesReader;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Cursor;
import org.lmdbjava.LmdbException;
import org.lmdbjava.Txn;

/** A read transaction. Confined to one thread at a time. */
final class LmdbReader implements TablesReader {
  private final Txn<ByteBuffer> txn;
  private final Runnable onClose;
  private final KeyBuffer keyBuffer = new KeyBuffer();

  /** The cursor last closed, kept because most scans are short and a new one costs more. */
  private @Nullable Cursor<ByteBuffer> idleCursor;

  private @Nullable Table idleCursorTable;
  private boolean isClosed;

  LmdbReader(Txn<ByteBuffer> txn, Runnable onClose) {
    this.txn = txn;
    this.onClose = onClose;
  }

  @Override
  public @Nullable ByteBuffer get(Table table, ByteBuffer key) {
    return get(txn, table, keyBuffer.of(key));
  }

  /**
   * LMDB's pages are mapped read-only: a write to them would be a crash, so the buffer forbids it.
   */
  static @Nullable ByteBuffer get(Txn<ByteBuffer> txn, Table table, ByteBuffer directKey) {
    try {
      ByteBuffer value = ((LmdbTables.LmdbTable) table).dbi().get(txn, directKey);
      return value == null ? null : value.asReadOnlyBuffer();
    } catch (LmdbException e) {
      throw LmdbEnvironment.translated(e, "get from " + table.name());
    }
  }

  @Override
  public TableCursor cursor(Table table) {
    Cursor<ByteBuffer> cursor = idleCursor;
    if (cursor != null && idleCursorTable == table) {
      idleCursor = null;
    } else {
      cursor = ((LmdbTables.LmdbTable) table).dbi().openCursor(txn);
    }
    return new LmdbCursor(cursor, keyBuffer, returned -> keep(table, returned));
  }

  private void keep(Table table, Cursor<ByteBuffer> returned) {
    dropIdleCursor();
    idleCursor = returned;
    idleCursorTable = table;
  }

  private void dropIdleCursor() {
    if (idleCursor != null) {
      idleCursor.close();
      idleCursor = null;
    }
  }

  @Override
  public void renew() {
    dropIdleCursor();
    txn.reset();
    txn.renew();
  }

  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      dropIdleCursor();
      txn.close();
      onClose.run();
    }
  }
}
