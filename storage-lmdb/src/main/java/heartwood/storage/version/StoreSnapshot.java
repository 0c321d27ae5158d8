package heartwood.storage.version;

import heartwood.storage.Cursor;
import heartwood.storage.ReadTxn;
import heartwood.storage.Row;
import org.jspecify.annotations.Nullable;

/**
 * The state as it was at one revision, for long reads beside the apply thread. Keeps memory and
 * pages of the tables from being used anew until it is closed.
 *
 * <p>Confined to one thread at a time.
 */
public final class StoreSnapshot implements ReadTxn, AutoCloseable {
  private final long revision;
  private final Layers layers;
  private final Runnable onClose;

  StoreSnapshot(long revision, Layers layers, Runnable onClose) {
    this.revision = revision;
    this.layers = layers;
    this.onClose = onClose;
  }

  /** The last revision that shows. */
  public long revision() {
    return revision;
  }

  @Override
  public @Nullable Row get(byte[] key) {
    return layers.get(key);
  }

  @Override
  public Cursor scan(byte[] from, byte[] to) {
    return layers.scan(from, to, true, null);
  }

  @Override
  public Cursor scanReverse(byte[] from, byte[] to) {
    return layers.scan(from, to, false, null);
  }

  @Override
  public void close() {
    layers.requireNoCursor();
    layers.close();
    onClose.run();
  }
}
