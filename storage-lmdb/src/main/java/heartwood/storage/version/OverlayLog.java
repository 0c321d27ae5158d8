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

  private long[] stampMillis = new long[16];
  private long[] stampRevisions = new long[16];
  private long[] stampWrittenBytes = new long[16];
  private int stampCount;

  private long[] changeRevisions = new long[16];

  /** Row number and, in the low 16 bits, the operation. */
  private long[] changes = new long[16];

  private int changeCount;

  /** An entry has ended; of a stamp that is not before the last one. */
  void addStamp(long stamp, long revision, long writtenBytes) {
    if (stampCount == 0 || stampMillis[stampCount - 1] != stamp) {
      if (stampCount == stampMillis.length) {
        stampMillis = Arrays.copyOf(stampMillis, 2 * stampCount);
        stampRevisions = Arrays.copyOf(stampRevisions, 2 * stampCount);
        stampWrittenBytes = Arrays.copyOf(stampWrittenBytes, 2 * stampCount);
      }
      stampCount++;
    }
    stampMillis[stampCount - 1] = stamp;
    stampRevisions[stampCount - 1] = revision;
    stampWrittenBytes[stampCount - 1] = writtenBytes;
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
    return stampCount;
  }

  Stamp stamp(int at) {
    return new Stamp(stampMillis[at], stampRevisions[at], stampWrittenBytes[at]);
  }

  /** The last stamp that is not later than a time; null when all are. */
  @Nullable Stamp atOrBefore(long millis) {
    int at = firstAbove(stampMillis, stampCount, millis) - 1;
    return at < 0 ? null : stamp(at);
  }

  /** The first stamp whose last revision is not before a revision; null when there is none. */
  @Nullable Stamp ofRevision(long revision) {
    int at = firstAbove(stampRevisions, stampCount, revision - 1);
    return at == stampCount ? null : stamp(at);
  }

  /** The first stamp by which so many bytes had been written; null when there is none. */
  @Nullable Stamp firstWritten(long writtenBytes) {
    int at = firstAbove(stampWrittenBytes, stampCount, writtenBytes - 1);
    return at == stampCount ? null : stamp(at);
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
    changeCount = 0;
  }

  long bytes() {
    return 24L * stampMillis.length + 16L * changes.length;
  }
}
