package heartwood.storage.history;

import java.util.List;

/**
 * Which runs to merge: neighbours of one level, so that ranges of deaths stay apart and each
 * version is written anew only once a level. Stateless.
 *
 * <pre>
 *   level   2    1 1 1   0 0 0 0 0 0 0 0         eight of a level become one of the next,
 *           oldest                 youngest      unless that would be too large to be dropped soon
 * </pre>
 */
final class RunPolicy {
  static final int FAN_IN = 8;

  /** A merged run is not larger than this, or than a sixteenth of all. */
  private static final long MIN_LIMIT_BYTES = 256L << 20;

  private static final int LARGEST_SHARE = 16;

  /** So many runs are too many, whatever their size. */
  static final int CROWDED = RunTables.SLOTS - 2 * FAN_IN;

  private RunPolicy() {}

  /** Neighbours that are to become one run; empty when all is well. */
  static List<Run> choose(RunList list) {
    List<Run> runs = list.runs();
    long limit = Math.max(MIN_LIMIT_BYTES, list.byteCount() / LARGEST_SHARE);
    int best = -1;
    long bestBytes = Long.MAX_VALUE;
    boolean isCrowded = runs.size() >= CROWDED;
    for (int i = 0; i + FAN_IN <= runs.size(); i++) {
      List<Run> window = runs.subList(i, i + FAN_IN);
      long bytes = window.stream().mapToLong(Run::byteCount).sum();
      int level = window.get(0).level();
      boolean isOneLevel = window.stream().allMatch(run -> run.level() == level);
      if (bytes < bestBytes && (isCrowded || (isOneLevel && bytes <= limit))) {
        best = i;
        bestBytes = bytes;
      }
    }
    return best < 0 ? List.of() : List.copyOf(runs.subList(best, best + FAN_IN));
  }
}
