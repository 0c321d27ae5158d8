package heartwood.raft.log;

import heartwood.raft.message.LogEntry;
import heartwood.raft.message.NodeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The log without a disk: the twin of LMDB's for the simulator and for tests. A crash is modelled
 * by {@link #failNextWrite} (the write in flight is kept or lost) and {@link #restart()} (what a
 * new process finds on the disk).
 *
 * <p>Thread-safe.
 */
public final class MemoryLog implements LogStore, PeerBindings {
  /** How a write ends badly. */
  public enum Fault {
    /** The process dies before the commit: a restart does not find the write. */
    BEFORE_COMMIT,
    /** The process dies after the commit and before it knew: a restart finds the write. */
    AFTER_COMMIT,
    /** There is no room: nothing is written. */
    FULL
  }

  private final NodeIdentity identity;
  private final Map<Integer, Long> peers = new HashMap<>();
  private final Set<Long> rotten = new HashSet<>();
  private HardState hardState = HardState.INITIAL;
  private long baseIndex;
  private long baseTerm;
  private List<LogEntry> entries = new ArrayList<>();
  private long sizeBytes;

  /** Takes back the last write; null when there was none, or it was taken back. */
  private @Nullable Runnable undo;

  private @Nullable Fault nextFault;
  private @Nullable LogException poison;

  public MemoryLog(NodeIdentity identity) {
    this.identity = identity;
  }

  /** The next write, compaction or reset fails in this way, and poisons the log. */
  public synchronized void failNextWrite(Fault fault) {
    nextFault = fault;
  }

  /** From now on the entry is damaged: a read that meets it throws, until it is overwritten. */
  public synchronized void rot(long index) {
    rotten.add(index);
  }

  /** What a new process finds: the same durable content, healthy. This log must not be used on. */
  public synchronized MemoryLog restart() {
    MemoryLog next = new MemoryLog(identity);
    next.peers.putAll(peers);
    next.rotten.addAll(rotten);
    next.hardState = hardState;
    next.baseIndex = baseIndex;
    next.baseTerm = baseTerm;
    next.entries = new ArrayList<>(entries);
    next.sizeBytes = sizeBytes;
    poison = new LogException.Poisoned("the process of this log is gone", null);
    return next;
  }

  /** What a new process finds after a disk that lied: the last write, though confirmed, is gone. */
  public synchronized MemoryLog restartWithoutLastWrite() {
    if (undo != null) {
      undo.run();
      undo = null;
    }
    return restart();
  }

  public NodeIdentity identity() {
    return identity;
  }

  @Override
  public synchronized HardState hardState() {
    return hardState;
  }

  @Override
  public synchronized long baseIndex() {
    return baseIndex;
  }

  @Override
  public synchronized long baseTerm() {
    return baseTerm;
  }

  @Override
  public synchronized long lastIndex() {
    return baseIndex + entries.size();
  }

  @Override
  public synchronized long termAt(long index) {
    if (index == baseIndex) {
      return baseTerm;
    }
    if (index < baseIndex || index > lastIndex()) {
      throw new LogException(
          "index: " + index + " (expected: " + baseIndex + ".." + lastIndex() + ")");
    }
    return entry(index).term();
  }

  @Override
  public synchronized List<TermStart> termStarts() {
    List<TermStart> starts = new ArrayList<>();
    long term = -1;
    for (LogEntry entry : entries) {
      if (entry.term() != term) {
        term = entry.term();
        starts.add(new TermStart(term, entry.index()));
      }
    }
    return starts;
  }

  @Override
  public synchronized List<LogEntry> read(long fromIndex, long toIndex, int maxBytes) {
    if (fromIndex <= baseIndex) {
      throw new LogException.Compacted("index: " + fromIndex + " (base: " + baseIndex + ")");
    }
    if (fromIndex > lastIndex()) {
      throw new LogException("index: " + fromIndex + " (last: " + lastIndex() + ")");
    }
    List<LogEntry> result = new ArrayList<>();
    long bytes = 0;
    for (long index = fromIndex; index <= Math.min(toIndex, lastIndex()); index++) {
      LogEntry entry = entry(index);
      bytes += entry.payload().length;
      if (bytes > maxBytes && !result.isEmpty()) {
        break;
      }
      if (rotten.contains(index)) {
        throw new LogException.Corrupt("entry " + index + ": checksum does not hold", index);
      }
      result.add(entry);
    }
    return result;
  }

