package heartwood.storage.lmdb;

import heartwood.raft.log.LogStore;
import heartwood.raft.message.LogEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * The entries that are durable in the journal and not in LMDB: always the last ones of the log.
 *
 * <p>Thread-safe. One thread appends and cuts, another drops what is in LMDB meanwhile, anyone
 * reads; nobody waits for a disk here.
 */
final class LogTail {
  /** Consecutive, the last one is the log's last. */
  private final ArrayList<LogEntry> entries = new ArrayList<>();

  private long firstIndex;

  /** How often entries were cut that are not here. */
  private long cuts;

  /**
   * @param firstIndex of the first entry to come
   */
  LogTail(long firstIndex) {
    this.firstIndex = firstIndex;
  }

  /** Entries before this one are in LMDB, those from this one on are here. */
  synchronized long firstIndex() {
    return firstIndex;
  }

  /**
   * Puts entries at their indexes, at most one beyond the last; cuts what stood there or behind.
   */
  synchronized void put(List<LogEntry> added) {
    long first = added.get(0).index();
    if (first <= firstIndex) {
      cuts += first < firstIndex ? 1 : 0;
      entries.clear();
      firstIndex = first;
    } else {
      entries.subList((int) (first - firstIndex), entries.size()).clear();
    }
    entries.addAll(added);
  }

  /** A copy of the entries from an index on, all of which are here. */
  synchronized List<LogEntry> from(long index) {
    return List.copyOf(entries.subList((int) (index - firstIndex), entries.size()));
  }

  /**
   * What is here of a range.
   *
   * @param firstIndex of the tail at this moment
   * @param cuts what is before the tail belongs to it for as long as {@link #cuts} says the same
   */
  record Part(long firstIndex, long cuts, List<LogEntry> entries) {}

  /** As {@link LogStore#read}, but begins with the first entry that is here. */
  synchronized Part read(long fromIndex, long toIndex, int maxBytes) {
    List<LogEntry> read = new ArrayList<>();
    long bytes = 0;
    for (int i = (int) Math.max(0, fromIndex - firstIndex); i < entries.size(); i++) {
      LogEntry entry = entries.get(i);
      bytes += entry.payload().length;
      if (entry.index() > toIndex || (bytes > maxBytes && !read.isEmpty())) {
        break;
      }
      read.add(entry);
    }
    return new Part(firstIndex, cuts, read);
  }

  /** What the entries from an index on take. */
  synchronized long bytesFrom(long index) {
    long bytes = 0;
    for (int i = (int) Math.max(0, index - firstIndex); i < entries.size(); i++) {
      bytes += LogStore.ENTRY_OVERHEAD_BYTES + entries.get(i).payload().length;
    }
    return bytes;
  }

  /** The entries before an index are in LMDB now. */
  synchronized void dropBefore(long index) {
    if (index > firstIndex) {
      entries.subList(0, (int) (index - firstIndex)).clear();
      firstIndex = index;
    }
  }

  /** The log begins anew. */
  synchronized void clear(long nextIndex) {
    cuts++;
    entries.clear();
    firstIndex = nextIndex;
  }

  synchronized long cuts() {
    return cuts;
  }
}
