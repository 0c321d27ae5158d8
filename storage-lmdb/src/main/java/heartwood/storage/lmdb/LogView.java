package heartwood.storage.lmdb;

import heartwood.raft.log.HardState;
import heartwood.raft.log.LogException;
import heartwood.raft.log.LogStore;
import heartwood.raft.log.TermStart;
import heartwood.raft.message.LogEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * The log as of one write, but for its entries. Immutable.
 *
 * @param starts invariant: the first one's index is {@code baseIndex + 1} when the log has entries
 */
record LogView(GroupState state, List<TermStart> starts) {
  LogView withHardState(HardState hardState) {
    return new LogView(state.withHardState(hardState), starts);
  }

  /**
   * Without the entries from an index on.
   *
   * @param cutBytes that they took
   */
  LogView cutFrom(long index, long cutBytes) {
    if (index > state.lastIndex()) {
      return this;
    }
    List<TermStart> kept = new ArrayList<>(starts);
    kept.removeIf(start -> start.firstIndex() >= index);
    return new LogView(state.withLast(index - 1, state.sizeBytes() - cutBytes), List.copyOf(kept));
  }

  /** With entries behind the last one. */
  LogView append(List<LogEntry> entries) {
    List<TermStart> longer = starts;
    long term = starts.isEmpty() ? -1 : starts.get(starts.size() - 1).term();
    long bytes = state.sizeBytes();
    for (LogEntry entry : entries) {
      bytes += LogStore.ENTRY_OVERHEAD_BYTES + entry.payload().length;
      if (entry.term() != term) {
        longer = longer == starts ? new ArrayList<>(starts) : longer;
        term = entry.term();
        longer.add(new TermStart(term, entry.index()));
      }
    }
    long last = state.lastIndex() + entries.size();
    return new LogView(state.withLast(last, bytes), List.copyOf(longer));
  }

  /**
   * Without the entries up to an index, which becomes the base.
   *
   * @param cutBytes that they took
   */
  LogView cutThrough(long index, long chain, long cutBytes) {
    List<TermStart> kept = new ArrayList<>();
    if (index < state.lastIndex()) {
      long first = index + 1;
      kept.add(new TermStart(termAt(first), first));
      starts.stream().filter(start -> start.firstIndex() > first).forEach(kept::add);
    }
    GroupState cut = state.withBase(index, termAt(index), chain, state.sizeBytes() - cutBytes);
    return new LogView(cut.withBaseCommitted(), List.copyOf(kept));
  }

  long termAt(long index) {
    if (index == state.baseIndex()) {
      return state.baseTerm();
    }
    if (index < state.baseIndex() || index > state.lastIndex()) {
      throw new LogException(
          "index: " + index + " (expected: " + state.baseIndex() + ".." + state.lastIndex() + ")");
    }
    int low = 0;
    int high = starts.size() - 1;
    while (low < high) { // The last term that begins at or before the index.
      int middle = (low + high + 1) >>> 1;
      if (starts.get(middle).firstIndex() <= index) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return starts.get(low).term();
  }
}