  @Override
  public synchronized void write(LogBatch batch) {
    requireHealthy();
    batch.requireFits(this);
    commit(() -> apply(batch));
  }

  @Override
  public synchronized void compact(long index) {
    requireHealthy();
    if (index <= baseIndex) {
      return;
    }
    if (index > lastIndex()) {
      throw new IllegalArgumentException("compact: " + index + " (last: " + lastIndex() + ")");
    }
    commit(() -> rebase(index, termAt(index), tail(index + 1)));
  }

  @Override
  public synchronized void reset(long index, long term) {
    requireHealthy();
    commit(
        () -> {
          rebase(index, term, new ArrayList<>());
          hardState = new HardState(hardState.currentTerm(), hardState.votedFor(), index);
        });
  }

  @Override
  public synchronized void repair(LogEntry entry) {
    requireHealthy();
    if (entry.index() <= baseIndex || entry.index() > lastIndex()) {
      throw new IllegalArgumentException("repair: " + entry + " (last: " + lastIndex() + ")");
    }
    if (termAt(entry.index()) != entry.term()) {
      throw new IllegalArgumentException("repair: " + entry + " is not the entry that was here");
    }
    commit(
        () -> {
          entries.set((int) (entry.index() - 1 - baseIndex), entry);
          rotten.remove(entry.index());
          undo = null; // A repair that is taken back is damage, and found as such.
        });
  }

  @Override
  public synchronized long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public synchronized boolean bindPeer(NodeId peer, long incarnation) {
    requireHealthy();
    return peers.computeIfAbsent(peer.number(), number -> incarnation) == incarnation;
  }

  @Override
  public synchronized OptionalLong peerIncarnation(NodeId peer) {
    Long incarnation = peers.get(peer.number());
    return incarnation == null ? OptionalLong.empty() : OptionalLong.of(incarnation);
  }

  @Override
  public void close() {}

  private void commit(Runnable change) {
    Fault fault = nextFault;
    nextFault = null;
    if (fault == Fault.FULL) {
      throw poisoned(new LogException.Full("injected: no room", null));
    }
    if (fault != Fault.BEFORE_COMMIT) {
      change.run();
    }
    if (fault != null) {
      throw poisoned(new LogException("injected: " + fault));
    }
  }

  private LogException poisoned(LogException failure) {
    poison = new LogException.Poisoned("an earlier write failed", failure);
    return failure;
  }

  private void apply(LogBatch batch) {
    HardState oldHardState = hardState;
    hardState = batch.hardState();
    if (batch.entries().isEmpty()) {
      undo = () -> hardState = oldHardState;
      return;
    }
    long first = batch.entries().get(0).index();
    List<LogEntry> cut = tail(first);
    replaceTail(first, batch.entries());
    undo =
        () -> {
          hardState = oldHardState;
          replaceTail(first, cut);
        };
  }

  private void replaceTail(long first, List<LogEntry> replacement) {
    List<LogEntry> cut = entries.subList((int) (first - 1 - baseIndex), entries.size());
    sizeBytes -= sizeOf(cut);
    cut.clear();
    entries.addAll(replacement);
    sizeBytes += sizeOf(replacement);
    rotten.removeIf(index -> index >= first);
  }

  private void rebase(long index, long term, List<LogEntry> kept) {
    HardState oldHardState = hardState;
    long oldIndex = baseIndex;
    long oldTerm = baseTerm;
    List<LogEntry> oldEntries = entries;
    long oldSize = sizeBytes;
    undo =
        () -> {
          hardState = oldHardState;
          baseIndex = oldIndex;
          baseTerm = oldTerm;
          entries = oldEntries;
          sizeBytes = oldSize;
        };
    baseIndex = index;
    baseTerm = term;
    entries = kept;
    sizeBytes = sizeOf(kept);
    hardState =
        new HardState(
            hardState.currentTerm(),
            hardState.votedFor(),
            Math.max(hardState.commitIndex(), index));
  }

  private List<LogEntry> tail(long fromIndex) {
    return new ArrayList<>(entries.subList((int) (fromIndex - 1 - baseIndex), entries.size()));
  }

  private LogEntry entry(long index) {
    return entries.get((int) (index - 1 - baseIndex));
  }

  private static long sizeOf(List<LogEntry> entries) {
    long bytes = 0;
    for (LogEntry entry : entries) {
      bytes += ENTRY_OVERHEAD_BYTES + entry.payload().length;
    }
    return bytes;
  }

  private void requireHealthy() {
    if (poison != null) {
      throw poison;
    }
  }
}
