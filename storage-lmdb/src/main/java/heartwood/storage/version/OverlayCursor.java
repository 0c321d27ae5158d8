package heartwood.storage.version;

import java.nio.ByteBuffer;
import java.util.function.LongUnaryOperator;

/**
 * Walks over an overlay at a revision, also while its writer goes on: rows younger than the
 * revision are not visible, and when rows have moved the cursor finds its place anew by its key.
 *
 * <p>Confined to one thread, which need not be the overlay's.
 */
final class OverlayCursor implements RowSource {
  private final Overlay overlay;
  private final OrderedIndex index;
  private final long revision;

  /** Where the cursor stands; holds while the index's sequence is the one noted. */
  private long place = OrderedIndex.NOWHERE;

  private long sequence;
  private int row;
  private int version;

  OverlayCursor(Overlay overlay, OrderedIndex index, long revision) {
    this.overlay = overlay;
    this.index = index;
    this.revision = revision;
  }

  @Override
  public boolean seek(byte[] key) {
    return look(stand(key.length == 0 ? ignored -> index.first() : ignored -> index.ceiling(key)));
  }

  @Override
  public boolean seekBefore(byte[] key) {
    return look(stand(key.length == 0 ? ignored -> index.last() : ignored -> index.below(key)));
  }

  @Override
  public boolean next() {
    return look(step(true));
  }

  @Override
  public boolean previous() {
    return look(step(false));
  }

  private boolean look(boolean isOnRow) {
    version = isOnRow ? overlay.versionAt(row, revision) : Overlay.NONE;
    return isOnRow;
  }

  @Override
  public boolean isVisible() {
    return version != Overlay.NONE;
  }

  private boolean step(boolean forward) {
    int from = row;
    long noted = sequence;
    return stand(
        now -> {
          // Keys are never removed: if rows moved, the key is still there, elsewhere.
          long at = now == noted ? place : index.ceiling(overlay.keyBytes(from));
          return forward ? index.after(at) : index.before(at);
        });
  }

  /** Takes a place from the index, again and again until the index did not change meanwhile. */
  private boolean stand(LongUnaryOperator find) {
    for (; ; ) {
      long now = index.stableSequence();
      try {
        long found = find.applyAsLong(now);
        int foundRow = found == OrderedIndex.NOWHERE ? 0 : index.row(found);
        if (index.isUnchanged(now)) {
          place = found;
          row = foundRow;
          sequence = now;
          return found != OrderedIndex.NOWHERE;
        }
      } catch (IndexOutOfBoundsException e) {
        if (index.isUnchanged(now)) {
          throw e;
        }
      }
    }
  }

  @Override
  public ByteBuffer key() {
    return overlay.key(row);
  }

  @Override
  public boolean isDeletion() {
    return overlay.isDeletion(version);
  }

  @Override
  public long born() {
    return overlay.born(version);
  }

  @Override
  public ByteBuffer value() {
    return overlay.value(version);
  }

  int row() {
    return row;
  }

  int version() {
    return version;
  }

  /** Born revision and value, as the row lies in the table {@code current}. */
  ByteBuffer bornAndValue() {
    return overlay.bornAndValue(version);
  }

  @Override
  public void close() {}
}
