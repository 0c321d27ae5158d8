package heartwood.raft.message;

/**
 * One entry of the log. The payload's bytes are never changed after construction: the same array
 * goes to the log, to the wire and to the state machine.
 */
public record LogEntry(long index, long term, EntryKind kind, byte[] payload) {
  /** Identity is (index, term): Log Matching makes the rest follow (Raft §5.3). */
  @Override
  public boolean equals(Object other) {
    return other instanceof LogEntry that && index == that.index && term == that.term;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(index * 31 + term);
  }

  @Override
  public String toString() {
    return index + "/" + term + " " + kind + " " + payload.length + "B";
  }
}
