package heartwood.storage.history;

import heartwood.storage.KeyRange;
import java.nio.ByteBuffer;

/**
 * Walks over those rows of a run that were seen at a revision. Every move says whether it stands on
 * one within a range; an empty key is no bound. Confined to one thread.
 */
public final class RunWalk implements AutoCloseable {
  /** So many neighbours are passed one by one before a search is cheaper. */
  private static final int STEPS = 4;

  private final RunCursor cursor;
  private final long revision;
  private final KeyRange range;

  RunWalk(RunCursor cursor, long revision, KeyRange range) {
    this.cursor = cursor;
    this.revision = revision;
    this.range = range;
  }

  /** To the first row whose key is not below the one given. */
  public boolean seek(byte[] key) {
    return toVisible(key.length == 0 ? cursor.first() : cursor.seek(key, revision + 1));
  }

  public boolean next() {
    return toVisible(passKey());
  }

  private boolean toVisible(boolean isOnVersion) {
    boolean on = isOnVersion;
    while (on && isBelowEnd()) {
      if (cursor.version().died() <= revision) {
        on = toDeathAfter();
      } else if (cursor.version().born() <= revision) {
        return true;
      } else {
        on = passKey();
      }
    }
    return false;
  }

  /** To the first version of this key that died after the revision, or to a later key. */
  private boolean toDeathAfter() {
    byte[] key = cursor.version().copyOfKey();
    for (int i = 0; i < STEPS; i++) {
      if (!cursor.next()) {
        return false;
      }
      if (cursor.version().compareTo(key) != 0 || cursor.version().died() > revision) {
        return true;
      }
    }
    return cursor.seek(key, revision + 1);
  }

  private boolean passKey() {
    byte[] key = cursor.version().copyOfKey();
    for (int i = 0; i < STEPS; i++) {
      if (!cursor.next()) {
        return false;
      }
      if (cursor.version().compareTo(key) != 0) {
        return true;
      }
    }
    return cursor.seek(key, Long.MAX_VALUE);
  }

  /** To the last row whose key is below the one given. */
  public boolean seekBefore(byte[] key) {
    return toVisibleBefore(key.length == 0 ? cursor.last() : cursor.seekBefore(key, 0));
  }

  public boolean previous() {
    return toVisibleBefore(cursor.seekBefore(cursor.version().copyOfKey(), 0));
  }

  private boolean toVisibleBefore(boolean isOnVersion) {
    boolean on = isOnVersion;
    while (on && isAboveBegin()) {
      byte[] key = cursor.version().copyOfKey();
      if (cursor.seek(key, revision + 1)
          && cursor.version().compareTo(key) == 0
          && cursor.version().born() <= revision) {
        return true;
      }
      on = cursor.seekBefore(key, 0);
    }
    return false;
  }

  private boolean isBelowEnd() {
    return range.to().length == 0 || cursor.version().compareTo(range.to()) < 0;
  }

  private boolean isAboveBegin() {
    return cursor.version().compareTo(range.from()) >= 0;
  }

  /** Valid until the next move. */
  public ByteBuffer key() {
    return cursor.version().key();
  }

  public long born() {
    return cursor.version().born();
  }

  /** Read-only; valid until the next move. */
  public ByteBuffer value() {
    return cursor.version().value();
  }

  @Override
  public void close() {
    cursor.close();
  }
}
