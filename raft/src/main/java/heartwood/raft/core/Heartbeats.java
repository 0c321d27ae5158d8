package heartwood.raft.core;

import heartwood.raft.message.Message.Heartbeat;
import heartwood.raft.message.NodeId;

/**
 * How a leader shows that it lives (Raft §5.2), tells what is committed, and asks who follows it:
 * each carries the number of the round of reads. Confined to the core.
 */
final class Heartbeats {
  private final RaftState state;
  private final Outbox outbox;
  private final Followers followers;
  private final ReadIndexQueue reads;

  private int elapsedTicks;

  /** The commit index moved and followers have not been told with entries. */
  private boolean commitNoticeDue;

  /**
   * @param reads tells the number of the round; it is not changed here
   */
  Heartbeats(RaftState state, Outbox outbox, Followers followers, ReadIndexQueue reads) {
    this.state = state;
    this.outbox = outbox;
    this.followers = followers;
    this.reads = reads;
  }

  /** A unit of time has passed for a leader. */
  void tick() {
    boolean isDue = ++elapsedTicks >= state.options().heartbeatTicks();
    if (isDue || commitNoticeDue || reads.isOut()) {
      broadcast();
    }
  }

  /** The next tick tells it, if no entries do before. */
  void onCommitAdvanced() {
    commitNoticeDue = true;
  }

  void broadcast() {
    elapsedTicks = 0;
    commitNoticeDue = false;
    followers.forEach(this::send);
  }

  /** It tells no more to be committed than its receiver is known to hold. */
  void send(NodeId peer, Progress progress) {
    long known = Math.min(state.commitIndex(), progress.matchIndex());
    progress.onCommitTold(known);
    outbox.send(peer, new Heartbeat(state.currentTerm(), known, reads.round()));
  }
}
