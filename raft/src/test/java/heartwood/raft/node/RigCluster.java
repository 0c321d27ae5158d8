package heartwood.raft.node;

import heartwood.raft.core.CoreOptions;
import heartwood.raft.core.Role;
import heartwood.raft.log.HardState;
import heartwood.raft.log.LogBatch;
import heartwood.raft.log.MemoryLog;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.log.SnapshotStore;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Member;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whole nodes in one thread, on memory: what one sends arrives when the cluster is run on, and a
 * disk works when it is not held up. Steered by the test.
 */
final class RigCluster {
  static final int MAX_WRITE_TICKS = 30;

  private static final NodeOptions OPTIONS =
      NodeOptions.DEFAULT
          .withCore(CoreOptions.DEFAULT.withTimes(10, 2))
          .withCacheBytes(1 << 10)
          .withSnapshotChunkBytes(100)
          .withMaxWriteTicks(MAX_WRITE_TICKS);

  private final List<Each> nodes = new ArrayList<>();
  private final ArrayDeque<Runnable> work = new ArrayDeque<>();
  private final Configuration configuration;

  /** Nodes whose disks do nothing. */
  private final Set<Integer> stalled = new HashSet<>();

  /** No piece of a snapshot arrives. */
  private boolean holdsBackSnapshots;

  /** Nodes that are cut off. */
  private final Set<Integer> silent = new HashSet<>();

  RigCluster(int nodeCount) {
    List<Member> members = new ArrayList<>();
    for (int number = 1; number <= nodeCount; number++) {
      members.add(new Member(new NodeId(number), "host" + number, 0, 0, 0, 0));
    }
    configuration = Configuration.of(members);
    for (int number = 1; number <= nodeCount; number++) {
      NodeId id = new NodeId(number);
      nodes.add(new Each(id, new MemoryLog(new NodeIdentity(1, id, number))));
    }
    nodes.forEach(Each::start);
    runOn();
  }

  /** One node: state machine, listener and snapshots in one. */
  final class Each implements StateMachine, SnapshotStore, NodeListener {
    final NodeId id;
    final ArrayDeque<Runnable> logWork = new ArrayDeque<>();
    final List<Long> applied = new ArrayList<>();
    final List<String> roles = new ArrayList<>();
    MemoryLog log;
    DigestRing digests = new DigestRing();
    @Nullable RaftNode node;
    @Nullable Throwable failure;
    private long appliedIndex;
    private long appliedTerm;
    long durableIndex;

    Each(NodeId id, MemoryLog log) {
      this.id = id;
      this.log = log;
    }

    void start() {
      failure = null;
      RaftNode started =
          new RaftNode(
              id,
              OPTIONS,
              id.number(),
              log,
              this,
              this,
              configuration,
              (to, message) -> work.addLast(() -> deliver(id, to, message)),
              new NodeExecutors(
                  task -> work.addLast(() -> runIfAlive(task)),
                  logWork::addLast,
                  task -> work.addLast(() -> runIfAlive(task)),
                  task -> work.addLast(() -> runIfAlive(task))),
              this);
      node = started;
      started.start();
    }

    private void runIfAlive(Runnable task) {
      if (node != null) {
        task.run();
      }
    }

    RaftNode node() {
      RaftNode present = node;
      if (present == null) {
        throw new IllegalStateException(id + " is down");
      }
      return present;
    }

    void kill() {
      node = null;
      logWork.clear();
    }

    /** Starts anew from what its log holds, with a state that has applied nothing. */
    void restart() {
      kill();
      log = log.restart();
      appliedIndex = 0;
      appliedTerm = 0;
      applied.clear();
      digests = new DigestRing();
      start();
    }

    /** As if nobody had told it yet: it holds the entries, durably. */
    void forgetCommitIndex() {
      HardState known = log.hardState();
      log.write(new LogBatch(List.of(), new HardState(known.currentTerm(), known.votedFor(), 0)));
    }

    /** Starts anew from what its log holds, and with no state at all. */
    void restartWithoutState() {
      kill();
      log = log.restart();
      appliedIndex = LOST;
      appliedTerm = 0;
      durableIndex = LOST;
      applied.clear();
      digests = new DigestRing();
      start();
    }

    @Override
    public long appliedIndex() {
      return appliedIndex;
    }

    @Override
    public long appliedTerm() {
      return appliedTerm;
    }

    @Override
    public long durableIndex() {
      return durableIndex;
    }

    @Override
    public DigestRing digests() {
      return digests;
    }

    @Override
    public void requestDurable() {
      durableIndex = appliedIndex;
    }

