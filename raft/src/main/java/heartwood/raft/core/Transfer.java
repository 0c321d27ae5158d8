package heartwood.raft.core;

import heartwood.raft.message.Message.TimeoutNow;
import heartwood.raft.message.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * How a leader hands over (thesis §3.10): it takes no more proposals, waits until its heir holds
 * all, and tells it to stand for election at once. Confined to the core.
 */
final class Transfer {
  private final RaftState state;
  private final Outbox outbox;
  private final Followers followers;

  private @Nullable NodeId heir;
  private int elapsedTicks;

  /** An heir was chosen in this term: it may stand for election long after it was given up. */
  private boolean hasHandedOver;

  Transfer(RaftState state, Outbox outbox, Followers followers) {
    this.state = state;
    this.outbox = outbox;
    this.followers = followers;
  }

  void onElected() {
    heir = null;
    hasHandedOver = false;
  }

  /** This node leads no more. */
  void end() {
    heir = null;
  }

  /** Whether a leader hands over, and takes no proposals until that has come to an end. */
  boolean isUnderWay() {
    return heir != null;
  }

  /** Whether an heir was told, or may be, in this term. */
  boolean hasHandedOver() {
    return hasHandedOver;
  }

  /** The heir did not make it in time: serve on. */
  void tick() {
    if (heir != null && ++elapsedTicks >= state.options().electionTimeoutTicks()) {
      heir = null;
    }
  }

  /**
   * @param wished a voter; null: the one that is furthest
   */
  void begin(@Nullable NodeId wished) {
    if (!state.isLeader() || heir != null) {
      return;
    }
    NodeId chosen = wished == null ? followers.furthestVoter() : wished;
    Progress progress = chosen == null ? null : followers.of(chosen);
    if (chosen == null || progress == null || !state.configuration().isVoter(chosen)) {
      return;
    }
    heir = chosen;
    hasHandedOver = true;
    elapsedTicks = 0;
    maybeHandOver(chosen, progress);
  }

  /** A follower holds more than before. */
  void onProgress(NodeId peer) {
    Progress progress = followers.of(peer);
    if (peer.equals(heir) && progress != null) {
      maybeHandOver(peer, progress);
    }
  }

  private void maybeHandOver(NodeId to, Progress progress) {
    if (progress.matchIndex() == state.log().lastIndex()) {
      callUp(to);
    }
  }

  /** Has whoever can take over do so, for this node leads no longer. */
  void leaveToFurthest() {
    NodeId furthest = followers.furthestVoter();
    if (furthest != null) {
      callUp(furthest);
    }
  }

  private void callUp(NodeId to) {
    outbox.send(to, new TimeoutNow(state.currentTerm()));
  }

  /**
   * A leader whose disk stands still hands over to a voter whose disk has done more meanwhile:
   * where all wait for their disks, another leader would be no better. So does one whose log is
   * damaged, if it is not repaired at once.
   */
  void maybeGiveWay() {
    OwnDisk disk = state.disk();
    disk.tick();
    NodeId better = disk.mayLead() ? null : followers.furthestVoter();
    boolean isBetter = better != null && followers.matchIndexOf(better) > state.durableIndex();
    if (better != null && (isBetter || disk.isDamagedFor(state.options().electionTimeoutTicks()))) {
      begin(better);
    }
  }
}
