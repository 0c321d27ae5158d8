package heartwood.raft.core;

import static heartwood.raft.core.Ensure.ensure;

import heartwood.raft.message.Message.AppendEntriesAccepted;
import heartwood.raft.message.Message.AppendEntriesRejected;
import heartwood.raft.message.NodeId;

/**
 * What a leader sends to each follower, and what it makes of the answers (Raft §5.3), pipelined:
 * {@link Progress} tells how much may be on its way. Confined to the core.
 */
final class Replication {
  private final RaftState state;
  private final RaftLog log;
  private final Outbox outbox;
  private final Followers followers;
  private final Snapshots snapshots;

  Replication(RaftState state, Outbox outbox, Followers followers, Snapshots snapshots) {
    this.state = state;
    this.log = state.log();
    this.outbox = outbox;
    this.followers = followers;
    this.snapshots = snapshots;
  }

  /** Sends to each what it lacks, as far as there is room on the way. */
  void replicate() {
    followers.forEach(this::replicateTo);
  }

  private void replicateTo(NodeId peer, Progress progress) {
    if (progress.state() != Progress.State.SNAPSHOT && progress.nextIndex() <= log.baseIndex()) {
      progress.becomeSnapshot();
      snapshots.maybeOffer();
    }
    if (progress.canProbe()) {
      sendEntries(peer, progress.nextIndex(), progress.nextIndex() - 1);
      progress.onProbeSent();
    }
    while (progress.hasRoom() && progress.nextIndex() <= log.lastIndex()) {
      long fromIndex = progress.nextIndex();
      long toIndex = fromIndex;
      long bytes = log.bytesAt(fromIndex);
      while (toIndex < log.lastIndex()
          && bytes + log.bytesAt(toIndex + 1) <= state.options().maxAppendBytes()) {
        toIndex++;
        bytes += log.bytesAt(toIndex);
      }
      sendEntries(peer, fromIndex, toIndex);
      progress.onEntriesSent(toIndex, bytes);
    }
  }

  private void sendEntries(NodeId peer, long fromIndex, long toIndex) {
    long prevLogIndex = fromIndex - 1;
    outbox.add(
        new Effect.SendEntries(
            peer,
            state.currentTerm(),
            prevLogIndex,
            log.termAt(prevLogIndex),
            state.commitIndex(),
            fromIndex,
            toIndex));
  }

  /**
   * A follower holds all up to an index.
   *
   * @return whether that is news
   */
  boolean onAccepted(NodeId from, AppendEntriesAccepted accepted) {
    Progress progress = followers.of(from);
    if (progress == null) {
      return false;
    }
    ensure(
        accepted.matchIndex() <= log.lastIndex(), from + " holds no more than its leader", state);
    progress.onActive();
    boolean isNews = progress.maybeUpdate(accepted.matchIndex());
    boolean snapshotIsIn =
        progress.state() == Progress.State.SNAPSHOT && progress.matchIndex() >= log.baseIndex();
    if (progress.state() == Progress.State.PROBE || snapshotIsIn) {
      progress.becomeReplicate();
    }
    return isNews;
  }

  /**
   * Steps back to where the logs may agree: past all of the follower's conflicting term, or past
   * all of ours that is newer than it (Raft §5.3, the optimization at its end).
   */
  void onRejected(NodeId from, AppendEntriesRejected rejected) {
    Progress progress = followers.of(from);
    if (progress == null) {
      return;
    }
    progress.onActive();
    long agreedAtMost = rejected.conflictIndex() - 1;
    if (rejected.conflictTerm() > 0) {
      long ours = log.lastIndexWithTermAtMost(rejected.conflictTerm());
      if (ours >= rejected.conflictIndex() && ours < rejected.prevLogIndex()) {
        agreedAtMost = ours;
      }
    }
    progress.maybeStepBack(rejected.prevLogIndex(), agreedAtMost);
  }

  /** What is on its way to a peer may be lost. */
  void onUnreachable(NodeId peer) {
    Progress progress = followers.of(peer);
    if (progress != null && progress.state() == Progress.State.REPLICATE) {
      progress.becomeProbe();
      progress.onProbeSent(); // The next probe goes with its next sign of life.
    }
  }
}
