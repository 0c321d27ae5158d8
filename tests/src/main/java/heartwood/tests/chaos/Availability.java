package heartwood.tests.chaos;

import heartwood.tests.history.Operation;
import heartwood.tests.history.Outcome;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** For how long nobody could write. Stateless. */
final class Availability {
  private Availability() {}

  /** When writes succeeded, whoever sent them, in order. */
  static long[] writeEnds(List<Operation> operations) {
    return operations.stream()
        .filter(op -> op.outcome() == Outcome.OK && !op.kind().isRead())
        .mapToLong(Operation::completeNanos)
        .sorted()
        .toArray();
  }

  /**
   * The longest time without any success that ended, or was not over, in an interval; what of it
   * lies before the interval's beginning does not count.
   */
  static long longestGapNanos(long[] writeEnds, long fromNanos, long untilNanos) {
    int found = Arrays.binarySearch(writeEnds, fromNanos);
    long last = fromNanos;
    long longest = 0;
    for (int i = found < 0 ? -1 - found : found; i < writeEnds.length; i++) {
      if (writeEnds[i] > untilNanos) {
        return Math.max(longest, untilNanos - last);
      }
      longest = Math.max(longest, writeEnds[i] - last);
      last = writeEnds[i];
    }
    return longest;
  }

  /** A percentile as text; empty if there are no values. */
  static String percentile(LongStream values, int percent) {
    long[] sorted = values.sorted().toArray();
    if (sorted.length == 0) {
      return "";
    }
    return Long.toString(sorted[(int) Math.ceil((sorted.length - 1) * percent / 100.0)]);
  }
}
