package heartwood.storage.version;

import heartwood.storage.KeyRange;
import java.nio.ByteBuffer;
import java.util.function.LongUnaryOperator;

/**
 * Walks over an overlay at a revision, also while its writer goes on: rows younger than the
 * revision are passed over, and when rows have moved the cursor finds its place anew by its key.
 *
 * <p>Confined to one thread, which need not be the overlay's.
 */
final class OverlayCursor implements RowSource {
  private final Overlay overlay;
  private final OrderedIndex index;
  private final long revision;
  private final KeyRange range;

  /** Where the cursor stands; holds while the index's sequence is the one noted. */
  private long place = OrderedIndex.NOWHERE;

  private long sequence;
  private int row;
  private int version;

  OverlayCursor(Overlay overlay, OrderedIndex index, long revision, KeyRange range) {
    this.overlay = overlay;
    this.index = index;
    this.revision = revision;
    this.range = range;
  }

  @Override
  public boolean seek(byte[] key) {
    return stand(key.length == 0 ? ignored -> index.first() : ignored -> index.ceiling(key))
        && toVisible(true);
  }

  @Override
  public boolean seekBefore(byte[] key) {
    return stand(key.length == 0 ? ignored -> index.last() : ignored -> index.below(key))
        && toVisible(false);
  }

  @Override
  public boolean next() {
    return step(true) && toVisible(true);
  }

  @Override
  public boolean previous() {
    return step(false) && toVisible(false);
  }

  private boolean toVisible(boolean forward) {
    for (; ; ) {
      version = overlay.versionAt(row, revision);
      if (version != Overlay.NONE) {
        return true;
      }
      if (!range.isAhead(key(), forward) || !step(forward)) {
        return false;
      }
    }
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
