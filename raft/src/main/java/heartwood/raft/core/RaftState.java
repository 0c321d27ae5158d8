package heartwood.raft.core;

import static heartwood.raft.core.Ensure.ensure;

import heartwood.raft.message.Configuration;
import heartwood.raft.message.NodeId;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The state of figure 2 of the paper, as far as every server has it. Confined to the core: {@link
 * RaftCore} and its parts read it, and change it here.
 *
 * <p>What only a leader or a candidate has lies with the part that keeps it: the votes in {@link
 * Election}, {@code nextIndex} and {@code matchIndex} in {@link Progress}.
 */
final class RaftState {
  private final NodeId self;
  private final CoreOptions options;

  // Persistent state: handed out in Persist effects.

  /** Latest term this node has seen. Invariant: never decreases. */
  private long currentTerm;

  /** Who got this node's vote in {@code currentTerm}; null: nobody. */
  private @Nullable NodeId votedFor;

  /** Term or vote are not what was last handed out to be written. */
  private boolean hardStateChanged;

  private final RaftLog log;
  private final ConfigurationLog configurations;

  // Volatile state.

  /** Highest index known committed. Invariant: {@code appliedIndex <= commitIndex <= lastIndex}. */
  private long commitIndex;

  /** Highest index handed out in an Apply effect. */
  private long appliedIndex;

  /**
   * Highest index that this node's own disk holds, equal to the log as it is now. Kept by {@link
   * Outbox}, which knows what is on its way there.
   */
  private long durableIndex;

  private Role role = Role.FOLLOWER;

  /** Of {@code currentTerm}, if known. Invariant: a leader knows itself. */
  private @Nullable NodeId leader;

  private final OwnDisk disk = new OwnDisk();

  RaftState(
      NodeId self,
      CoreOptions options,
      long currentTerm,
      @Nullable NodeId votedFor,
      RaftLog log,
      long commitIndex,
      long appliedIndex,
      ConfigurationLog configurations) {
    this.self = self;
    this.options = options;
    this.currentTerm = currentTerm;
    this.votedFor = votedFor;
    this.log = log;
    this.commitIndex = Math.min(Math.max(commitIndex, appliedIndex), log.lastIndex());
    this.appliedIndex = appliedIndex;
    this.durableIndex = log.lastIndex();
    this.configurations = configurations;
  }

  NodeId self() {
    return self;
  }

  CoreOptions options() {
    return options;
  }

  RaftLog log() {
    return log;
  }

  ConfigurationLog configurations() {
    return configurations;
  }

  /** The one in force, committed or not (Raft §6). */
  Configuration configuration() {
    return configurations.current();
  }

  OwnDisk disk() {
    return disk;
  }

  // ---- Term and vote ----

  long currentTerm() {
    return currentTerm;
  }

  @Nullable NodeId votedFor() {
    return votedFor;
  }

  /** A newer term has begun, in which this node has not voted yet. */
  void enterTerm(long term) {
    ensure(term > currentTerm, "term " + term + " is newer", this);
    currentTerm = term;
    votedFor = null;
    hardStateChanged = true;
  }

  void voteFor(NodeId candidate) {
    votedFor = candidate;
    hardStateChanged = true;
  }

  boolean hardStateChanged() {
    return hardStateChanged;
  }

  /** Term and vote were handed out to be written. */
  void onHardStateHandedOut() {
    hardStateChanged = false;
  }

  // ---- How far the log is committed, applied, durable ----

  long commitIndex() {
    return commitIndex;
  }

  void learnCommitIndex(long index) {
    commitIndex = Math.max(commitIndex, index);
  }

  long appliedIndex() {
    return appliedIndex;
  }

  /** All that is committed is handed out to be applied, or is in the state already. */
  void onApplied(long index) {
    appliedIndex = Math.max(appliedIndex, index);
  }

  long durableIndex() {
    return durableIndex;
  }

  void setDurableIndex(long index) {
    durableIndex = index;
  }

  // ---- Role ----

  Role role() {
    return role;
  }

  boolean isLeader() {
    return role == Role.LEADER;
  }

  boolean isFollower() {
    return role == Role.FOLLOWER;
  }

  @Nullable NodeId leader() {
    return leader;
  }

  boolean isLedBy(@Nullable NodeId node) {
    return Objects.equals(leader, node);
  }

  void become(Role newRole, @Nullable NodeId newLeader) {
    role = newRole;
    leader = newLeader;
  }

  // ---- Members ----

  /** All members but this node, in the order of their ids. */
  List<NodeId> peers() {
    TreeSet<NodeId> peers = new TreeSet<>(configuration().voters());
    peers.addAll(configuration().outgoing());
    peers.addAll(configuration().learners());
    peers.remove(self);
    return List.copyOf(peers);
  }

  /**
   * Whether it takes this node to lead. One that is to leave may be the only one that holds the
   * configuration which says so: until that is committed it goes on asking for votes, even if its
   * own does not count (thesis §4.2.2).
   */
  boolean mayCampaign() {
    return configuration().isVoter(self) || configurations.at(commitIndex).isVoter(self);
  }

  void checkInvariants() {
    ensure(appliedIndex <= commitIndex, "appliedIndex <= commitIndex", this);
    ensure(commitIndex <= log.lastIndex(), "commitIndex <= lastIndex", this);
    ensure(durableIndex <= log.lastIndex(), "durableIndex <= lastIndex", this);
    ensure(log.lastTerm() <= currentTerm, "lastTerm <= currentTerm", this);
    ensure(role != Role.LEADER || self.equals(leader), "a leader knows itself", this);
  }

  /** One line for logs, failed tests and the simulator. */
  String describe() {
    return self
        + " "
        + role
        + (" term=" + currentTerm + " vote=" + votedFor + " leader=" + leader + " ")
        + log.describe()
        + (" durable=" + durableIndex + " commit=" + commitIndex + " applied=" + appliedIndex);
  }
}
