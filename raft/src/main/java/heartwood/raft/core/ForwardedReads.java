package heartwood.raft.core;

import heartwood.raft.message.Message.ReadIndexReply;
import heartwood.raft.message.Message.ReadIndexRequest;
import heartwood.raft.message.NodeId;
import java.util.Objects;

/**
 * How a follower asks its leader for its reads, and takes the answers (thesis §6.4). What it waits
 * for is kept by {@link FollowerReads}. Confined to the core.
 */
final class ForwardedReads {
  /** How many election timeouts reads wait for the leader, or for the own log. */
  private static final int READ_TIMEOUTS = 4;

  private final RaftState state;
  private final Outbox outbox;
  private final FollowerReads reads;

  ForwardedReads(RaftState state, Outbox outbox, FollowerReads reads) {
    this.state = state;
    this.outbox = outbox;
    this.reads = reads;
  }

  void add(long readId) {
    reads.add(readId);
  }

  void maybeAsk() {
    if (reads.canAsk()) {
      askLeader(reads.ask());
    }
  }

  private void askLeader(long requestId) {
    NodeId leader = Objects.requireNonNull(state.leader());
    outbox.send(leader, new ReadIndexRequest(state.currentTerm(), requestId));
  }

  void onReply(NodeId from, ReadIndexReply reply) {
    if (!state.isLedBy(from) || !reads.isOut(reply.requestId())) {
      return;
    }
    if (reply.readIndex() == ReadIndexReply.NONE) {
      fail();
      return;
    }
    state.learnCommitIndex(Math.min(reply.leaderCommit(), state.log().lastIndex()));
    reads.confirm(reply.requestId(), reply.readIndex());
  }

  void tick() {
    if (reads.isOverdue(READ_TIMEOUTS * state.options().electionTimeoutTicks())) {
      fail();
    } else if (reads.tick(state.options().heartbeatTicks())) {
      askLeader(reads.requestId());
    }
  }

  /** What is committed may have come to where reads wait for it. */
  void gatherReady() {
    long readId = reads.takeReady(state.appliedIndex());
    if (readId > 0) {
      outbox.add(new Effect.ReadReady(readId, state.appliedIndex()));
    }
  }

  /** Whoever leads now may know of what the leader before did not. */
  void fail() {
    long readId = reads.fail();
    if (readId > 0) {
      outbox.add(new Effect.ReadFailed(readId));
    }
  }
}
