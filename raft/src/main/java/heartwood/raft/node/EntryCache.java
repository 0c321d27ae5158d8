package heartwood.raft.node;

import heartwood.raft.message.LogEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * The newest entries of the log, at hand for peers and for the apply thread. Thread-safe: a lock is
 * taken once per range.
 *
 * <p>Bounded in bytes, but an entry stays until it is durable, since nobody else has it.
 *
 * <p>Invariant: holds consecutive indexes from {@code first} to {@code next - 1}.
 */
final class EntryCache {
  private final long maxBytes;
  private LogEntry[] ring = new LogEntry[1024];
  private long first;
  private long next;
  private long bytes;

  EntryCache(long nextIndex, long maxBytes) {
    this.maxBytes = maxBytes;
    this.first = nextIndex;
    this.next = nextIndex;
  }

  /** Puts an entry at its index; what stood there or behind goes. */
  synchronized void put(LogEntry entry) {
    if (entry.index() < first || entry.index() > next) {
      clear(entry.index());
    }
    while (next > entry.index()) {
      bytes -= drop(--next);
    }
    if (next - first == ring.length) {
      grow();
    }
    ring[slot(next)] = entry;
    next++;
    bytes += entry.payload().length;
  }

  /** Drops the oldest entries beyond the limit, as far as they are durable. */
  synchronized void evict(long durableIndex) {
    while (bytes > maxBytes && first < next && first <= durableIndex) {
      bytes -= drop(first++);
    }
  }

  synchronized void clear(long nextIndex) {
    while (first < next) {
      bytes -= drop(first++);
    }
    first = nextIndex;
    next = nextIndex;
  }

  /** Everything before this index is durable, or was never here. */
  synchronized long firstIndex() {
    return first;
  }

  /**
   * Entries from an index on, in order, to an index or until they exceed the bytes; empty when the
   * first is not here.
   */
  synchronized List<LogEntry> range(long fromIndex, long toIndex, long maxRangeBytes) {
    List<LogEntry> entries = new ArrayList<>();
    if (fromIndex < first) {
      return entries;
    }
    long taken = 0;
    for (long index = fromIndex; index <= toIndex && index < next; index++) {
      LogEntry entry = ring[slot(index)];
      taken += entry.payload().length;
      if (taken > maxRangeBytes && !entries.isEmpty()) {
        break;
      }
      entries.add(entry);
    }
    return entries;
  }

  @SuppressWarnings("NullAway") // A free slot of the ring is null and is never read.
  private int drop(long index) {
    int dropped = ring[slot(index)].payload().length;
    ring[slot(index)] = null;
    return dropped;
  }

  private int slot(long index) {
    return (int) (index & (ring.length - 1));
  }

  private void grow() {
    LogEntry[] larger = new LogEntry[ring.length * 2];
    for (long index = first; index < next; index++) {
      larger[(int) (index & (larger.length - 1))] = ring[slot(index)];
    }
    ring = larger;
  }
}
