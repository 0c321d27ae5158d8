package heartwood.raft.core;

import heartwood.raft.message.Message.ReadIndexReply;
import heartwood.raft.message.Message.ReadIndexRequest;
import heartwood.raft.message.NodeId;
import java.util.Set;

/**
 * Linearizable reads of a leader, and of those who ask it (thesis §6.4): it makes sure by a round
 * of heartbeats that it still leads. Confined to the core.
 */
final class LeaderReads {
  private final RaftState state;
  private final Outbox outbox;
  private final Followers followers;
  private final LeaderLog leaderLog;
  private final Heartbeats heartbeats;
  private final ReadIndexQueue queue;

  /**
   * @param queue whose round's number the heartbeats carry
   */
  LeaderReads(
      RaftState state,
      Outbox outbox,
      Followers followers,
      LeaderLog leaderLog,
      Heartbeats heartbeats,
      ReadIndexQueue queue) {
    this.state = state;
    this.outbox = outbox;
    this.followers = followers;
    this.leaderLog = leaderLog;
    this.heartbeats = heartbeats;
    this.queue = queue;
  }

  void add(long readId) {
    queue.add(readId);
  }

  void onRequest(NodeId from, ReadIndexRequest request) {
    if (state.isLeader() && state.configuration().isMember(from)) {
      queue.addRequest(from, request.requestId());
    } else {
      outbox.send(
          from,
          new ReadIndexReply(state.currentTerm(), request.requestId(), ReadIndexReply.NONE, 0));
    }
  }

  /**
   * A round begins once an entry of this term is committed: before, the commit index may lag. It
   * asks those whose answers ended the last one; should they be silent now, the next tick asks all.
   */
  void maybeBeginRound() {
    if (queue.canBegin() && leaderLog.knowsCommitted()) {
      Set<NodeId> quickest = queue.begin(state.commitIndex());
      if (Quorum.agrees(state.configuration(), node -> isSelf(node) || quickest.contains(node))) {
        followers.forEach(
            (peer, progress) -> {
              if (quickest.contains(peer)) {
                heartbeats.send(peer, progress);
              }
            });
      } else {
        heartbeats.broadcast();
      }
      maybeFinishRound();
    }
  }

  /** A follower has answered a heartbeat of a round, and follows. */
  void onRoundConfirmed(NodeId from, long round) {
    queue.confirm(from, round);
    maybeFinishRound();
  }

  private void maybeFinishRound() {
    if (queue.isOut()
        && Quorum.agrees(
            state.configuration(), node -> isSelf(node) || queue.isConfirmedBy(node))) {
      ReadIndexQueue.Round round = queue.finish();
      if (round.readId() > 0) {
        outbox.add(new Effect.ReadReady(round.readId(), round.index()));
      }
      round.requestIds().forEach((peer, requestId) -> answer(peer, requestId, round.index()));
      maybeBeginRound();
    }
  }

  private boolean isSelf(NodeId node) {
    return node.equals(state.self());
  }

  /** With what a heartbeat would tell, so that the follower need not wait for one. */
  private void answer(NodeId peer, long requestId, long readIndex) {
    long known = Math.min(state.commitIndex(), followers.matchIndexOf(peer));
    outbox.send(peer, new ReadIndexReply(state.currentTerm(), requestId, readIndex, known));
  }

  /** This node leads no more. */
  void fail() {
    long readId = queue.fail();
    if (readId > 0) {
      outbox.add(new Effect.ReadFailed(readId));
    }
  }
}
