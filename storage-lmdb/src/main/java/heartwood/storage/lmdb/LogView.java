package heartwood.storage.lmdb;

import heartwood.raft.log.HardState;
import heartwood.raft.log.LogException;
import heartwood.raft.log.TermStart;
import java.util.List;

/**
 * The log as of one commit, but for its entries. Immutable.
 *
 * @param starts invariant: the first one's index is {@code baseIndex + 1} when the log has entries
 * @param lastChain chain value of the last entry, of the base when there is none
 */
record LogView(GroupState state, List<TermStart> starts, long lastChain) {
  LogView withHardState(HardState hardState) {
    return new LogView(state.withHardState(hardState), starts, lastChain);
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
