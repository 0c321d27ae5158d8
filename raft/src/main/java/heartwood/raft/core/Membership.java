package heartwood.raft.core;

import static heartwood.raft.core.Ensure.ensure;

import heartwood.raft.core.Effect.ProposalRejected;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.NodeId;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Changes of the members: two majorities while the voters change (Raft §6), learners first (thesis
 * §4.2.1). What a change makes of a configuration is {@link Reconfiguration}'s. Confined to the
 * core.
 */
final class Membership {
  private final RaftState state;
  private final ConfigurationLog configurations;
  private final Outbox outbox;
  private final Followers followers;
  private final LeaderLog leaderLog;
  private final Transfer transfer;

  /**
   * What the state was applied to when it was taken up: its configuration speaks for all before.
   */
  private long statedIndex;

  Membership(
      RaftState state, Outbox outbox, Followers followers, LeaderLog leaderLog, Transfer transfer) {
    this.state = state;
    this.configurations = state.configurations();
    this.outbox = outbox;
    this.followers = followers;
    this.leaderLog = leaderLog;
    this.transfer = transfer;
    this.statedIndex = state.appliedIndex();
  }

  // ---- The leader's side ----

  void onChange(MembershipChange change) {
    Reconfiguration.Outcome outcome = outcomeOf(change);
    Configuration next = outcome.next();
    if (next == null) {
      outbox.add(new ProposalRejected(Objects.requireNonNull(outcome.refused())));
    } else {
      append(next);
      outbox.add(new Effect.Proposed(state.log().lastIndex(), state.currentTerm()));
    }
  }

  Reconfiguration.Outcome outcomeOf(MembershipChange change) {
    ProposalRejected.Reason refused = whyNotChange();
    return refused == null
        ? Reconfiguration.of(state.configuration(), change, followers::isHealthy)
        : Reconfiguration.Outcome.refused(refused);
  }

  /**
   * One change at a time; and none before an entry of the own term is committed, or two leaders
   * could count two majorities that do not overlap (the flaw of thesis §4.1, found in 2015).
   */
  private ProposalRejected.@Nullable Reason whyNotChange() {
    if (!state.isLeader()) {
      return ProposalRejected.Reason.NOT_LEADER;
    }
    if (transfer.isUnderWay()) {
      return ProposalRejected.Reason.TRANSFERRING;
    }
    if (!leaderLog.knowsCommitted()) {
      return ProposalRejected.Reason.NOT_READY;
    }
    return isSettled() ? null : ProposalRejected.Reason.CHANGING;
  }

  /** Whether the configuration in force is committed and leads to no other by itself. */
  boolean isSettled() {
    return isCommitted() && !state.configuration().isJoint();
  }

  private boolean isCommitted() {
    return configurations.currentIndex() <= state.commitIndex();
  }

  /** In force from here on, before anybody agrees to it (Raft §6). */
  private void append(Configuration next) {
    ensure(next.isConsistent(), "voters and learners are members, and not both: " + next, state);
    leaderLog.append(EntryKind.CONFIGURATION, ConfigurationCodec.encode(next));
    configurations.append(state.log().lastIndex(), next);
    onConfigurationChanged();
  }

  /** Another configuration is in force. */
  void onConfigurationChanged() {
    outbox.add(new Effect.ConfigurationChanged(state.configuration()));
    if (state.isLeader()) {
      followers.onConfigurationChanged();
    }
  }

  /**
   * Once a joint configuration is committed, what it leads to is appended (Raft §6).
   *
   * @return whether the change has come to its end, and this leader has no part in what is now
   */
  boolean goOn() {
    if (!isCommitted() || !leaderLog.knowsCommitted()) {
      return false;
    }
    if (state.configuration().isJoint()) {
      append(state.configuration().leaveJoint());
      return false;
    }
    return !state.configuration().isVoter(state.self());
  }

  /** Lets learners vote that have caught up, and forgets those who left and know it. */
  void onLeaderTick() {
    followers.forgetLeft();
    Configuration configuration = state.configuration();
    int electionTimeoutTicks = state.options().electionTimeoutTicks();
    Set<NodeId> voters = new TreeSet<>(configuration.voters());
    for (NodeId learner : configuration.joining()) {
      Progress progress = followers.of(learner);
      if (progress != null && progress.catchesUp(state.log().lastIndex(), electionTimeoutTicks)) {
        voters.add(learner);
      }
    }
    if (voters.size() > configuration.voters().size() && whyNotChange() == null) {
      append(configuration.enterJoint(voters));
    }
  }

  // ---- What comes with a snapshot, or with a repair ----

  /**
   * A snapshot tells what is in force at its last index.
   *
   * @return whether another configuration is in force now
   */
  boolean onSnapshotInstalled(long index, Configuration installed) {
    Configuration before = state.configuration();
    configurations.install(index, installed);
    statedIndex = index;
    return !state.configuration().equals(before);
  }

  /**
   * A configuration that could not be read at the start is known from here on.
   *
   * @return whether another configuration is in force now
   */
  boolean onEntryRepaired(LogEntry entry) {
    boolean isNews =
        entry.kind() == EntryKind.CONFIGURATION
            && entry.index() > statedIndex
            && state.log().matches(entry.index(), entry.term());
    if (!isNews) {
      return false;
    }
    Configuration before = state.configuration();
    configurations.append(entry.index(), ConfigurationCodec.decode(entry.payload()));
    return !state.configuration().equals(before);
  }
}
