package heartwood.storage.version;

import heartwood.storage.Cursor;
import heartwood.storage.Row;
import heartwood.storage.Store;
import heartwood.storage.WriteTxn;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The writes of one revision, over the committed layers. Confined to the apply thread. */
final class VersionedWriteTxn implements WriteTxn {
  private final VersionedStore store;
  private final Layers layers;
  private final RedoBuffer redo;
  private final long revision;
  private final int operation;
  private boolean isOver;

  VersionedWriteTxn(
      VersionedStore store, Layers layers, RedoBuffer redo, long revision, int operation) {
    this.store = store;
    this.layers = layers;
    this.redo = redo;
    this.revision = revision;
    this.operation = operation;
  }

  @Override
  public long revision() {
    return revision;
  }

  @Override
  public @Nullable Row get(byte[] key) {
    requireOpen();
    int at = redo.find(key);
    if (at < 0) {
      return layers.get(key);
    }
    byte[] value = redo.value(at);
    return value == null ? null : new Row(revision, ByteBuffer.wrap(value).asReadOnlyBuffer());
  }

  @Override
  public Cursor scan(byte[] from, byte[] to) {
    return scan(from, to, true);
  }

  @Override
  public Cursor scanReverse(byte[] from, byte[] to) {
    return scan(from, to, false);
  }

  private Cursor scan(byte[] from, byte[] to, boolean isForward) {
    requireOpen();
    return layers.scan(from, to, isForward, redo.rowCount() == 0 ? null : redo.sorted(revision));
  }

  @Override
  public void put(byte[] key, byte[] value) {
    put(key, value, true);
  }

  @Override
  public void put(byte[] key, byte[] value, boolean isFormerKept) {
    requireWritable(key);
    redo.put(key, value, isFormerKept);
  }

  @Override
  public void delete(byte[] key) {
    delete(key, true);
  }

  @Override
  public void delete(byte[] key, boolean isFormerKept) {
    requireWritable(key);
    if (layers.get(key) != null) {
      redo.delete(key, isFormerKept);
    } else if (redo.find(key) >= 0) {
      redo.cancel(key);
    }
  }

  @Override
  public void forget(byte[] key) {
    requireWritable(key);
    if (layers.get(key) != null) {
      redo.forget(key);
    } else if (redo.find(key) >= 0) {
      redo.cancel(key);
    }
  }

  @Override
  public void commit() {
    requireOpen();
    layers.requireNoCursor();
    isOver = true;
    store.commit(redo, revision, operation);
  }

  @Override
  public void close() {
    if (!isOver) {
      isOver = true;
      store.discard(redo);
    }
  }

  private void requireWritable(byte[] key) {
    requireOpen();
    layers.requireNoCursor();
    if (key.length < 1 || key.length > Store.MAX_KEY_BYTES) {
      throw new IllegalArgumentException(
          "key: " + key.length + " bytes (expected: 1.." + Store.MAX_KEY_BYTES + ")");
    }
  }

  private void requireOpen() {
    if (isOver) {
      throw new IllegalStateException("the transaction is over");
    }
  }
}
