package heartwood.raft.log;

import heartwood.raft.message.LogEntry;
import heartwood.raft.message.NodeId;
import java.util.List;

/**
 * One durable change of the log: entries are put at their indexes, whatever stood at the first of
 * them or behind is cut, and the hard state is replaced. Immutable.
 *
 * @param entries consecutive in index, not below the log's first index, the first at most one
 *     beyond the log's last; may be empty, and then nothing is cut
 */
public record LogBatch(List<LogEntry> entries, HardState hardState) {
  /**
   * Throws {@link IllegalArgumentException} when the batch would break the log it is meant for: a
   * gap, a term that goes back, a committed entry cut, a term or a vote forgotten.
   */
  public void requireFits(LogStore log) {
    HardState old = log.hardState();
    require(hardState.currentTerm() >= old.currentTerm(), "currentTerm goes back", log);
    if (hardState.currentTerm() == old.currentTerm()) {
      NodeId vote = old.votedFor(); // Raft §5.2: at most one vote in a term.
      require(vote == null || vote.equals(hardState.votedFor()), "a second vote in the term", log);
    }
    long lastIndex = log.lastIndex();
    if (!entries.isEmpty()) {
      long first = entries.get(0).index();
      require(first > log.baseIndex(), "first entry at or below the base", log);
      require(first > old.commitIndex(), "first entry at or below commitIndex", log);
      require(first <= lastIndex + 1, "a gap before the first entry", log);
      long term = log.termAt(first - 1);
      for (int i = 0; i < entries.size(); i++) {
        LogEntry entry = entries.get(i);
        require(entry.index() == first + i, "entries are not consecutive", log);
        require(entry.term() >= term, "an entry's term goes back", log);
        term = entry.term();
      }
      lastIndex = first + entries.size() - 1;
    }
    require(hardState.commitIndex() <= lastIndex, "commitIndex beyond the last entry", log);
  }

  private void require(boolean condition, String complaint, LogStore log) {
    if (!condition) {
      throw new IllegalArgumentException(
          "batch "
              + entries
              + " "
              + hardState
              + ": "
              + complaint
              + " (log: base="
              + log.baseIndex()
              + " last="
              + log.lastIndex()
              + " "
              + log.hardState()
              + ")");
    }
  }
}
