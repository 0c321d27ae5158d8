package heartwood.storage.history;

import java.nio.ByteBuffer;

/**
 * Walks over the rows of a run, looking for what was seen at a revision. Every move says whether it
 * stands on a row, and {@link #isVisible} whether that was seen: whoever merges this with others
 * knows how far it is worth to go on. An empty key is no bound. Confined to one thread.
 */
public final class RunWalk implements AutoCloseable {
  /** So many neighbours are passed one by one before a search is cheaper. */
  private static final int STEPS = 4;

  private final RunCursor cursor;
  private final long revision;
  private byte[] key = new byte[0];
  private boolean isVisible;

  RunWalk(RunCursor cursor, long revision) {
    this.cursor = cursor;
    this.revision = revision;
  }

  /** To the first row whose key is not below the one given. */
  public boolean seek(byte[] from) {
    return stand(from.length == 0 ? cursor.first() : cursor.seek(from, revision + 1));
  }

  /** To the row behind, which may have the same key: a later version of it. */
  public boolean next() {
    boolean isOver = cursor.version().died() <= revision;
    return stand(pass(isOver ? revision + 1 : Long.MAX_VALUE));
  }

  private boolean stand(boolean isOnVersion) {
    if (isOnVersion) {
      BlockReader version = cursor.version();
      key = version.copyOfKey();
      isVisible = version.born() <= revision && version.died() > revision;
    }
    return isOnVersion;
  }

  /** To the first version of this key that died so late, or to a later key. */
  private boolean pass(long died) {
    for (int i = 0; i < STEPS; i++) {
      if (!cursor.next()) {
        return false;
      }
      if (cursor.version().compareTo(key) != 0 || cursor.version().died() >= died) {
        return true;
      }
    }
    return cursor.seek(key, died);
  }

  /** To the last row whose key is below the one given. */
  public boolean seekBefore(byte[] to) {
    return standBefore(to.length == 0 ? cursor.last() : cursor.seekBefore(to, 0));
  }

  /** To the row before, of another key. */
  public boolean previous() {
    return standBefore(cursor.seekBefore(key, 0));
  }

  private boolean standBefore(boolean isOnVersion) {
    if (isOnVersion) {
      key = cursor.version().copyOfKey();
      isVisible =
          cursor.seek(key, revision + 1)
              && cursor.version().compareTo(key) == 0
              && cursor.version().born() <= revision;
    }
    return isOnVersion;
  }

  /** Whether the row where this stands was seen at the revision. */
  public boolean isVisible() {
    return isVisible;
  }

  /** The row's key; valid until the next move. */
  public ByteBuffer key() {
    return ByteBuffer.wrap(key).asReadOnlyBuffer();
  }

  /** The revision that wrote a visible row. */
  public long born() {
    return cursor.version().born();
  }

  /** Of a visible row: read-only; valid until the next move. */
  public ByteBuffer value() {
    return cursor.version().value();
  }

  @Override
  public void close() {
    cursor.close();
  }
}
