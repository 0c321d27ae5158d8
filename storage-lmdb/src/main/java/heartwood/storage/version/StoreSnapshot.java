package heartwood.storage.version;

import heartwood.storage.Cursor;
import heartwood.storage.Past;
import heartwood.storage.ReadTxn;
import heartwood.storage.Row;
import org.jspecify.annotations.Nullable;

/**
 * The state as it was at one revision, with its past, for long reads beside the apply thread. Keeps
 * memory and pages of the tables from being used anew until it is closed; the store cannot be
 * closed before.
 *
 * <p>Confined to one thread at a time.
 */
public final class StoreSnapshot implements ReadTxn, AutoCloseable {
  private final long revision;
  private final Layers layers;
  private final Past past;
  private final Runnable onClose;

  StoreSnapshot(long revision, Layers layers, Past past, Runnable onClose) {
    this.revision = revision;
    this.layers = layers;
    this.past = past;
    this.onClose = onClose;
  }

  /** The last revision that shows. */
  public long revision() {
    return revision;
  }

  /** What was before, as far as it was remembered when the snapshot was taken. */
  public Past past() {
    return past;
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
