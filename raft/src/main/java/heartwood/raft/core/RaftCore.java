package heartwood.raft.core;

import static heartwood.raft.core.Ensure.ensure;

import heartwood.raft.core.Effect.Persist;
import heartwood.raft.core.Effect.ProposalRejected;
import heartwood.raft.core.Effect.Send;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
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
import heartwood.raft.message.Message.TimeoutNow;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One member of a Raft group: {@link #step} takes what happened and returns what to do about it.
 *
 * <p>Not thread-safe, and does nothing by itself. The order of the file is the order of the paper:
 * elections (§5.2, thesis §9.6), replication (§5.3), commitment (§5.4), membership (§6), snapshots
 * (§7), reads (thesis §6.4), transfer (thesis §3.10), and last how effects are gathered.
 *
 * <p>What a message claims must be durable before it leaves. Hence no handler sends directly:
 * {@link #send} looks at what is still on its way to the disk and hangs the message on the persist
 * that it depends on.
 */
public final class RaftCore {
  /** How long a leader goes on telling those who left. */
  private static final int GOODBYE_TICKS = 200;

  /** How many election timeouts pass until a staging that has failed is tried again. */
  private static final int STAGING_PAUSES = 10;

  /** How many election timeouts a follower's reads wait for its leader, or for its log. */
  private static final int READ_TIMEOUTS = 4;

  private final NodeId self;
  private final CoreOptions options;
  private final SplitMix64 random;

  // Persistent state (Raft figure 2): handed out in Persist effects.

  /** Latest term this node has seen. Invariant: never decreases. */
  private long currentTerm;

  /** Who got this node's vote in {@code currentTerm}; null: nobody. */
  private @Nullable NodeId votedFor;

  private final RaftLog log;

  // Volatile state.

  private final OwnDisk disk = new OwnDisk();

  /** Highest index known committed. Invariant: {@code appliedIndex <= commitIndex <= lastIndex}. */
  private long commitIndex;

  /** Highest index handed out in an Apply effect. */
  private long appliedIndex;

  /** Highest index that this node's own disk holds, equal to the log as it is now. */
  private long durableIndex;

  private Role role = Role.FOLLOWER;
  private @Nullable NodeId leader;
  private final ConfigurationLog configurations;

  /**
   * What the state was applied to when it was taken up: its configuration speaks for all before.
   */
  private long statedIndex;

  private int electionElapsedTicks;
  private int heartbeatElapsedTicks;

  /** The election timeout of this turn, drawn anew each time so that votes rarely split. */
  private int electionDeadlineTicks;

  /** What this node's vote is promised to. */
  private final VotePromise promise = new VotePromise();

  private final FollowerReads followerReads;

  // Volatile state of candidates.

  private final Map<NodeId, Boolean> votes = new HashMap<>();

  // Volatile state of leaders, made anew at each election.

  private final Map<NodeId, Progress> progressByPeer = new TreeMap<>();
  private final ReadIndexQueue reads = new ReadIndexQueue();

  /** Index of this leader's first entry; what is committed before it is not known (Raft §8). */
  private long ownTermIndex;

  private long uncommittedBytes;
  private @Nullable NodeId transferTarget;
  private int transferElapsedTicks;

  /** An heir was chosen in this term: it may stand for election long after it was given up. */
  private boolean hasHandedOver;

  private @Nullable SnapshotId staged;
  private boolean isStaging;
  private int stagingPauseTicks;

  /** The commit index moved and followers have not been told with entries. */
  private boolean commitNoticeDue;

  // What is on its way to the disk.

  private long persistSequence;

  /** Sequence of the last persist that changed term or vote. */
  private long hardStateSequence;

  private long durableSequence;

  /**
   * Persists not durable yet: sequence of each, and up to where the log is durable with it.
   *
   * <p>The ABA case: an entry may be cut and come back later, alike in index and term, while the
   * write of its first life is still under way. So a cut lowers what every write under way will
   * prove; only the write of the second life proves the second life.
   */
  private final ArrayDeque<long[]> persists = new ArrayDeque<>();

  // What this step has gathered.

  private List<Effect> effects = new ArrayList<>();
  private List<LogEntry> appended = new ArrayList<>();
  private List<Send> afterPersist = new ArrayList<>();
  private boolean hardStateChanged;

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
    this.self = self;
    this.options = options;
    this.random = new SplitMix64(seed);
    this.followerReads = new FollowerReads(new SplitMix64(~seed).nextLong());
    this.currentTerm = currentTerm;
    this.votedFor = votedFor;
    this.log = log;
    this.commitIndex = Math.min(Math.max(commitIndex, appliedIndex), log.lastIndex());
    this.appliedIndex = appliedIndex;
    this.configurations = configurations;
    this.statedIndex = appliedIndex;
    this.durableIndex = log.lastIndex();
    resetElectionTimer();
    checkInvariants();
  }

  /** Takes one input and returns its effects, to be done in order. */
  public List<Effect> step(Input input) {
    effects = new ArrayList<>();
    dispatch(input);
    if (role == Role.LEADER) {
      maybeAdvanceCommitIndex();
      maybeGoOnChanging();
    }
    if (role == Role.LEADER) {
      gatherApply(); // Before the reads: a lone voter's are ready at once.
      maybeBeginReadRound();
      replicate();
    } else if (followerReads.canAsk()) {
      askForReadIndex(followerReads.ask());
    }
    gatherPersist();
    gatherApply();
    gatherFollowerReads();
    checkInvariants();
    return effects;
  }

  private void dispatch(Input input) {
    if (input instanceof Input.Tick) {
      onTick();
    } else if (input instanceof Input.Receive receive) {
      onMessage(receive.from(), receive.message());
    } else if (input instanceof Input.Propose propose) {
      onPropose(propose);
    } else if (input instanceof Input.ChangeMembership asked) {
      onChangeMembership(asked.change());
    } else if (input instanceof Input.Persisted persisted) {
      onPersisted(persisted.sequence());
    } else if (input instanceof Input.ReadIndex read) {
      onReadIndex(read.readId());
    } else if (input instanceof Input.Unreachable unreachable) {
      onUnreachable(unreachable.peer());
    } else if (input instanceof Input.SnapshotStaged snapshot) {
      onSnapshotStaged(snapshot.snapshot());
    } else if (input instanceof Input.SnapshotNotStaged) {
      isStaging = false;
      staged = null; // What was on offer is not any more.
      stagingPauseTicks = STAGING_PAUSES * options.electionTimeoutTicks();
    } else if (input instanceof Input.SnapshotInstalled installed) {
      onSnapshotInstalled(installed);
    } else if (input instanceof Input.Compacted compacted) {
      log.compact(compacted.index());
      configurations.compact(compacted.index());
    } else if (input instanceof Input.Start) {
      onStart();
    } else if (input instanceof Input.TransferLeadership transfer) {
      onTransferLeadership(transfer.target());
    } else if (input instanceof Input.DiskStalled stalled) {
      disk.setStalled(stalled.isStalled());
    } else if (input instanceof Input.LogDamaged damaged) {
      onLogDamaged(damaged.fromIndex());
    } else if (input instanceof Input.EntryRepaired repaired) {
      onEntryRepaired(repaired.entry());
    } else if (input instanceof Input.DiskLow low) {
      disk.setLow(low.isLow());
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
    if (message.term() > currentTerm) {
      boolean fromLeader =
          message instanceof AppendEntries
              || message instanceof Heartbeat
              || message instanceof InstallSnapshot;
      becomeFollower(message.term(), fromLeader ? from : null, "newer term from " + from);
    } else if (message.term() < currentTerm) {
      onOlderTerm(from, message);
      return;
    }
    if (message instanceof RequestVoteReply reply) {
      onRequestVoteReply(from, reply);
    } else if (message instanceof AppendEntries append) {
      onAppendEntries(from, append);
    } else if (message instanceof AppendEntriesAccepted accepted) {
      onAppendEntriesAccepted(from, accepted);
    } else if (message instanceof AppendEntriesRejected rejected) {
      onAppendEntriesRejected(from, rejected);
    } else if (message instanceof Heartbeat heartbeat) {
      onHeartbeat(from, heartbeat);
    } else if (message instanceof HeartbeatReply reply) {
      onHeartbeatReply(from, reply);
    } else if (message instanceof InstallSnapshot install) {
      onInstallSnapshot(from, install);
    } else if (message instanceof ReadIndexRequest request) {
      onReadIndexRequest(from, request);
    } else if (message instanceof ReadIndexReply reply) {
      onReadIndexReply(from, reply);
    } else if (message instanceof TimeoutNow) {
      onTimeoutNow(from);
    } else {
      throw new AssertionError(message);
    }
  }

  private void onOlderTerm(NodeId from, Message message) {
    if (message instanceof AppendEntries
        || message instanceof Heartbeat
        || message instanceof InstallSnapshot) {
      send(from, new AppendEntriesRejected(currentTerm, 0, 0, 0));
    }
  }

  // ---- Elections: Raft §5.2, pre-vote and check-quorum of thesis §9.6 and §6.2 ----

  /** Who is alone need not wait for a leader to be silent. */
  private void onStart() {
    if (configuration().isVoter(self) && peers().isEmpty() && disk.mayLead()) {
      campaign(true, false, "the only member");
    } else if (currentTerm > 0) {
      promise.give(options.electionTimeoutTicks()); // It may have heard one, and has forgotten.
    }
  }

  private void onTick() {
    electionElapsedTicks++;
    promise.tick();
    onFollowerReadsTick();
    if (role == Role.LEADER) {
      onLeaderTick();
    } else if (electionElapsedTicks >= electionDeadlineTicks && mayCampaign() && disk.mayLead()) {
      campaign(true, false, "no leader heard for " + electionElapsedTicks + " ticks");
    } else if (electionElapsedTicks >= electionDeadlineTicks && leader != null) {
      becomeFollower(currentTerm, null, "the leader is silent");
    }
  }

  private void onLeaderTick() {
    if (electionElapsedTicks >= options.electionTimeoutTicks()) {
      electionElapsedTicks = 0;
      if (!heardFromQuorum()) {
        becomeFollower(currentTerm, null, "no majority answers");
        return;
      }
    }
    if (transferTarget != null && ++transferElapsedTicks >= options.electionTimeoutTicks()) {
      transferTarget = null; // The heir did not make it in time: serve on.
    }
    maybeGiveWay();
    progressByPeer
        .values()
        .forEach(progress -> progress.onTick(2 * options.electionTimeoutTicks()));
    stagingPauseTicks = Math.max(0, stagingPauseTicks - 1);
    onMembershipTick();
    boolean isDue = ++heartbeatElapsedTicks >= options.heartbeatTicks();
    if (isDue || commitNoticeDue || reads.isOut()) {
      broadcastHeartbeat();
    }
    maybeOfferSnapshot();
  }

  private boolean heardFromQuorum() {
    TreeSet<NodeId> heard = new TreeSet<>();
    heard.add(self);
    progressByPeer.forEach(
        (peer, progress) -> {
          if (progress.takeRecentlyActive()) {
            heard.add(peer);
          }
        });
    return Quorum.agrees(configuration(), heard::contains);
  }

  /**
   * A leader whose disk stands still hands over to a voter whose disk has done more meanwhile:
   * where all wait for their disks, another leader would be no better. So does one whose log is
   * damaged, if it is not repaired at once.
   */
  private void maybeGiveWay() {
    disk.tick();
    NodeId heir = disk.mayLead() ? null : furthestVoter();
    boolean isBetter = heir != null && matchIndexOf(heir) > durableIndex;
    if (heir != null && (isBetter || disk.isDamagedFor(options.electionTimeoutTicks()))) {
      onTransferLeadership(heir);
    }
  }

  /**
   * Whether it takes this node to lead. One that is to leave may be the only one that holds the
   * configuration which says so: until that is committed it goes on asking for votes, even if its
   * own does not count (thesis §4.2.2).
   */
  private boolean mayCampaign() {
    return configuration().isVoter(self) || configurations.at(commitIndex).isVoter(self);
  }

  /**
   * Asks for votes. A pre-vote changes nothing here or there: only a majority that would vote makes
   * the term rise, so that a node behind a broken cable cannot disturb the others.
   */
  private void campaign(boolean preVote, boolean transfer, String why) {
    resetElectionTimer();
    votes.clear();
    if (preVote) {
      votes.put(self, true);
      changeRole(Role.PRE_CANDIDATE, null, why);
    } else {
      // The own vote counts like any other: once it is durable. Else a lone voter would lead, die
      // with the term unwritten, and lead the same term again with other entries.
      currentTerm++;
      votedFor = self;
      hardStateChanged = true;
      changeRole(Role.CANDIDATE, null, why);
    }
    long term = preVote ? currentTerm + 1 : currentTerm;
    for (NodeId peer : peers()) {
      send(peer, new RequestVote(term, log.lastIndex(), log.lastTerm(), preVote, transfer));
    }
    maybeWin();
  }

  private void onRequestVote(NodeId from, RequestVote request) {
    boolean leaderIsAlive = role == Role.LEADER || promise.holds();
    if (leaderIsAlive && !request.transfer()) {
      // Thesis §4.2.3: who hears a leader does not help to depose it. It answers so that a
      // pre-candidate need not wait; the term it reports is its own.
      send(from, new RequestVoteReply(currentTerm, request.preVote(), false));
      return;
    }
    if (!request.preVote() && request.term() > currentTerm) {
      becomeFollower(request.term(), null, "vote requested by " + from);
    }
    boolean termIsOpen =
        request.preVote()
            ? request.term() > currentTerm
            : request.term() == currentTerm && (votedFor == null || votedFor.equals(from));
    // A vote counts once it is durable: who could not give one soon does not promise it.
    boolean granted =
        termIsOpen
            && !(request.preVote() && disk.isStalled())
            && (request.preVote() || leader == null || leader.equals(from))
            && log.isUpToDate(request.lastLogIndex(), request.lastLogTerm());
    if (granted && !request.preVote()) {
      if (votedFor == null) {
        votedFor = from;
        hardStateChanged = true;
      }
      resetElectionTimer();
    }
    long term = request.preVote() && granted ? request.term() : currentTerm;
    send(from, new RequestVoteReply(term, request.preVote(), granted));
  }

  private void onPreVoteGranted(NodeId from, RequestVoteReply reply) {
    if (role == Role.PRE_CANDIDATE && reply.term() == currentTerm + 1) {
      votes.put(from, true);
      maybeWin();
    }
  }

  private void onRequestVoteReply(NodeId from, RequestVoteReply reply) {
    Role asked = reply.preVote() ? Role.PRE_CANDIDATE : Role.CANDIDATE;
    if (role == asked) {
      votes.putIfAbsent(from, reply.granted());
      maybeWin();
    }
  }

  private void maybeWin() {
    if (Quorum.agrees(configuration(), node -> votes.getOrDefault(node, false))) {
      if (role == Role.PRE_CANDIDATE) {
        campaign(false, false, "a majority would vote");
      } else {
        becomeLeader();
      }
    } else if (Quorum.refuses(configuration(), node -> !votes.getOrDefault(node, true))) {
      becomeFollower(currentTerm, null, "a majority refused");
    }
  }

  private void becomeFollower(long term, @Nullable NodeId newLeader, String why) {
    boolean led = role == Role.LEADER;
    if (term > currentTerm) {
      currentTerm = term;
      votedFor = null;
      hardStateChanged = true;
    }
    changeRole(Role.FOLLOWER, newLeader, why);
    resetElectionTimer();
    if (led) {
      failReads();
      progressByPeer.clear();
      transferTarget = null;
      uncommittedBytes = 0;
      commitNoticeDue = false;
    }
  }

  private void becomeLeader() {
    changeRole(
        Role.LEADER, self, votes.size() + " of " + configuration().voters().size() + " votes");
    electionElapsedTicks = 0;
    heartbeatElapsedTicks = 0;
    transferTarget = null;
    hasHandedOver = false;
    isStaging = false;
    uncommittedBytes = 0;
    progressByPeer.clear();
    beginProgress();
    progressByPeer.values().forEach(Progress::onElected);
    // Raft §8: only an entry of its own term tells a leader what is committed.
    ownTermIndex = log.lastIndex() + 1;
    append(EntryKind.NOOP, new byte[0]);
    broadcastHeartbeat();
  }

  private void changeRole(Role newRole, @Nullable NodeId newLeader, String why) {
    boolean sameLeader = newLeader == null ? leader == null : newLeader.equals(leader);
    if (role == newRole && sameLeader && !hardStateChanged) {
      return;
    }
    role = newRole;
    leader = newLeader;
    effects.add(new Effect.RoleChanged(role, currentTerm, leader, why));
    failFollowerReads(); // The new leader may know of what the old one did not.
  }

  private void resetElectionTimer() {
    electionElapsedTicks = 0;
    electionDeadlineTicks =
        options.electionTimeoutTicks() + random.nextInt(options.electionTimeoutTicks());
  }

  // ---- Replication: Raft §5.3, pipelined ----

  private void onPropose(Input.Propose propose) {
    if (role != Role.LEADER) {
      effects.add(new ProposalRejected(ProposalRejected.Reason.NOT_LEADER));
    } else if (transferTarget != null) {
      effects.add(new ProposalRejected(ProposalRejected.Reason.TRANSFERRING));
    } else if (uncommittedBytes > 0
        && uncommittedBytes + propose.payload().length > options.maxUncommittedBytes()) {
      effects.add(new ProposalRejected(ProposalRejected.Reason.FULL));
    } else {
      append(propose.kind(), propose.payload());
      effects.add(new Effect.Proposed(log.lastIndex(), currentTerm));
    }
  }

  private void append(EntryKind kind, byte[] payload) {
    long index = log.lastIndex() + 1;
    log.append(index, currentTerm, payload.length);
    appended.add(new LogEntry(index, currentTerm, kind, payload));
    uncommittedBytes += payload.length;
  }

  private void replicate() {
    progressByPeer.forEach(this::replicateTo);
  }

  private void replicateTo(NodeId peer, Progress progress) {
    if (progress.state() != Progress.State.SNAPSHOT && progress.nextIndex() <= log.baseIndex()) {
      progress.becomeSnapshot();
      maybeOfferSnapshot();
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
          && bytes + log.bytesAt(toIndex + 1) <= options.maxAppendBytes()) {
        toIndex++;
        bytes += log.bytesAt(toIndex);
      }
      sendEntries(peer, fromIndex, toIndex);
      progress.onEntriesSent(toIndex, bytes);
    }
  }

  private void sendEntries(NodeId peer, long fromIndex, long toIndex) {
    long prevLogIndex = fromIndex - 1;
    effects.add(
        new Effect.SendEntries(
            peer,
            currentTerm,
            prevLogIndex,
            log.termAt(prevLogIndex),
            commitIndex,
            fromIndex,
            toIndex));
  }

  private void onAppendEntries(NodeId from, AppendEntries append) {
    followLeader(from);
    long prevLogIndex = append.prevLogIndex();
    List<LogEntry> entries = append.entries();
    long lastNewIndex = prevLogIndex + entries.size();
    if (prevLogIndex >= log.baseIndex() && !log.matches(prevLogIndex, append.prevLogTerm())) {
      rejectEntries(from, prevLogIndex);
      return;
    }
    // What lies at or before the base is committed and compacted here: it matches by itself.
    for (LogEntry entry : entries) {
      if (entry.index() > log.baseIndex() && !log.matches(entry.index(), entry.term())) {
        appendFrom(entries.subList((int) (entry.index() - prevLogIndex - 1), entries.size()));
        break;
      }
    }
    learnCommitIndex(Math.min(append.leaderCommit(), lastNewIndex));
    acknowledge(from, Math.max(lastNewIndex, log.baseIndex()));
  }

  /** Puts entries at their places; an own entry that conflicts goes, with all behind it. */
  private void appendFrom(List<LogEntry> entries) {
    long fromIndex = entries.get(0).index();
    if (fromIndex <= log.lastIndex()) {
      ensure(fromIndex > commitIndex, "conflict at " + fromIndex + " lies after commitIndex", this);
      log.truncate(fromIndex);
      durableIndex = Math.min(durableIndex, fromIndex - 1);
      persists.forEach(persist -> persist[1] = Math.min(persist[1], fromIndex - 1));
      appended.removeIf(entry -> entry.index() >= fromIndex);
    }
    long inForce = configurations.currentIndex();
    configurations.truncate(fromIndex);
    for (LogEntry entry : entries) {
      log.append(entry.index(), entry.term(), entry.payload().length);
      appended.add(entry);
      if (entry.kind() == EntryKind.CONFIGURATION) {
        configurations.append(entry.index(), ConfigurationCodec.decode(entry.payload()));
      }
    }
    if (configurations.currentIndex() != inForce || inForce >= fromIndex) {
      onConfigurationChanged();
    }
  }

  private void rejectEntries(NodeId from, long prevLogIndex) {
    if (prevLogIndex > log.lastIndex()) {
      send(from, new AppendEntriesRejected(currentTerm, prevLogIndex, 0, log.lastIndex() + 1));
    } else {
      send(
          from,
          new AppendEntriesRejected(
              currentTerm,
              prevLogIndex,
              log.termAt(prevLogIndex),
              log.firstIndexOfTermAt(prevLogIndex)));
    }
  }

  /** Answers that everything up to an index is here; waits for the disk if it must. */
  private void acknowledge(NodeId to, long matchIndex) {
    long claimed = disk.claimable(matchIndex);
    if (claimed < matchIndex) {
      disk.withhold(matchIndex, currentTerm);
    }
    AppendEntriesAccepted accepted = new AppendEntriesAccepted(currentTerm, claimed);
    if (claimed <= durableIndex) {
      send(to, accepted);
    } else {
      afterPersist.add(new Send(to, accepted));
    }
  }

  private void onAppendEntriesAccepted(NodeId from, AppendEntriesAccepted accepted) {
    Progress progress = progressByPeer.get(from);
    if (role != Role.LEADER || progress == null) {
      return;
    }
    ensure(accepted.matchIndex() <= log.lastIndex(), from + " holds no more than its leader", this);
    progress.onActive();
    boolean isNews = progress.maybeUpdate(accepted.matchIndex());
    boolean snapshotIsIn =
        progress.state() == Progress.State.SNAPSHOT && progress.matchIndex() >= log.baseIndex();
    if (progress.state() == Progress.State.PROBE || snapshotIsIn) {
      progress.becomeReplicate();
    }
    if (isNews && from.equals(transferTarget)) {
      maybeHandOver(from, progress);
    }
  }

  /**
   * Steps back to where the logs may agree: past all of the follower's conflicting term, or past
   * all of ours that is newer than it (Raft §5.3, the optimization at its end).
   */
  private void onAppendEntriesRejected(NodeId from, AppendEntriesRejected rejected) {
    Progress progress = progressByPeer.get(from);
    if (role != Role.LEADER || progress == null) {
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

  private void onUnreachable(NodeId peer) {
    Progress progress = progressByPeer.get(peer);
    if (progress != null && progress.state() == Progress.State.REPLICATE) {
      progress.becomeProbe();
      progress.onProbeSent(); // The next probe goes with its next sign of life.
    }
  }

  private void broadcastHeartbeat() {
    heartbeatElapsedTicks = 0;
    commitNoticeDue = false;
    progressByPeer.forEach(this::sendHeartbeat);
  }

  private void sendHeartbeat(NodeId peer, Progress progress) {
    long known = Math.min(commitIndex, progress.matchIndex());
    progress.onCommitTold(known);
    send(peer, new Heartbeat(currentTerm, known, reads.round()));
  }

  private void onHeartbeat(NodeId from, Heartbeat heartbeat) {
    followLeader(from);
    learnCommitIndex(Math.min(heartbeat.leaderCommit(), log.lastIndex()));
    send(from, new HeartbeatReply(currentTerm, heartbeat.round()));
  }

  private void followLeader(NodeId from) {
    requireNoOtherLeader(from);
    if (role != Role.FOLLOWER || leader == null) {
      becomeFollower(currentTerm, from, "heard from the leader");
    }
    electionElapsedTicks = 0;
    promise.give(options.electionTimeoutTicks());
  }

  private void requireNoOtherLeader(NodeId from) {
    ensure(role != Role.LEADER, "one leader in term " + currentTerm + ", not also " + from, this);
  }

  private void onHeartbeatReply(NodeId from, HeartbeatReply reply) {
    Progress progress = progressByPeer.get(from);
    if (role != Role.LEADER || progress == null) {
      return;
    }
    progress.onHeartbeatReply();
    reads.confirm(from, reply.round());
    maybeFinishReadRound();
  }

  // ---- Commitment: Raft §5.3 and §5.4.2 ----

  /**
   * Raft §5.4.2: only entries of the leader's own term are committed by counting; those before them
   * follow.
   */
  private void maybeAdvanceCommitIndex() {
    long index =
        Quorum.committedIndex(
            configuration(),
            node -> node.equals(self) ? disk.claimable(durableIndex) : matchIndexOf(node));
    if (index <= commitIndex || log.termAt(index) != currentTerm) {
      return;
    }
    for (long i = Math.max(commitIndex + 1, ownTermIndex); i <= index; i++) {
      uncommittedBytes -= log.bytesAt(i);
    }
    commitIndex = index;
    commitNoticeDue = true;
  }

  private long matchIndexOf(NodeId peer) {
    Progress progress = progressByPeer.get(peer);
    return progress == null ? 0 : progress.matchIndex();
  }

  private void learnCommitIndex(long index) {
    commitIndex = Math.max(commitIndex, index);
  }

  private void onPersisted(long sequence) {
    ensure(sequence <= persistSequence, "persisted " + sequence + " was handed out", this);
    durableSequence = Math.max(durableSequence, sequence);
    while (!persists.isEmpty() && persists.getFirst()[0] <= sequence) {
      long[] done = persists.removeFirst();
      durableIndex = Math.max(durableIndex, done[1]);
    }
    if (role == Role.CANDIDATE && hardStateSequence <= durableSequence) {
      votes.put(self, true);
      maybeWin();
    }
  }

  // ---- A damaged log ----

  private void onLogDamaged(long fromIndex) {
    disk.setDamagedFrom(fromIndex);
    long withheld = fromIndex == Long.MAX_VALUE ? disk.takeWithheld(currentTerm) : 0;
    NodeId to = leader;
    if (withheld > 0 && role == Role.FOLLOWER && to != null) {
      acknowledge(to, Math.min(withheld, log.lastIndex())); // As it is the same term, it agrees.
    }
  }

  /** A configuration that could not be read at the start is known from here on. */
  private void onEntryRepaired(LogEntry entry) {
    boolean isNews =
        entry.kind() == EntryKind.CONFIGURATION
            && entry.index() > statedIndex
            && log.matches(entry.index(), entry.term());
    if (isNews) {
      Configuration before = configuration();
      configurations.append(entry.index(), ConfigurationCodec.decode(entry.payload()));
      if (!configuration().equals(before)) {
        onConfigurationChanged();
      }
    }
  }

  // ---- Membership: Raft §6, learners of thesis §4.2.1 ----

  private void onChangeMembership(MembershipChange change) {
    Reconfiguration.Outcome outcome = outcomeOf(change);
    Configuration next = outcome.next();
    if (next == null) {
      effects.add(new ProposalRejected(Objects.requireNonNull(outcome.refused())));
    } else {
      append(next);
      effects.add(new Effect.Proposed(log.lastIndex(), currentTerm));
    }
  }

  private Reconfiguration.Outcome outcomeOf(MembershipChange change) {
    ProposalRejected.Reason refused = whyNotChange();
    return refused == null
        ? Reconfiguration.of(configuration(), change, this::isHealthy)
        : Reconfiguration.Outcome.refused(refused);
  }

  /**
   * One change at a time; and none before an entry of the own term is committed, or two leaders
   * could count two majorities that do not overlap (the flaw of thesis §4.1, found in 2015).
   */
  private ProposalRejected.@Nullable Reason whyNotChange() {
    if (role != Role.LEADER) {
      return ProposalRejected.Reason.NOT_LEADER;
    }
    if (transferTarget != null) {
      return ProposalRejected.Reason.TRANSFERRING;
    }
    if (commitIndex < ownTermIndex) {
      return ProposalRejected.Reason.NOT_READY;
    }
    boolean isSettled = configurations.currentIndex() <= commitIndex && !configuration().isJoint();
    return isSettled ? null : ProposalRejected.Reason.CHANGING;
  }

  /** Whether a node has answered the last heartbeats: one that has just died is not counted on. */
  private boolean isHealthy(NodeId node) {
    Progress progress = progressByPeer.get(node);
    return node.equals(self)
        || (progress != null && progress.isHeardWithin(3 * options.heartbeatTicks()));
  }

  /** In force from here on, before anybody agrees to it (Raft §6). */
  private void append(Configuration next) {
    ensure(next.isConsistent(), "voters and learners are members, and not both: " + next, this);
    append(EntryKind.CONFIGURATION, ConfigurationCodec.encode(next));
    configurations.append(log.lastIndex(), next);
    onConfigurationChanged();
  }

  private void onConfigurationChanged() {
    effects.add(new Effect.ConfigurationChanged(configuration()));
    if (role == Role.LEADER) {
      beginProgress(); // Who leaves is told so for a while: see onMembershipTick.
    } else if (role != Role.FOLLOWER && !mayCampaign()) {
      becomeFollower(currentTerm, null, "no voter any more");
    }
  }

  private void beginProgress() {
    for (NodeId peer : peers()) {
      progressByPeer
          .computeIfAbsent(
              peer, added -> new Progress(log.lastIndex() + 1, options.maxWindowBytes()))
          .maybeRejoin();
    }
  }

  /**
   * Once a joint configuration is committed, what it leads to is appended; and once that is, a
   * leader that is no part of it gives way (Raft §6), to the one who can take over at once.
   */
  private void maybeGoOnChanging() {
    if (configurations.currentIndex() > commitIndex || commitIndex < ownTermIndex) {
      return;
    }
    if (configuration().isJoint()) {
      append(configuration().leaveJoint());
    } else if (!configuration().isVoter(self)) {
      broadcastHeartbeat(); // The others learn that it is committed.
      NodeId heir = furthestVoter();
      if (heir != null) {
        send(heir, new TimeoutNow(currentTerm));
      }
      becomeFollower(currentTerm, null, "not a voter of the configuration");
    }
  }

  /** Lets learners vote that have caught up, and forgets those who left and know it. */
  private void onMembershipTick() {
    long configurationIndex = configurations.currentIndex();
    progressByPeer
        .entrySet()
        .removeIf(
            each ->
                !configuration().isMember(each.getKey())
                    && each.getValue().hasLeft(configurationIndex, GOODBYE_TICKS));
    Set<NodeId> voters = new TreeSet<>(configuration().voters());
    for (NodeId learner : configuration().joining()) {
      Progress progress = progressByPeer.get(learner);
      if (progress != null && progress.catchesUp(log.lastIndex(), options.electionTimeoutTicks())) {
        voters.add(learner);
      }
    }
    if (voters.size() > configuration().voters().size() && whyNotChange() == null) {
      append(configuration().enterJoint(voters));
    }
  }

  // ---- Snapshots: Raft §7, pulled by the follower ----

  /** Who is not there is staged nothing for: by the time it comes, the log would have gone on. */
  private void maybeOfferSnapshot() {
    SnapshotId snapshot = staged;
    progressByPeer.forEach(
        (peer, progress) -> {
          boolean isThere =
              progress.isHeardWithin(options.electionTimeoutTicks())
                  && configuration().isMember(peer);
          if (progress.state() != Progress.State.SNAPSHOT || !isThere) {
            return;
          }
          if (snapshot == null || snapshot.lastIncludedIndex() < log.baseIndex()) {
            if (!isStaging && stagingPauseTicks == 0) {
              isStaging = true;
              effects.add(new Effect.StageSnapshot());
            }
          } else if (progress.wantsOffer(snapshot, options.electionTimeoutTicks())) {
            progress.onOffered(snapshot);
            send(peer, new InstallSnapshot(currentTerm, snapshot));
          }
        });
  }

  private void onSnapshotStaged(SnapshotId snapshot) {
    isStaging = false;
    staged = snapshot;
    maybeOfferSnapshot();
  }

  private void onInstallSnapshot(NodeId from, InstallSnapshot install) {
    followLeader(from);
    SnapshotId snapshot = install.snapshot();
    if (snapshot.lastIncludedIndex() <= commitIndex) {
      acknowledge(from, commitIndex); // Committed here already: nothing to pull.
    } else {
      effects.add(new Effect.PullSnapshot(snapshot));
    }
  }

  private void onSnapshotInstalled(Input.SnapshotInstalled installed) {
    SnapshotId snapshot = installed.snapshot();
    long index = snapshot.lastIncludedIndex();
    if (index < log.baseIndex() || log.matches(index, snapshot.lastIncludedTerm())) {
      log.compact(index);
    } else {
      ensure(index > commitIndex, "conflict at " + index + " lies after commitIndex", this);
      log.reset(index, snapshot.lastIncludedTerm());
      configurations.truncate(index + 1);
      persists.forEach(persist -> persist[1] = 0);
      durableIndex = index;
    }
    durableIndex = Math.max(durableIndex, index);
    commitIndex = Math.max(commitIndex, index);
    appliedIndex = Math.max(appliedIndex, index);
    Configuration before = configuration();
    configurations.install(index, installed.configuration());
    statedIndex = index;
    if (!configuration().equals(before)) {
      onConfigurationChanged();
    }
    NodeId to = leader;
    if (to != null && role == Role.FOLLOWER) {
      acknowledge(to, index);
    }
  }

  // ---- Linearizable reads: thesis §6.4 ----

  private void onReadIndex(long readId) {
    if (role == Role.LEADER) {
      reads.add(readId);
    } else if (leader != null) {
      followerReads.add(readId);
    } else {
      effects.add(new Effect.ReadFailed(readId));
    }
  }

  private void onReadIndexRequest(NodeId from, ReadIndexRequest request) {
    if (role == Role.LEADER && configuration().isMember(from)) {
      reads.addRequest(from, request.requestId());
    } else {
      send(from, new ReadIndexReply(currentTerm, request.requestId(), ReadIndexReply.NONE, 0));
    }
  }

  /**
   * A round begins once an entry of this term is committed: before, the commit index may lag. It
   * asks those whose answers ended the last one; should they be silent now, the next tick asks all.
   */
  private void maybeBeginReadRound() {
    if (reads.canBegin() && commitIndex >= ownTermIndex) {
      Set<NodeId> quickest = reads.begin(commitIndex);
      if (Quorum.agrees(configuration(), node -> node.equals(self) || quickest.contains(node))) {
        progressByPeer.forEach(
            (peer, progress) -> {
              if (quickest.contains(peer)) {
                sendHeartbeat(peer, progress);
              }
            });
      } else {
        broadcastHeartbeat();
      }
      maybeFinishReadRound();
    }
  }

  private void maybeFinishReadRound() {
    if (reads.isOut()
        && Quorum.agrees(configuration(), node -> node.equals(self) || reads.isConfirmedBy(node))) {
      ReadIndexQueue.Round round = reads.finish();
      if (round.readId() > 0) {
        effects.add(new Effect.ReadReady(round.readId(), round.index()));
      }
      round.requestIds().forEach((peer, requestId) -> answer(peer, requestId, round.index()));
      maybeBeginReadRound();
    }
  }

  /** With what a heartbeat would tell, so that the follower need not wait for one. */
  private void answer(NodeId peer, long requestId, long readIndex) {
    long known = Math.min(commitIndex, matchIndexOf(peer));
    send(peer, new ReadIndexReply(currentTerm, requestId, readIndex, known));
  }

  private void failReads() {
    fail(reads.fail());
  }

  private void fail(long readId) {
    if (readId > 0) {
      effects.add(new Effect.ReadFailed(readId));
    }
  }

  private void askForReadIndex(long requestId) {
    send(Objects.requireNonNull(leader), new ReadIndexRequest(currentTerm, requestId));
  }

  private void onReadIndexReply(NodeId from, ReadIndexReply reply) {
    if (!from.equals(leader) || !followerReads.isOut(reply.requestId())) {
      return;
    }
    if (reply.readIndex() == ReadIndexReply.NONE) {
      failFollowerReads();
      return;
    }
    learnCommitIndex(Math.min(reply.leaderCommit(), log.lastIndex()));
    followerReads.confirm(reply.requestId(), reply.readIndex());
  }

  private void onFollowerReadsTick() {
    if (followerReads.isOverdue(READ_TIMEOUTS * options.electionTimeoutTicks())) {
      failFollowerReads();
    } else if (followerReads.tick(options.heartbeatTicks())) {
      askForReadIndex(followerReads.requestId());
    }
  }

  private void gatherFollowerReads() {
    long readId = followerReads.takeReady(appliedIndex);
    if (readId > 0) {
      effects.add(new Effect.ReadReady(readId, appliedIndex));
    }
  }

  private void failFollowerReads() {
    fail(followerReads.fail());
  }

  // ---- Leadership transfer: thesis §3.10 ----

  private void onTransferLeadership(@Nullable NodeId wished) {
    if (role != Role.LEADER || transferTarget != null) {
      return;
    }
    NodeId target = wished == null ? furthestVoter() : wished;
    Progress progress = target == null ? null : progressByPeer.get(target);
    if (target == null || progress == null || !configuration().isVoter(target)) {
      return;
    }
    transferTarget = target;
    hasHandedOver = true;
    transferElapsedTicks = 0;
    maybeHandOver(target, progress);
  }

  /** Of those that answer, if any does: who holds as much may have died since. */
  private @Nullable NodeId furthestVoter() {
    NodeId furthest = furthestVoter(2 * options.heartbeatTicks());
    return furthest == null ? furthestVoter(Integer.MAX_VALUE) : furthest;
  }

  private @Nullable NodeId furthestVoter(int heardWithinTicks) {
    NodeId furthest = null;
    for (Map.Entry<NodeId, Progress> each : progressByPeer.entrySet()) {
      NodeId peer = each.getKey();
      if (configuration().isVoter(peer)
          && each.getValue().isHeardWithin(heardWithinTicks)
          && (furthest == null || matchIndexOf(peer) > matchIndexOf(furthest))) {
        furthest = peer;
      }
    }
    return furthest;
  }

  private void maybeHandOver(NodeId target, Progress progress) {
    if (progress.matchIndex() == log.lastIndex()) {
      send(target, new TimeoutNow(currentTerm));
    }
  }

  private void onTimeoutNow(NodeId from) {
    requireNoOtherLeader(from);
    if (mayCampaign() && disk.wouldRatherLead()) {
      campaign(false, true, "the leader hands over");
    }
  }

  // ---- Effects ----

  /** Sends once the term and vote that the message presupposes are durable. */
  private void send(NodeId to, Message message) {
    if (hardStateChanged || hardStateSequence > durableSequence) {
      afterPersist.add(new Send(to, message));
    } else {
      effects.add(new Send(to, message));
    }
  }

  private void gatherPersist() {
    if (!hardStateChanged && appended.isEmpty() && afterPersist.isEmpty()) {
      return;
    }
    persistSequence++;
    if (hardStateChanged) {
      hardStateSequence = persistSequence;
    }
    long lastIndex = appended.isEmpty() ? 0 : appended.get(appended.size() - 1).index();
    persists.addLast(new long[] {persistSequence, lastIndex});
    effects.add(
        new Persist(
            persistSequence,
            appended,
            hardStateChanged,
            currentTerm,
            votedFor,
            commitIndex,
            afterPersist));
    hardStateChanged = false;
    appended = new ArrayList<>();
    afterPersist = new ArrayList<>();
  }

  private void gatherApply() {
    if (commitIndex > appliedIndex) {
      effects.add(new Effect.Apply(appliedIndex + 1, commitIndex));
      appliedIndex = commitIndex;
    }
  }

  private void checkInvariants() {
    ensure(appliedIndex <= commitIndex, "appliedIndex <= commitIndex", this);
    ensure(commitIndex <= log.lastIndex(), "commitIndex <= lastIndex", this);
    ensure(durableIndex <= log.lastIndex(), "durableIndex <= lastIndex", this);
    ensure(log.lastTerm() <= currentTerm, "lastTerm <= currentTerm", this);
    ensure(role != Role.LEADER || self.equals(leader), "a leader knows itself", this);
  }

  private List<NodeId> peers() {
    TreeSet<NodeId> peers = new TreeSet<>(configuration().voters());
    peers.addAll(configuration().outgoing());
    peers.addAll(configuration().learners());
    peers.remove(self);
    return List.copyOf(peers);
  }

  // ---- What others may see ----

  public NodeId self() {
    return self;
  }

  public long currentTerm() {
    return currentTerm;
  }

  public @Nullable NodeId votedFor() {
    return votedFor;
  }

  public Role role() {
    return role;
  }

  public boolean isLeader() {
    return role == Role.LEADER;
  }

  /** The leader of the current term, if known. */
  public @Nullable NodeId leader() {
    return leader;
  }

  public long commitIndex() {
    return commitIndex;
  }

  public long lastIndex() {
    return log.lastIndex();
  }

  public long baseIndex() {
    return log.baseIndex();
  }

  /** The term of an entry from the base to the last. */
  public long termAt(long index) {
    return log.termAt(index);
  }

  public long durableIndex() {
    return durableIndex;
  }

  /** Whether the log can answer {@link #termAt} for an index. */
  public boolean holds(long index) {
    return log.holds(index);
  }

  /** The one in force, committed or not. */
  public Configuration configuration() {
    return configurations.current();
  }

  /** Why a change would be refused now; null if it would not be. */
  public ProposalRejected.@Nullable Reason whyNotChange(MembershipChange change) {
    return outcomeOf(change).refused();
  }

  /** Whether the configuration in force is committed and leads to no other by itself. */
  public boolean isConfigurationSettled() {
    return configurations.currentIndex() <= commitIndex && !configuration().isJoint();
  }

  /** Whether a leader has committed an entry of its own term, and so knows what is committed. */
  public boolean knowsCommitted() {
    return role == Role.LEADER && commitIndex >= ownTermIndex;
  }

  /** Whether a leader hands over, and takes no proposals until that has come to an end. */
  public boolean isTransferring() {
    return transferTarget != null;
  }

  /**
   * Whether what a round has confirmed a moment ago still tells that nobody else leads: no more in
   * this term once the leader has asked another to take over.
   */
  public boolean mayHoldLease() {
    return role == Role.LEADER && !hasHandedOver;
  }

  /** What a leader knows a follower to hold; 0 when unknown or not leading. */
  public long matchIndex(NodeId peer) {
    return matchIndexOf(peer);
  }

  /** One line for logs, failed tests and the simulator. */
  public String describe() {
    StringBuilder line = new StringBuilder();
    line.append(self).append(' ').append(role).append(" term=").append(currentTerm);
    line.append(" vote=").append(votedFor).append(" leader=").append(leader);
    line.append(' ').append(log.describe()).append(" durable=").append(durableIndex);
    line.append(" commit=").append(commitIndex).append(" applied=").append(appliedIndex);
    progressByPeer.forEach(
        (peer, progress) ->
            line.append(" [").append(peer).append(' ').append(progress.describe()).append(']'));
    return line.toString();
  }
}
