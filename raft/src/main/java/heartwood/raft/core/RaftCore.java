package heartwood.raft.core;

import static heartwood.raft.core.Ensure.ensure;

import heartwood.raft.core.Effect.ProposalRejected;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.Message;
import heartwood.raft.message.Message.AppendEntries;
import heartwood.raft.message.Message.AppendEntriesAccepted;
import heartwood.raft.message.Message.AppendEntriesRejected;
import heartwood.raft.message.Message.Heartbeat;
import heartwood.raft.message.Message.HeartbeatReply;
import heartwood.raft.message.Message.InstallSnapshot;
import heartwood.raft.message.Message.ReadIndexReply;
import heartwood.raft.message.Message.ReadIndexRequest;
import heartwood.raft.message.Message.RequestVote;
import heartwood.raft.message.Message.RequestVoteReply;
import heartwood.raft.message.Message.SnapshotWanted;
import heartwood.raft.message.Message.TimeoutNow;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One member of a Raft group: {@link #step} takes what happened and returns what to do about it.
 *
 * <p>Not thread-safe, and does nothing by itself. Here stand the "Rules for Servers" of figure 2:
 * what comes in, who becomes what, and in which order things are done. The state of figure 2 is
 * {@link RaftState}; how each rule is obeyed stands with the part whose job it is:
 *
 * <pre>
 *   §5.2 elections     Election                        whom to vote for, how the votes stand
 *   §5.3 replication   Replication, Heartbeats         what a leader sends
 *                      FollowerLog                     what a follower takes, and acknowledges
 *   §5.4 commitment    LeaderLog                       what a leader appends, and what is committed
 *   §6   membership    Membership, Reconfiguration     joint consensus, learners
 *   §7   snapshots     Snapshots                       offered, pulled, installed
 *   thesis §3.10       Transfer                        handing over
 *   thesis §6.4        LeaderReads, ForwardedReads     reads without an entry
 * </pre>
 *
 * <p>The parts know the state, the {@link Outbox} that gathers effects, and those above them; none
 * knows this class. What asks for another role is told by what they return.
 */
public final class RaftCore {
  private final RaftState state;
  private final Outbox outbox;

  private final Election election;
  private final FollowerLog followerLog;
  private final ForwardedReads forwardedReads;

  // What only a leader needs.

  private final Followers followers;
  private final LeaderLog leaderLog;
  private final Snapshots snapshots;
  private final Replication replication;
  private final Transfer transfer;
  private final Membership membership;
  private final Heartbeats heartbeats;
  private final LeaderReads leaderReads;

  /**
   * @param commitIndex at least what the state machine has applied
   * @param appliedIndex what the state machine has applied
   * @param configurations of what is applied, and those in the log above that
   */
  public RaftCore(
      NodeId self,
      CoreOptions options,
      long seed,
      long currentTerm,
      @Nullable NodeId votedFor,
      RaftLog log,
      long commitIndex,
      long appliedIndex,
      ConfigurationLog configurations) {
    state =
        new RaftState(
            self, options, currentTerm, votedFor, log, commitIndex, appliedIndex, configurations);
    outbox = new Outbox(state);
    election = new Election(state, outbox, seed);
    followerLog = new FollowerLog(state, outbox);
    FollowerReads waiting = new FollowerReads(new SplitMix64(~seed).nextLong());
    forwardedReads = new ForwardedReads(state, outbox, waiting);
    followers = new Followers(state);
    leaderLog = new LeaderLog(state, outbox, followers);
    snapshots = new Snapshots(state, outbox, followers);
    replication = new Replication(state, outbox, followers, snapshots);
    transfer = new Transfer(state, outbox, followers);
    membership = new Membership(state, outbox, followers, leaderLog, transfer);
    ReadIndexQueue queue = new ReadIndexQueue();
    heartbeats = new Heartbeats(state, outbox, followers, queue);
    leaderReads = new LeaderReads(state, outbox, followers, leaderLog, heartbeats, queue);
    state.checkInvariants();
  }

  /** Takes one input and returns its effects, to be done in order. */
  public List<Effect> step(Input input) {
    outbox.begin();
    dispatch(input);
    if (state.isLeader()) {
      if (leaderLog.maybeAdvanceCommitIndex()) {
        heartbeats.onCommitAdvanced();
      }
      maybeGoOnChanging();
    }
    if (state.isLeader()) {
      outbox.gatherApply(); // Before the reads: a lone voter's are ready at once.
      leaderReads.maybeBeginRound();
      replication.replicate();
    } else {
      forwardedReads.maybeAsk();
    }
    outbox.gatherPersist();
    outbox.gatherApply();
    forwardedReads.gatherReady();
    state.checkInvariants();
    return outbox.effects();
  }

  private void dispatch(Input input) {
    if (input instanceof Input.Tick) {
      onTick();
    } else if (input instanceof Input.Receive receive) {
      onMessage(receive.from(), receive.message());
    } else if (input instanceof Input.Propose propose) {
      onPropose(propose);
    } else if (input instanceof Input.ChangeMembership asked) {
      membership.onChange(asked.change());
    } else if (input instanceof Input.Persisted persisted) {
      onPersisted(persisted.sequence());
    } else if (input instanceof Input.ReadIndex read) {
      onReadIndex(read.readId());
    } else if (input instanceof Input.Unreachable unreachable) {
      replication.onUnreachable(unreachable.peer());
    } else if (input instanceof Input.SnapshotStaged snapshot) {
      snapshots.onStaged(snapshot.snapshot());
    } else if (input instanceof Input.SnapshotNotStaged) {
      snapshots.onNotStaged();
    } else if (input instanceof Input.SnapshotInstalled installed) {
      onSnapshotInstalled(installed);
    } else if (input instanceof Input.Compacted compacted) {
      state.log().compact(compacted.index());
      state.configurations().compact(compacted.index());
    } else if (input instanceof Input.Start) {
      onStart();
    } else if (input instanceof Input.TransferLeadership asked) {
      transfer.begin(asked.target());
    } else if (input instanceof Input.DiskStalled stalled) {
      state.disk().setStalled(stalled.isStalled());
    } else if (input instanceof Input.LogDamaged damaged) {
      followerLog.onDamaged(damaged.fromIndex());
    } else if (input instanceof Input.EntryRepaired repaired) {
      if (membership.onEntryRepaired(repaired.entry())) {
        onConfigurationChanged();
      }
    } else if (input instanceof Input.StateLost) {
      state.disk().setStateLost(true);
    } else if (input instanceof Input.WantSnapshot want) {
      onWantSnapshot(want.fromIndex());
    } else if (input instanceof Input.DiskLow low) {
      state.disk().setLow(low.isLow());
    } else {
      throw new AssertionError(input);
    }
  }

  private void onMessage(NodeId from, Message message) {
    if (message instanceof RequestVote request) {
      onRequestVote(from, request);
      return;
    }
    if (message instanceof RequestVoteReply reply && reply.preVote() && reply.granted()) {
      onPreVoteGranted(from, reply);
      return;
    }
    // Raft §5.1: a message with a newer term makes anybody a follower of that term; one with an
    // older term is answered, if at all, so that its sender learns the newer one.
    if (message.term() > state.currentTerm()) {
      NodeId leader = isFromLeader(message) ? from : null;
      becomeFollower(message.term(), leader, "newer term from " + from);
    } else if (message.term() < state.currentTerm()) {
      if (isFromLeader(message)) {
        outbox.send(from, new AppendEntriesRejected(state.currentTerm(), 0, 0, 0));
      }
      return;
    }
    if (message instanceof RequestVoteReply reply) {
      onRequestVoteReply(from, reply);
    } else if (message instanceof AppendEntries append) {
      followLeader(from);
      followerLog.onAppendEntries(from, append);
    } else if (message instanceof AppendEntriesAccepted accepted) {
      onAppendEntriesAccepted(from, accepted);
    } else if (message instanceof AppendEntriesRejected rejected) {
      replication.onRejected(from, rejected);
    } else if (message instanceof Heartbeat heartbeat) {
      onHeartbeat(from, heartbeat);
    } else if (message instanceof HeartbeatReply reply) {
      onHeartbeatReply(from, reply);
    } else if (message instanceof InstallSnapshot install) {
      onInstallSnapshot(from, install.snapshot());
    } else if (message instanceof SnapshotWanted wanted) {
      snapshots.onWanted(from, wanted);
    } else if (message instanceof ReadIndexRequest request) {
      leaderReads.onRequest(from, request);
    } else if (message instanceof ReadIndexReply reply) {
      forwardedReads.onReply(from, reply);
    } else if (message instanceof TimeoutNow) {
      onTimeoutNow(from);
    } else {
      throw new AssertionError(message);
    }
  }

  private static boolean isFromLeader(Message message) {
    return message instanceof AppendEntries
        || message instanceof Heartbeat
        || message instanceof InstallSnapshot;
  }

  // ---- Time ----

  /** Who is alone need not wait for a leader to be silent. */
  private void onStart() {
    boolean isAlone = state.configuration().isVoter(self()) && state.peers().isEmpty();
    if (isAlone && state.disk().mayLead()) {
      campaign(true, false, "the only member");
    } else if (state.currentTerm() > 0) {
      election.onRestart();
    }
  }

  private void onTick() {
    election.tick();
    forwardedReads.tick();
    if (state.isLeader()) {
      onLeaderTick();
    } else if (election.isOverdue() && state.mayCampaign() && state.disk().mayLead()) {
      campaign(true, false, "no leader heard for " + election.elapsedTicks() + " ticks");
    } else if (election.isOverdue() && state.leader() != null) {
      becomeFollower(state.currentTerm(), null, "the leader is silent");
    }
  }

  private void onLeaderTick() {
    if (election.takeQuorumCheck() && !followers.takeHeardFromQuorum()) {
      becomeFollower(state.currentTerm(), null, "no majority answers");
      return;
    }
    transfer.tick();
    transfer.maybeGiveWay();
    followers.tick();
    snapshots.onLeaderTick();
    membership.onLeaderTick();
    heartbeats.tick();
    snapshots.maybeOffer();
  }

  // ---- Elections: Raft §5.2, pre-vote and check-quorum of thesis §9.6 and §6.2 ----

  /**
   * Asks for votes. A pre-vote changes nothing here or there: only a majority that would vote makes
   * the term rise, so that a node behind a broken cable cannot disturb the others.
   */
  private void campaign(boolean preVote, boolean isHeir, String why) {
    election.resetTimer();
    election.clearVotes();
    if (preVote) {
      election.grant(self());
      changeRole(Role.PRE_CANDIDATE, null, why);
    } else {
      // The own vote counts like any other: once it is durable. Else a lone voter would lead, die
      // with the term unwritten, and lead the same term again with other entries.
      state.enterTerm(state.currentTerm() + 1);
      state.voteFor(self());
      changeRole(Role.CANDIDATE, null, why);
    }
    election.requestVotes(preVote, isHeir);
    maybeWin();
  }

  private void onRequestVote(NodeId from, RequestVote request) {
    if (election.isBoundAgainst(request)) {
      election.refuse(from, request);
      return;
    }
    if (!request.preVote() && request.term() > state.currentTerm()) {
      becomeFollower(request.term(), null, "vote requested by " + from);
    }
    election.onRequestVote(from, request);
  }

  private void onPreVoteGranted(NodeId from, RequestVoteReply reply) {
    if (state.role() == Role.PRE_CANDIDATE && reply.term() == state.currentTerm() + 1) {
      election.grant(from);
      maybeWin();
    }
  }

  private void onRequestVoteReply(NodeId from, RequestVoteReply reply) {
    Role asked = reply.preVote() ? Role.PRE_CANDIDATE : Role.CANDIDATE;
    if (state.role() == asked) {
      election.note(from, reply.granted());
      maybeWin();
    }
  }

  private void onPersisted(long sequence) {
    outbox.onPersisted(sequence);
    if (state.role() == Role.CANDIDATE && outbox.isHardStateDurable()) {
      election.grant(self());
      maybeWin();
    }
  }

  private void maybeWin() {
    Election.Outcome outcome = election.outcome();
    if (outcome == Election.Outcome.LOST) {
      becomeFollower(state.currentTerm(), null, "a majority refused");
    } else if (outcome == Election.Outcome.WON && state.role() == Role.PRE_CANDIDATE) {
      campaign(false, false, "a majority would vote");
    } else if (outcome == Election.Outcome.WON) {
      becomeLeader();
    }
  }

  private void becomeFollower(long term, @Nullable NodeId newLeader, String why) {
    boolean led = state.isLeader();
    if (term > state.currentTerm()) {
      state.enterTerm(term);
    }
    changeRole(Role.FOLLOWER, newLeader, why);
    election.resetTimer();
    if (led) {
      leaderReads.fail();
      followers.clear();
      transfer.end();
    }
  }

  private void becomeLeader() {
    int voters = state.configuration().voters().size();
    changeRole(Role.LEADER, self(), election.answerCount() + " of " + voters + " votes");
    election.onElected();
    transfer.onElected();
    snapshots.onElected();
    followers.onElected();
    leaderLog.onElected();
    heartbeats.broadcast();
  }

  private void changeRole(Role role, @Nullable NodeId leader, String why) {
    if (state.role() == role && state.isLedBy(leader) && !state.hardStateChanged()) {
      return;
    }
    state.become(role, leader);
    outbox.add(new Effect.RoleChanged(role, state.currentTerm(), leader, why));
    forwardedReads.fail(); // The new leader may know of what the old one did not.
  }

  /** A candidate gives way to the leader of its term (Raft §5.2). */
  private void followLeader(NodeId from) {
    requireNoOtherLeader(from);
    if (!state.isFollower() || state.leader() == null) {
      becomeFollower(state.currentTerm(), from, "heard from the leader");
    }
    election.onLeaderHeard();
  }

  private void requireNoOtherLeader(NodeId from) {
    ensure(
        !state.isLeader(),
        "one leader in term " + state.currentTerm() + ", not also " + from,
        state);
  }

  // ---- Replication: Raft §5.3 ----

  private void onPropose(Input.Propose propose) {
    if (!state.isLeader()) {
      outbox.add(new ProposalRejected(ProposalRejected.Reason.NOT_LEADER));
    } else if (transfer.isUnderWay()) {
      outbox.add(new ProposalRejected(ProposalRejected.Reason.TRANSFERRING));
    } else if (!leaderLog.hasRoomFor(propose.payload().length)) {
      outbox.add(new ProposalRejected(ProposalRejected.Reason.FULL));
    } else {
      leaderLog.append(propose.kind(), propose.payload());
      outbox.add(new Effect.Proposed(lastIndex(), state.currentTerm()));
    }
  }

  private void onAppendEntriesAccepted(NodeId from, AppendEntriesAccepted accepted) {
    if (replication.onAccepted(from, accepted)) {
      transfer.onProgress(from);
    }
  }

  private void onHeartbeat(NodeId from, Heartbeat heartbeat) {
    followLeader(from);
    state.learnCommitIndex(Math.min(heartbeat.leaderCommit(), lastIndex()));
    outbox.send(from, new HeartbeatReply(state.currentTerm(), heartbeat.round()));
  }

  private void onHeartbeatReply(NodeId from, HeartbeatReply reply) {
    Progress progress = followers.of(from);
    if (progress != null) {
      progress.onHeartbeatReply();
      leaderReads.onRoundConfirmed(from, reply.round());
    }
  }

  // ---- Membership: Raft §6 ----

  /**
   * Once a joint configuration is committed, what it leads to is appended; and once that is, a
   * leader that is no part of it gives way (Raft §6), to the one who can take over at once.
   */
  private void maybeGoOnChanging() {
    if (membership.goOn()) {
      heartbeats.broadcast(); // The others learn that it is committed.
      transfer.leaveToFurthest();
      becomeFollower(state.currentTerm(), null, "not a voter of the configuration");
    }
  }

  private void onConfigurationChanged() {
    membership.onConfigurationChanged();
    if (!state.isLeader() && !state.isFollower() && !state.mayCampaign()) {
      becomeFollower(state.currentTerm(), null, "no voter any more");
    }
  }

  // ---- Snapshots: Raft §7, pulled by the follower ----

  private void onInstallSnapshot(NodeId from, SnapshotId snapshot) {
    followLeader(from);
    if (snapshots.isNews(snapshot)) {
      outbox.add(new Effect.PullSnapshot(snapshot));
    } else {
      followerLog.acknowledge(from, commitIndex()); // Committed here already: nothing to pull.
    }
  }

  private void onWantSnapshot(long fromIndex) {
    NodeId to = state.leader();
    if (to != null && !state.isLeader()) {
      outbox.send(to, new SnapshotWanted(state.currentTerm(), fromIndex, commitIndex()));
    }
  }

  private void onSnapshotInstalled(Input.SnapshotInstalled installed) {
    long index = installed.snapshot().lastIncludedIndex();
    state.disk().setStateLost(false);
    snapshots.onInstalled(installed.snapshot());
    if (membership.onSnapshotInstalled(index, installed.configuration())) {
      onConfigurationChanged();
    }
    NodeId to = state.leader();
    if (to != null && state.isFollower()) {
      followerLog.acknowledge(to, index);
    }
  }

  // ---- Linearizable reads: thesis §6.4 ----

  private void onReadIndex(long readId) {
    if (state.isLeader()) {
      leaderReads.add(readId);
    } else if (state.leader() != null) {
      forwardedReads.add(readId);
    } else {
      outbox.add(new Effect.ReadFailed(readId));
    }
  }

  // ---- Leadership transfer: thesis §3.10 ----

  private void onTimeoutNow(NodeId from) {
    requireNoOtherLeader(from);
    if (state.mayCampaign() && state.disk().wouldRatherLead()) {
      campaign(false, true, "the leader hands over");
    }
  }

  // ---- What others may see ----

  public NodeId self() {
    return state.self();
  }

  public long currentTerm() {
    return state.currentTerm();
  }

  public @Nullable NodeId votedFor() {
    return state.votedFor();
  }

  public Role role() {
    return state.role();
  }

  public boolean isLeader() {
    return state.isLeader();
  }

  /** The leader of the current term, if known. */
  public @Nullable NodeId leader() {
    return state.leader();
  }

  public long commitIndex() {
    return state.commitIndex();
  }

  public long lastIndex() {
    return state.log().lastIndex();
  }

  public long baseIndex() {
    return state.log().baseIndex();
  }

  /** The term of an entry from the base to the last. */
  public long termAt(long index) {
    return state.log().termAt(index);
  }

  public long durableIndex() {
    return state.durableIndex();
  }

  /** Whether the log can answer {@link #termAt} for an index. */
  public boolean holds(long index) {
    return state.log().holds(index);
  }

  /** The one in force, committed or not. */
  public Configuration configuration() {
    return state.configuration();
  }

  /** Why a change would be refused now; null if it would not be. */
  public ProposalRejected.@Nullable Reason whyNotChange(MembershipChange change) {
    return membership.outcomeOf(change).refused();
  }

  /** Whether the configuration in force is committed and leads to no other by itself. */
  public boolean isConfigurationSettled() {
    return membership.isSettled();
  }

  /** Whether a leader has committed an entry of its own term, and so knows what is committed. */
  public boolean knowsCommitted() {
    return state.isLeader() && leaderLog.knowsCommitted();
  }

  /** Whether a leader hands over, and takes no proposals until that has come to an end. */
  public boolean isTransferring() {
    return transfer.isUnderWay();
  }

  /**
   * Whether what a round has confirmed a moment ago still tells that nobody else leads: no more in
   * this term once the leader has asked another to take over.
   */
  public boolean mayHoldLease() {
    return state.isLeader() && !transfer.hasHandedOver();
  }

  /** What a leader knows a follower to hold; 0 when unknown or not leading. */
  public long matchIndex(NodeId peer) {
    return followers.matchIndexOf(peer);
  }

  /** One line for logs, failed tests and the simulator. */
  public String describe() {
    StringBuilder line = new StringBuilder(state.describe());
    followers.forEach(
        (peer, progress) ->
            line.append(" [").append(peer).append(' ').append(progress.describe()).append(']'));
    return line.toString();
  }
}