    @Override
    public void apply(LogEntry entry, @Nullable Proposal proposal) {
      if (entry.index() != appliedIndex + 1) {
        throw new IllegalStateException("applied " + entry.index() + " after " + appliedIndex);
      }
      appliedIndex = entry.index();
      appliedTerm = entry.term();
      applied.add(entry.index());
      digests.put(entry.index(), entry.index());
      if (proposal != null) {
        ((NodeRig.TestProposal) proposal).outcomes.add("executed");
      }
    }

    @Override
    public SnapshotId stage() {
      return new SnapshotId(id, appliedIndex, appliedTerm, 100, 0);
    }

    @Override
    public @Nullable SnapshotId offered() {
      return null;
    }

    @Override
    public @Nullable SnapshotId receiving() {
      return null;
    }

    @Override
    public boolean checkOffered() {
      return true;
    }

    @Override
    public void withdraw() {}

    @Override
    public void discardReceived() {}

    @Override
    public byte[] read(SnapshotId snapshot, long offset, int maxBytes) {
      return new byte[(int) Math.min(maxBytes, snapshot.byteCount() - offset)];
    }

    private long receivedBytes;

    @Override
    public long receivedBytes(SnapshotId snapshot) {
      return receivedBytes;
    }

    @Override
    public void receive(SnapshotId snapshot, long offset, byte[] bytes) {
      receivedBytes = offset + bytes.length;
    }

    @Override
    public Configuration install(SnapshotId snapshot) {
      receivedBytes = 0;
      appliedIndex = snapshot.lastIncludedIndex();
      appliedTerm = snapshot.lastIncludedTerm();
      return configuration;
    }

    @Override
    public void onRoleChanged(Role role, long term, @Nullable NodeId leader) {
      roles.add(role + "/" + term);
    }

    @Override
    public void onConfigurationChanged(Configuration changed) {}

    @Override
    public void onProposalSlot() {}

    @Override
    public void onFailure(Throwable thrown) {
      failure = thrown;
      kill();
    }
  }

  private void deliver(NodeId from, NodeId to, Message message) {
    Each target = node(to.number());
    if (holdsBackSnapshots && message instanceof Message.SnapshotChunk) {
      return;
    }
    if (target.node != null && !silent.contains(from.number()) && !silent.contains(to.number())) {
      target.node().receive(from, message);
    }
  }

  Each node(int number) {
    return nodes.get(number - 1);
  }

  void stall(int number) {
    stalled.add(number);
  }

  void goOn(int number) {
    stalled.remove(number);
    runOn();
  }

  void cutOff(int number) {
    silent.add(number);
  }

  void holdBackSnapshots(boolean holdsBack) {
    holdsBackSnapshots = holdsBack;
  }

  void heal() {
    silent.clear();
  }

  /** Everything that is on its way arrives, and every disk that works has done its work. */
  void runOn() {
    boolean hasMore = true;
    while (hasMore) {
      hasMore = false;
      for (Runnable next = work.pollFirst(); next != null; next = work.pollFirst()) {
        next.run();
      }
      for (Each each : nodes) {
        if (!stalled.contains(each.id.number()) && !each.logWork.isEmpty()) {
          each.logWork.removeFirst().run();
          hasMore = true;
        }
      }
    }
  }

  void tick(int ticks) {
    for (int i = 0; i < ticks; i++) {
      for (Each each : nodes) {
        if (each.node != null) {
          each.node().tick();
        }
      }
      runOn();
    }
  }

  /** Ticks until there is a leader of a majority, and returns it. */
  Each leader() {
    for (int i = 0; i < 500; i++) {
      for (Each each : nodes) {
        if (each.node != null && each.node().isLeader() && each.node().core().knowsCommitted()) {
          return each;
        }
      }
      tick(1);
    }
    throw new AssertionError("no leader");
  }

  /** Ticks until somebody leads, whatever is committed; null: nobody does by then. */
  @Nullable Each electedWithin(int ticks) {
    for (int i = 0; i < ticks; i++) {
      for (Each each : nodes) {
        if (each.node != null && each.node().isLeader()) {
          return each;
        }
      }
      tick(1);
    }
    return null;
  }

  Each otherThan(Each... excluded) {
    List<Each> rest = new ArrayList<>(nodes);
    rest.removeAll(List.of(excluded));
    return rest.get(0);
  }

  /** Proposes to whoever leads, and ticks until it is executed or the ticks are over. */
  boolean write(int withinTicks) {
    NodeRig.TestProposal proposal = new NodeRig.TestProposal();
    boolean isOut = false;
    for (int i = 0; i < withinTicks && !proposal.outcomes.contains("executed"); i++) {
      for (Each each : nodes) {
        if (!isOut && each.node != null && each.node().isLeader()) {
          if (each.node().hasProposalSlot()) {
            each.node().propose(proposal);
            isOut = true;
          }
        }
      }
      runOn();
      if (!proposal.outcomes.contains("executed")) {
        tick(1);
      }
    }
    return proposal.outcomes.contains("executed");
  }
}
