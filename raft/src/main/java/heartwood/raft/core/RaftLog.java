package heartwood.raft.core;

import java.util.Map;
import java.util.TreeMap;

/**
 * The shape of the log without its payloads: which term each entry has, and about how many bytes.
 * Confined to the core.
 *
 * <p>Terms only rise along the log, so a table of the first index of each term tells the term of
 * any entry. Sizes are kept for entries that were appended since start; older ones count as the
 * average of the log that was found.
 *
 * <p>Invariant: {@code baseIndex <= lastIndex}.
 */
public final class RaftLog {
  /** Index of the last entry that compaction forgot; 0: none. */
  private long baseIndex;

  private long baseTerm;
  private long lastIndex;

  /** First index of each term that has an entry after the base. */
  private final TreeMap<Long, Long> termByFirstIndex = new TreeMap<>();

  private final SizeRing sizes;

  /**
   * @param termByFirstIndex the term of each entry after the base that differs from the one before
   *     it, by index; the first entry after the base included
   * @param averageBytes what an entry that was there before counts as when a message is filled
   */
  public RaftLog(
      long baseIndex,
      long baseTerm,
      long lastIndex,
      Map<Long, Long> termByFirstIndex,
      int averageBytes) {
    this.baseIndex = baseIndex;
    this.baseTerm = baseTerm;
    this.lastIndex = lastIndex;
    this.termByFirstIndex.putAll(termByFirstIndex);
    this.sizes = new SizeRing(averageBytes);
    sizes.reset(lastIndex + 1);
  }

  public static RaftLog empty() {
    return new RaftLog(0, 0, 0, Map.of(), 0);
  }

  long baseIndex() {
    return baseIndex;
  }

  long lastIndex() {
    return lastIndex;
  }

  long lastTerm() {
    return termAt(lastIndex);
  }

  boolean holds(long index) {
    return index >= baseIndex && index <= lastIndex;
  }

  /** The term of an entry between base and last, both included. */
  long termAt(long index) {
    if (index == baseIndex) {
      return baseTerm;
    }
    if (!holds(index)) {
      throw new InvariantViolation(
          "log index: " + index + " (expected: " + baseIndex + ".." + lastIndex + ")");
    }
    return termByFirstIndex.floorEntry(index).getValue();
  }

  /** Whether the entry (index, term) stands here, the base included. */
  boolean matches(long index, long term) {
    return holds(index) && termAt(index) == term;
  }

  /** Whether a log that ends with (index, term) is at least as up to date (Raft §5.4.1). */
  boolean isUpToDate(long otherLastIndex, long otherLastTerm) {
    return otherLastTerm > lastTerm()
        || (otherLastTerm == lastTerm() && otherLastIndex >= lastIndex);
  }

  void append(long index, long term, int bytes) {
    if (index != lastIndex + 1) {
      throw new InvariantViolation(
          "appended index: " + index + " (expected: " + (lastIndex + 1) + ")");
    }
    if (lastIndex == baseIndex || lastTerm() != term) {
      termByFirstIndex.put(index, term);
    }
    lastIndex = index;
    sizes.add(bytes);
  }

  /** Cuts the entry at an index and all behind it. */
  void truncate(long fromIndex) {
    termByFirstIndex.tailMap(fromIndex, true).clear();
    lastIndex = fromIndex - 1;
    sizes.truncate(fromIndex);
  }

  /** Forgets the entries up to an index, which becomes the base. */
  void compact(long index) {
    if (index <= baseIndex) {
      return;
    }
    long term = termAt(index);
    long nextTerm = index < lastIndex ? termAt(index + 1) : 0;
    termByFirstIndex.headMap(index, true).clear();
    if (index < lastIndex) {
      termByFirstIndex.put(index + 1, nextTerm);
    }
    baseIndex = index;
    baseTerm = term;
    sizes.compact(index);
  }

  void reset(long index, long term) {
    termByFirstIndex.clear();
    baseIndex = index;
    baseTerm = term;
    lastIndex = index;
    sizes.reset(index + 1);
  }

  int bytesAt(long index) {
    return sizes.at(index);
  }

  /** The first index, after the base, of the term that the entry at an index has. */
  long firstIndexOfTermAt(long index) {
    Map.Entry<Long, Long> run = termByFirstIndex.floorEntry(index);
    return run == null ? baseIndex : run.getKey();
  }

  /** The last index whose term is at most the given one; the base when none is known to be. */
  long lastIndexWithTermAtMost(long term) {
    for (Map.Entry<Long, Long> run : termByFirstIndex.descendingMap().entrySet()) {
      if (run.getValue() <= term) {
        Long nextRun = termByFirstIndex.higherKey(run.getKey());
        return nextRun == null ? lastIndex : nextRun - 1;
      }
    }
    return baseIndex;
  }

  String describe() {
    return "log=" + baseIndex + ".." + lastIndex + "/" + lastTerm();
  }

  /** Sizes of consecutive entries from {@code first} on, in a ring that grows. */
  private static final class SizeRing {
    private final int averageBytes;
    private int[] bytes = new int[1024];
    private long first = 1;
    private long next = 1;

    SizeRing(int averageBytes) {
      this.averageBytes = averageBytes;
    }

    void reset(long index) {
      first = index;
      next = index;
    }

    void add(int size) {
      if (next - first == bytes.length) {
        grow();
      }
      bytes[slot(next)] = size;
      next++;
    }

    int at(long index) {
      return index < first || index >= next ? averageBytes : bytes[slot(index)];
    }

    void truncate(long fromIndex) {
      next = Math.max(first, Math.min(next, fromIndex));
      if (fromIndex < first) {
        reset(fromIndex);
      }
    }

    void compact(long index) {
      if (index + 1 > first) {
        first = Math.min(index + 1, next);
      }
    }

    private int slot(long index) {
      return (int) (index & (bytes.length - 1));
    }

    private void grow() {
      int[] larger = new int[bytes.length * 2];
      for (long index = first; index < next; index++) {
        larger[(int) (index & (larger.length - 1))] = bytes[slot(index)];
      }
      bytes = larger;
    }
  }
}
