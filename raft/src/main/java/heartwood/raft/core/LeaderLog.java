package heartwood.raft.core;

import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.NodeId;

/**
 * The leader's side of the log: it appends, and decides what is committed (Raft §5.3, §5.4.2).
 * Confined to the core.
 */
final class LeaderLog {
  private final RaftState state;
  private final RaftLog log;
  private final Outbox outbox;
  private final Followers followers;

  /** Index of this leader's first entry; what is committed before it is not known (Raft §8). */
  private long ownTermIndex;

  private long uncommittedBytes;

  LeaderLog(RaftState state, Outbox outbox, Followers followers) {
    this.state = state;
    this.log = state.log();
    this.outbox = outbox;
    this.followers = followers;
  }

  /** Raft §8: only an entry of its own term tells a leader what is committed. */
  void onElected() {
    uncommittedBytes = 0;
    ownTermIndex = log.lastIndex() + 1;
    append(EntryKind.NOOP, new byte[0]);
  }

  void append(EntryKind kind, byte[] payload) {
    long index = log.lastIndex() + 1;
    log.append(index, state.currentTerm(), payload.length);
    outbox.append(new LogEntry(index, state.currentTerm(), kind, payload));
    uncommittedBytes += payload.length;
  }

  /** Whether so many bytes more may wait for a majority; one entry always may. */
  boolean hasRoomFor(int bytes) {
    return uncommittedBytes == 0
        || uncommittedBytes + bytes <= state.options().maxUncommittedBytes();
  }

  /** Whether an entry of the leader's own term is committed, and so all is known that is. */
  boolean knowsCommitted() {
    return state.commitIndex() >= ownTermIndex;
  }

  /**
   * Raft §5.4.2: only entries of the leader's own term are committed by counting; those before them
   * follow.
   *
   * @return whether the commit index has moved
   */
  boolean maybeAdvanceCommitIndex() {
    long commitIndex = state.commitIndex();
    long index = Quorum.committedIndex(state.configuration(), this::heldBy);
    if (index <= commitIndex || log.termAt(index) != state.currentTerm()) {
      return false;
    }
    for (long i = Math.max(commitIndex + 1, ownTermIndex); i <= index; i++) {
      uncommittedBytes -= log.bytesAt(i);
    }
    state.learnCommitIndex(index);
    return true;
  }

  /** Durably, and sound. */
  private long heldBy(NodeId node) {
    return node.equals(state.self())
        ? state.disk().claimable(state.durableIndex())
        : followers.matchIndexOf(node);
  }
}
