package heartwood.storage.version;

import heartwood.storage.history.StampList.Stamp;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What an overlay remembers in the order of time: the stamps of its entries, and which listed rows
 * each revision wrote. Confined to the apply thread until the overlay is sealed, then unchanged.
 */
final class OverlayLog {
  private static final int OPERATION_BITS = 16;

  // The stamps but for the last one, which more entries may have.
  private long[] stampMillis = new long[16];
  private long[] stampRevisions = new long[16];
  private long[] stampWrittenBytes = new long[16];
  private int stampCount;
  private @Nullable Stamp lastStamp;

  private long[] changeRevisions = new long[16];

  /** Row number and, in the low 16 bits, the operation. */
  private long[] changes = new long[16];

  private int changeCount;

  OverlayLog() {}

  private OverlayLog(OverlayLog present) {
    stampMillis = present.stampMillis;
    stampRevisions = present.stampRevisions;
    stampWrittenBytes = present.stampWrittenBytes;
    stampCount = present.stampCount;
    lastStamp = present.lastStamp;
    changeRevisions = present.changeRevisions;
    changes = present.changes;
    changeCount = present.changeCount;
  }

  /**
   * What is remembered by now, for any thread: what is added later goes behind it in the same
   * arrays, or to others. Valid until {@link #clear}.
   */
  OverlayLog frozen() {
    return new OverlayLog(this);
  }

  /** An entry has ended; of a stamp that is not before the last one. */
  void addStamp(long stamp, long revision, long writtenBytes) {
    Stamp before = lastStamp;
    if (before != null && before.stampMillis() != stamp) {
      if (stampCount == stampMillis.length) {
        stampMillis = Arrays.copyOf(stampMillis, 2 * stampCount);
        stampRevisions = Arrays.copyOf(stampRevisions, 2 * stampCount);
        stampWrittenBytes = Arrays.copyOf(stampWrittenBytes, 2 * stampCount);
      }
      stampMillis[stampCount] = before.stampMillis();
      stampRevisions[stampCount] = before.revision();
      stampWrittenBytes[stampCount] = before.writtenBytes();
      stampCount++;
    }
    lastStamp = new Stamp(stamp, revision, writtenBytes);
  }

  void addChange(long revision, int operation, int row) {
    if (changeCount == changes.length) {
      changeRevisions = Arrays.copyOf(changeRevisions, 2 * changeCount);
      changes = Arrays.copyOf(changes, 2 * changeCount);
    }
    changeRevisions[changeCount] = revision;
    changes[changeCount] = (long) row << OPERATION_BITS | operation;
    changeCount++;
  }

  int changeCount() {
    return changeCount;
  }

  long changeRevision(int at) {
    return changeRevisions[at];
  }

  int changeOperation(int at) {
    return (int) changes[at] & ((1 << OPERATION_BITS) - 1);
  }

  int changeRow(int at) {
    return (int) (changes[at] >>> OPERATION_BITS);
  }

  /** The first change of a later revision. */
  int firstChangeAfter(long revision) {
    return firstAbove(changeRevisions, changeCount, revision);
  }

  int stampCount() {
    return lastStamp == null ? 0 : stampCount + 1;
  }

  Stamp stamp(int at) {
    Stamp last = lastStamp;
    if (at == stampCount && last != null) {
      return last;
    }
    return new Stamp(stampMillis[at], stampRevisions[at], stampWrittenBytes[at]);
  }

  /** The last stamp that is not later than a time; null when all are. */
  @Nullable Stamp atOrBefore(long millis) {
    Stamp last = lastStamp;
    if (last != null && last.stampMillis() <= millis) {
      return last;
    }
    int at = firstAbove(stampMillis, stampCount, millis) - 1;
    return at < 0 ? null : stamp(at);
  }

  /** The first stamp whose last revision is not before a revision; null when there is none. */
  @Nullable Stamp ofRevision(long revision) {
    int at = firstAbove(stampRevisions, stampCount, revision - 1);
    Stamp last = lastStamp;
    boolean isLater = at == stampCount && (last == null || last.revision() < revision);
    return isLater ? null : stamp(at);
  }

  /** The first stamp by which so many bytes had been written; null when there is none. */
  @Nullable Stamp firstWritten(long writtenBytes) {
    int at = firstAbove(stampWrittenBytes, stampCount, writtenBytes - 1);
    Stamp last = lastStamp;
    boolean isBeyond = at == stampCount && (last == null || last.writtenBytes() < writtenBytes);
    return isBeyond ? null : stamp(at);
  }

  /** Where the first number above a limit stands in an ascending list. */
  private static int firstAbove(long[] numbers, int count, long limit) {
    int from = 0;
    int to = count;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (numbers[middle] > limit) {
        to = middle;
      } else {
        from = middle + 1;
      }
    }
    return from;
  }

  void clear() {
    stampCount = 0;
    lastStamp = null;
    changeCount = 0;
  }

  long bytes() {
    return 24L * stampMillis.length + 16L * changes.length;
  }
}
