package heartwood.raft.log;

import heartwood.raft.message.LogEntry;
import java.util.List;

/**
 * Raft's log on a disk: entries, hard state and the base that compaction left behind.
 *
 * <p>Writes come from one thread, the log thread, and block until durable; compaction may run
 * beside them on another. Reads may come from any thread at any time and see what was durable when
 * they began. After a write has thrown, the store is poisoned: every later write throws {@link
 * LogException.Poisoned}, whose cause is the first failure, until the process starts anew.
 *
 * <p>Invariant: the entries are consecutive from {@code baseIndex() + 1} to {@code lastIndex()}.
 */
public interface LogStore extends AutoCloseable {
  /** What {@link #sizeBytes()} counts for an entry beside its payload. */
  int ENTRY_OVERHEAD_BYTES = 32;

  /** The hard state as of the last write; {@link HardState#INITIAL} in a new log. */
  HardState hardState();

  /** Index of the last entry before the first one kept; 0 when nothing was compacted. */
  long baseIndex();

  /** Term of the entry at {@link #baseIndex()}; 0 when that is 0. */
  long baseTerm();

  /** Index of the last durable entry; {@link #baseIndex()} when the log is empty. */
  long lastIndex();

  /**
   * Term of the entry at an index between base and last, both included.
   *
   * @throws LogException when the index is outside
   */
  long termAt(long index);

  /**
   * Where each term begins, ascending, for the entries behind the base: what the core builds its
   * table from at the start. Costs nothing.
   */
  List<TermStart> termStarts();

  /**
   * The entries from an index on, in order: to {@code toIndex} (included), to the last one, or for
   * as long as their payloads together stay within {@code maxBytes}; at least one.
   *
   * @throws LogException when {@code fromIndex} is beyond the last index
   * @throws LogException.Compacted when {@code fromIndex} is at or before the base
   * @throws LogException.Corrupt when an entry's checksum does not hold
   */
  List<LogEntry> read(long fromIndex, long toIndex, int maxBytes);

  /**
   * Appends, cuts and replaces the hard state as one; all of it is durable on return. A very long
   * cut may begin in earlier slices, from the end: a crash then leaves a shorter log, which Raft
   * allows because what is cut was never committed.
   *
   * @throws IllegalArgumentException when the batch does not fit the log; nothing has happened
   * @throws LogException.Full when there is no room; the store is poisoned
   * @throws LogException.Poisoned when an earlier write has failed; nothing has happened
   */
  void write(LogBatch batch);

  /**
   * Forgets the entries up to and including an index, in bounded slices; the entry's index and term
   * become the base. Does nothing when the index is at or before the base. The commit index, if it
   * was below, becomes the base's: only what is applied may be compacted.
   */
  void compact(long index);

  /**
   * Forgets every entry and makes (index, term) the base: what follows the installation of a
   * snapshot that the log does not reach (Raft §7). The commit index becomes {@code index}; term
   * and vote stay.
   */
  void reset(long index, long term);

  /**
   * Puts an entry that is damaged in its place again, as another node holds it; durable on return.
   * What stands behind it stays: by index and term an entry is one and the same everywhere (Raft
   * §5.3, Log Matching).
   *
   * @throws IllegalArgumentException when the log has no entry of this index and term; nothing has
   *     happened
   */
  void repair(LogEntry entry);

  /** Bytes of payload and overhead that the kept entries take. */
  long sizeBytes();

  @Override
  void close();
}
