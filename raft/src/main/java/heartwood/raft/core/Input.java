package heartwood.raft.core;

import heartwood.raft.message.Configuration;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import org.jspecify.annotations.Nullable;

/** What can happen to a node. All are immutable. */
public sealed interface Input {
  /** The first input of all: what is known committed is handed out to be applied. */
  record Start() implements Input {}

  /**
   * One unit of time has passed; the runner decides how long that is. Never does it let two come
   * nearer than that, nor make up for those it missed: voters count in them for how long they have
   * promised not to vote.
   */
  record Tick() implements Input {}

  record Receive(NodeId from, Message message) implements Input {}

  /** Asks a leader to append an entry; answered by {@code Proposed} or {@code ProposalRejected}. */
  record Propose(EntryKind kind, byte[] payload) implements Input {}

  /**
   * Asks a leader to change the configuration; answered by {@code Proposed} with the place of the
   * first entry that does, or {@code ProposalRejected}. One that changes the voters is joint, and
   * the leader appends the second entry by itself.
   */
  record ChangeMembership(MembershipChange change) implements Input {}

  /** The persist with this sequence, and every one before it, is durable. */
  record Persisted(long sequence) implements Input {}

  /**
   * Asks for an index at which a read is linearizable (thesis §6.4); answered by {@code ReadReady}
   * or {@code ReadFailed} with the same id or a higher one. Ids ascend. A follower asks its leader.
   */
  record ReadIndex(long readId) implements Input {}

  /** Messages to a peer may have been lost: its connection broke or overflowed. */
  record Unreachable(NodeId peer) implements Input {}

  /** The runner has a snapshot on offer for followers that the log no longer reaches. */
  record SnapshotStaged(SnapshotId snapshot) implements Input {}

  /** No snapshot could be staged; the core asks again later. */
  record SnapshotNotStaged() implements Input {}

  /** A pulled snapshot has replaced the state, durably, and the log was reset or kept to fit. */
  record SnapshotInstalled(SnapshotId snapshot, Configuration configuration) implements Input {}

  /** The log forgot its entries up to an index, which becomes the base. */
  record Compacted(long index) implements Input {}

  /** Hands leadership over (thesis §3.10). Null: to whoever is furthest. */
  record TransferLeadership(@Nullable NodeId target) implements Input {}

  /** A write to the own log lasts for too long, or has come to its end after all. */
  record DiskStalled(boolean isStalled) implements Input {}

  /**
   * The own log's entry at an index is damaged, and maybe more behind it, or none is any more
   * ({@link Long#MAX_VALUE}).
   */
  record LogDamaged(long fromIndex) implements Input {}

  /** A damaged entry of the own log stands in its place again. */
  record EntryRepaired(LogEntry entry) implements Input {}

  /**
   * The own state is lost, until a snapshot is installed. The runner passes entries over meanwhile:
   * this node's vote must not ask for more than what it held before. What is committed of that is
   * handed out to be applied, and waits.
   */
  record StateLost() implements Input {}

  /** The log alone does not lead to the state: asks the leader for a snapshot of an index on. */
  record WantSnapshot(long fromIndex) implements Input {}

  /** The own disk has little room left, or has enough again: no heir while it has not. */
  record DiskLow(boolean isLow) implements Input {}
}
