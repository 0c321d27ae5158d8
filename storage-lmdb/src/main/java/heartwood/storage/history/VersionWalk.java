package heartwood.storage.history;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the versions of one row through the runs, the youngest first; stands before the first
 * when new. Confined to one thread.
 */
public final class VersionWalk implements AutoCloseable {
  private final RunReader runs;
  private final byte[] key;
  private final long keyHash;
  private final long from;
  private final long to;

  private int run;
  private @Nullable RunCursor cursor;

  VersionWalk(RunReader runs, byte[] key, long keyHash, long from, long to) {
    this.runs = runs;
    this.key = key;
    this.keyHash = keyHash;
    this.from = from;
    this.to = to;
    this.run = runs.youngest() + 1;
  }

  /** To the next older version; false when there is none that was seen at {@code from} or later. */
  public boolean next() {
    RunCursor present = cursor;
    boolean on = present != null && present.previous() && isOfKey(present);
    while (!on) {
      close();
      run = runs.olderWith(run, keyHash, from);
      if (run < 0) {
        return false;
      }
      present = runs.openCursorOf(run);
      cursor = present;
      on = toYoungest(present);
    }
    return requireOn().died() > from;
  }

  /** The youngest version born by {@code to}: the one seen then, or the last that died before. */
  private boolean toYoungest(RunCursor entered) {
    boolean isSeen =
        entered.seek(key, to == Long.MAX_VALUE ? to : to + 1)
            && isOfKey(entered)
            && entered.version().born() <= to;
    return isSeen
        || (entered.seekBefore(key, to == Long.MAX_VALUE ? to : to + 1) && isOfKey(entered));
  }

  private boolean isOfKey(RunCursor on) {
    return on.version().compareTo(key) == 0;
  }

  private BlockReader requireOn() {
    if (cursor == null) {
      throw new IllegalStateException("the walk stands on no version");
    }
    return cursor.version();
  }

  public long born() {
    return requireOn().born();
  }

  public long died() {
    return requireOn().died();
  }

  /** Read-only; valid until the next move. */
  public ByteBuffer value() {
    return requireOn().value();
  }

  @Override
  public void close() {
    if (cursor != null) {
      cursor.close();
      cursor = null;
    }
  }
}
