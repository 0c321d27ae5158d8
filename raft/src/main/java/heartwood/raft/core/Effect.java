package heartwood.raft.core;

import heartwood.raft.message.Configuration;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the runner must do, in the order given. All are immutable. */
public sealed interface Effect {
  /** A message and its addressee. */
  record Send(NodeId to, Message message) implements Effect {}

  /**
   * Send AppendEntries with the entries {@code fromIndex..toIndex}; none when from is beyond to.
   * The runner has their bytes.
   */
  record SendEntries(
      NodeId to,
      long term,
      long prevLogIndex,
      long prevLogTerm,
      long leaderCommit,
      long fromIndex,
      long toIndex)
      implements Effect {}

  /**
   * Write, and answer {@link Input.Persisted} once durable; only then may the messages leave.
   * Persists are done in order of their sequence; several may be joined into one write.
   *
   * @param entries put at their indexes; what stood at the first or behind it is cut; may be empty
   * @param hardStateChanged whether term or vote differ from what was last handed out: if not, and
   *     with no entries, there is nothing to write and only the order matters
   */
  record Persist(
      long sequence,
      List<LogEntry> entries,
      boolean hardStateChanged,
      long currentTerm,
      @Nullable NodeId votedFor,
      long commitIndex,
      List<Send> messages)
      implements Effect {}

  /** The entries up to {@code toIndex} are committed: apply them in order. */
  record Apply(long fromIndex, long toIndex) implements Effect {}

  /** The proposal of this step stands in the leader's log at this place. */
  record Proposed(long index, long term) implements Effect {}

  /** The proposal of this step was not appended anywhere. */
  record ProposalRejected(Reason reason) implements Effect {
    /** Why nothing was appended. */
    public enum Reason {
      NOT_LEADER,
      TRANSFERRING,
      /** Too many bytes wait for a majority. */
      FULL,
      /** Another change of the configuration is not committed yet, or joint. */
      CHANGING,
      /** The leader does not know yet what is committed. */
      NOT_READY,
      NO_SUCH_MEMBER,
      MEMBER_ALREADY,
      /** What is asked for is what is. */
      NOTHING_TO_CHANGE,
      /** Too few of those that would vote are heard from. */
      NO_QUORUM
    }
  }

  /** Every read up to this id may be served by a state that has applied {@code index}. */
  record ReadReady(long readId, long index) implements Effect {}

  /** Every read up to this id that is not ready yet cannot be served by this node. */
  record ReadFailed(long readId) implements Effect {}

  /** Role, term or known leader changed. */
  record RoleChanged(Role role, long term, @Nullable NodeId leader, String why) implements Effect {}

  /**
   * Another configuration is in force, be it committed or not: these are the peers, and where they
   * are.
   */
  record ConfigurationChanged(Configuration configuration) implements Effect {}

  /** Stage a snapshot: some follower is behind the log. */
  record StageSnapshot() implements Effect {}

  /** Pull this snapshot from its node and install it. */
  record PullSnapshot(SnapshotId snapshot) implements Effect {}
}
