package heartwood.storage.version;

import heartwood.storage.Past;
import heartwood.storage.history.ChangeList;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The changes of a range of revisions: those in the tables, then those of the overlays. Confined to
 * the thread of its layers.
 */
final class ListedChanges implements Past.Changes {
  private final Layers layers;
  private final long after;
  private final long to;

  /** Null when the tables have nothing of the range, or nothing more. */
  private ChangeList.@Nullable Reader tables;

  private @Nullable Overlay overlay;

  /** The change of the overlay where this stands. */
  private int at;

  private boolean isClosed;

  ListedChanges(Layers layers, ChangeList changeList, long after, long to) {
    this.layers = layers;
    this.after = after;
    this.to = to;
    if (after < layers.tablesRevision()) {
      tables = changeList.reader(layers.reader(), after, layers.tablesRevision());
    } else {
      enterOverlays();
    }
    layers.cursorOpened();
  }

  @Override
  public boolean next() {
    layers.visit();
    ChangeList.Reader inTables = tables;
    if (inTables != null) {
      if (inTables.next()) {
        return inTables.revision() <= to;
      }
      inTables.close();
      tables = null;
      enterOverlays();
    }
    while (overlay != null) {
      at++;
      OverlayLog log = layers.log(overlay);
      if (at < log.changeCount()) {
        return log.changeRevision(at) <= to;
      }
      enter(overlay == layers.active() ? null : layers.active());
    }
    return false;
  }

  private void enterOverlays() {
    Overlay sealed = layers.sealed();
    enter(sealed == null ? layers.active() : sealed);
  }

  /** Stands before the first change that was not shown yet. */
  private void enter(@Nullable Overlay next) {
    overlay = next;
    if (next != null) {
      at = layers.log(next).firstChangeAfter(Math.max(after, layers.tablesRevision())) - 1;
    }
  }

  private Overlay requireOverlay() {
    Overlay present = overlay;
    if (present == null) {
      throw new IllegalStateException("the walk stands on no change");
    }
    return present;
  }

  @Override
  public long revision() {
    return tables != null ? tables.revision() : layers.log(requireOverlay()).changeRevision(at);
  }

  @Override
  public int operation() {
    return tables != null ? tables.operation() : layers.log(requireOverlay()).changeOperation(at);
  }

  @Override
  public ByteBuffer key() {
    if (tables != null) {
      return tables.key();
    }
    Overlay present = requireOverlay();
    return present.key(layers.log(present).changeRow(at));
  }

  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      if (tables != null) {
        tables.close();
        tables = null;
      }
      overlay = null;
      layers.cursorClosed();
    }
  }
}
