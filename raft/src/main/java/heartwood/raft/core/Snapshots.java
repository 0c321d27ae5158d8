package heartwood.raft.core;

import static heartwood.raft.core.Ensure.ensure;

import heartwood.raft.message.Message.InstallSnapshot;
import heartwood.raft.message.Message.SnapshotWanted;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots (Raft §7): a leader offers one to those that its log no longer reaches, and they pull
 * it. The bytes travel beside the core. Confined to the core.
 */
final class Snapshots {
  /** How many election timeouts pass until a staging that has failed is tried again. */
  private static final int STAGING_PAUSES = 10;

  private final RaftState state;
  private final Outbox outbox;
  private final Followers followers;

  /** What this node has on offer. */
  private @Nullable SnapshotId staged;

  private boolean isStaging;
  private int stagingPauseTicks;

  Snapshots(RaftState state, Outbox outbox, Followers followers) {
    this.state = state;
    this.outbox = outbox;
    this.followers = followers;
  }

  // ---- The leader's side ----

  void onElected() {
    isStaging = false;
  }

  void onLeaderTick() {
    stagingPauseTicks = Math.max(0, stagingPauseTicks - 1);
  }

  void onStaged(SnapshotId snapshot) {
    isStaging = false;
    staged = snapshot;
    followers.forEach(
        (peer, progress) -> {
          if (!progress.isServedBy(snapshot)) {
            pauseStaging(); // The next one is not soon a later one.
          }
        });
    maybeOffer();
  }

  /**
   * A follower asks for one, from an index on; if that is applied here, it can be had. What the
   * follower knows to be committed is: the leader holds it (Raft §5.4.3), though it may have been
   * elected a moment ago by the very vote of who asks, and cannot commit without it.
   */
  void onWanted(NodeId from, SnapshotWanted wanted) {
    Progress progress = followers.of(from);
    if (progress == null) {
      return;
    }
    progress.onActive();
    if (wanted.fromIndex() <= state.appliedIndex()) {
      progress.onSnapshotWanted(wanted.fromIndex());
      maybeOffer();
    }
    state.learnCommitIndex(Math.min(wanted.commitIndex(), state.log().lastIndex()));
  }

  void onNotStaged() {
    isStaging = false;
    staged = null; // What was on offer is not any more.
    pauseStaging();
  }

  private void pauseStaging() {
    stagingPauseTicks = STAGING_PAUSES * state.options().electionTimeoutTicks();
  }

  /** Who is not there is staged nothing for: by the time it comes, the log would have gone on. */
  void maybeOffer() {
    SnapshotId snapshot = staged;
    followers.forEach(
        (peer, progress) -> {
          boolean isThere =
              progress.isHeardWithin(state.options().electionTimeoutTicks())
                  && state.configuration().isMember(peer);
          if (!progress.needsSnapshot() || !isThere) {
            return;
          }
          if (snapshot == null
              || snapshot.lastIncludedIndex() < state.log().baseIndex()
              || !progress.isServedBy(snapshot)) {
            if (!isStaging && stagingPauseTicks == 0) {
              isStaging = true;
              outbox.add(new Effect.StageSnapshot());
            }
          } else if (progress.wantsOffer(snapshot, state.options().electionTimeoutTicks())) {
            progress.onOffered(snapshot);
            outbox.send(peer, new InstallSnapshot(state.currentTerm(), snapshot));
          }
        });
  }

  // ---- The follower's side ----

  /** Whether a snapshot brings what is not committed here already. */
  boolean isNews(SnapshotId snapshot) {
    return snapshot.lastIncludedIndex() > state.commitIndex();
  }

  /** A snapshot has replaced the state: what the log holds behind it stays, if it agrees. */
  void onInstalled(SnapshotId snapshot) {
    RaftLog log = state.log();
    long index = snapshot.lastIncludedIndex();
    if (index < log.baseIndex() || log.matches(index, snapshot.lastIncludedTerm())) {
      log.compact(index);
    } else {
      ensure(
          index > state.commitIndex(), "conflict at " + index + " lies after commitIndex", state);
      log.reset(index, snapshot.lastIncludedTerm());
      state.configurations().truncate(index + 1);
      outbox.reset(index);
    }
    outbox.onSnapshotDurable(index);
    state.learnCommitIndex(index);
    state.onApplied(index);
  }
}
