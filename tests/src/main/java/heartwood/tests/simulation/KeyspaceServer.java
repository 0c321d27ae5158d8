package heartwood.tests.simulation;

import static heartwood.tests.simulation.SimulationFailure.require;

import heartwood.raft.core.Role;
import heartwood.raft.log.LogException;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import heartwood.raft.node.DigestRing;
import heartwood.raft.node.Proposal;
import heartwood.raft.node.RaftNode;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.replication.ReplicatedKeyspace;
import heartwood.storage.Applied;
import heartwood.storage.StorageException;
import heartwood.storage.memory.MemoryTables;
import heartwood.storage.memory.MemoryTables.Fault;
import heartwood.storage.snapshot.LogVerdict;
import heartwood.storage.version.VersionedStore;
import org.jspecify.annotations.Nullable;

/**
 * A node with its commands: the tables of its state last, and processes come and go over them.
 * Stages the tables for peers and is replaced by theirs. Confined to the simulation.
 */
final class KeyspaceServer implements SimServer {
  /** So much that it is never full: a full one waits, and nothing here may wait. */
  private static final long OVERLAY_BYTES = 1 << 26;

  private final SimNode node;
  private final KeyspaceHistory history;
  private final Simulation simulation;
  private final SimRandom random;
  private final FaultPlan.Further plan;

  /** What lasts. */
  private MemoryTables tables;

  private @Nullable KeyspaceProcess process;
  private @Nullable SimThreads threads;
  private boolean isWriting;
  private boolean isStateLost;

  /** How a commit that has not come yet will end; null: well. */
  private @Nullable Fault nextFault;

  private final SimSnapshots snapshots;

  KeyspaceServer(
      SimNode node, Configuration configuration, KeyspaceHistory history, Simulation simulation) {
    this.node = node;
    this.history = history;
    this.simulation = simulation;
    this.random = simulation.random();
    this.snapshots = new SimSnapshots(node.id());
    this.plan = simulation.plan().further();
    this.tables = new MemoryTables();
    VersionedStore.initialize(
        tables, new Applied(0, 0, 0, 0, 0, ConfigurationCodec.encode(configuration)));
  }

  /** The running process; null: it is down. */
  @Nullable KeyspaceProcess process() {
    return process;
  }

  private KeyspaceProcess running() {
    KeyspaceProcess present = process;
    if (present == null) {
      throw new IllegalStateException(node.id() + " is down");
    }
    return present;
  }

  private ReplicatedKeyspace state() {
    return running().state();
  }

  private VersionedStore openStore() {
    return VersionedStore.openStepped(
        tables, Keyspace.rowKinds(), OVERLAY_BYTES, () -> node.disk().lastIndex());
  }

  // ---- The process ----

  @Override
  public Configuration open(SimThreads newThreads) {
    threads = newThreads;
    VersionedStore store = openStore();
    Applied applied = store.applied();
    if (!applied.isLost() && LogVerdict.reconcile(applied, node.disk()) == LogVerdict.DISCARD) {
      simulation.coverage().hit("log discarded at the start");
    }
    long leaderWaitMillis = random.chance(0.5) ? 0 : Long.MAX_VALUE;
    process = new KeyspaceProcess(node, newThreads, store, random.nextLong(), leaderWaitMillis);
    return ConfigurationCodec.decode(store.applied().configuration());
  }

  @Override
  public void attach(RaftNode raft) {
    running().attach(raft);
  }

  @Override
  public void die() {
    KeyspaceProcess dead = process;
    process = null;
    threads = null;
    isWriting = false;
    nextFault = null;
    snapshots.die(random);
    tables = survivors();
    if (dead != null) {
      for (SimConnection connection : dead.connections()) {
        connection.close();
        connection.peer().disconnected(connection);
      }
    }
  }

  @Override
  public void loseState() {
    tables = new MemoryTables();
    VersionedStore.initialize(tables, Applied.lost(ConfigurationCodec.encode(Configuration.NONE)));
    isStateLost = true;
  }

  @Override
  public boolean isStateLost() {
    return isStateLost;
  }

  /** Without the last commit, where nobody can have relied on it: the log still reaches back. */
  private MemoryTables survivors() {
    if (random.chance(plan.stateLossChance())) {
      MemoryTables before = tables.restartWithoutLastCommit();
      Long index = before.names().contains("meta") ? appliedIndexOf(before) : null;
      if (index != null && index >= node.disk().baseIndex()) {
        simulation.coverage().hit("state without its last commit");
        return before.restart();
      }
    }
    return tables.restart();
  }

  private static @Nullable Long appliedIndexOf(MemoryTables tables) {
    return VersionedStore.appliedIndexOf(tables);
  }

  @Override
  public void onTick() {
    running().onTick();
    maybeWrite();
  }

  @Override
  public void onRoleChanged(Role role, long term, @Nullable NodeId leader) {
    KeyspaceProcess present = process;
    if (present != null) {
      present.onRoleChanged(role, term, leader);
    }
  }

  @Override
  public void onProposalSlot() {
    KeyspaceProcess present = process;
    if (present != null) {
      present.onProposalSlot();
    }
  }

  @Override
  public @Nullable String unanswered() {
    KeyspaceProcess present = process;
    SimConnection connection = present == null ? null : present.unanswered();
    return connection == null ? null : node.id() + "'s " + connection;
  }

  @Override
  public void requireAgrees() {
    if (process != null) {
      history.requireAgrees(node, state());
    }
  }

  // ---- The state ----

  @Override
  public long appliedIndex() {
    KeyspaceProcess present = process;
    return present == null ? 0 : present.state().appliedIndex();
  }

  @Override
  public long appliedTerm() {
    return state().appliedTerm();
  }

  @Override
  public long durableIndex() {
    KeyspaceProcess present = process;
    return present == null ? 0 : present.state().durableIndex();
  }

  @Override
  public DigestRing digests() {
    return state().digests();
  }

  @Override
  public void requestDurable() {
    state().requestDurable();
  }

  @Override
  public void checkpoint() {
    state().requestDurable();
  }

  @Override
  public void apply(LogEntry entry, @Nullable Proposal proposal) {
    require(
        entry.index() == appliedIndex() + 1,
        () -> node.id() + " applies " + entry + " after " + appliedIndex());
    running().apply(entry, proposal);
    history.onApplied(node, entry, state());
  }

  // ---- The checkpoint thread ----

  private void maybeWrite() {
    SimThreads present = threads;
    VersionedStore store = state().store();
    if (present != null && !isWriting && (store.isCheckpointPending() || store.wantsMerge())) {
      isWriting = true;
      present.checkpoint().execute(this::write);
    }
  }

  /** A slice of a checkpoint or a step of a merge: one commit, which may end badly. */
  private void write() {
    isWriting = false;
    VersionedStore store = state().store();
    Fault fault = drawFault();
    boolean isMerge = !store.isCheckpointPending();
    try {
      boolean wrote = isMerge ? store.maybeMerge() : store.maybeCheckpoint();
      if (wrote) {
        simulation.coverage().hit(isMerge ? "history merged" : "checkpoint slice");
        maybeWrite();
      }
    } catch (StorageException injected) {
      simulation.coverage().hit("state write: " + fault);
      if (fault != Fault.FULL) {
        throw new SimCrash();
      }
      // A real checkpoint thread notes it, and the node stops when it applies the next entry.
    }
  }

  private @Nullable Fault drawFault() {
    if (nextFault == null && !simulation.isCalm() && random.chance(plan.stateFaultChance())) {
      Fault[] faults = Fault.values();
      Fault drawn = faults[random.below(faults.length)];
      nextFault = drawn;
      tables.failNextCommit(drawn);
    }
    return nextFault;
  }

  // ---- Snapshots ----

  @Override
  public SnapshotId stage() {
    if (random.chance(0.05)) {
      throw new LogException("injected: no room to stage");
    }
    byte[] bytes = TablesFile.encode(tables);
    Applied applied = VersionedStore.appliedOf(tables);
    return snapshots.offer(applied.index(), applied.term(), bytes);
  }

  @Override
  public @Nullable SnapshotId offered() {
    return snapshots.offered();
  }

  @Override
  public @Nullable SnapshotId receiving() {
    return snapshots.receiving();
  }

  @Override
  public boolean checkOffered() {
    return true;
  }

  @Override
  public void withdraw() {
    snapshots.withdraw();
  }

  @Override
  public void discardReceived() {
    snapshots.discardReceived();
  }

  @Override
  public byte @Nullable [] read(SnapshotId snapshot, long offset, int maxBytes) {
    return snapshots.read(snapshot, offset, maxBytes);
  }

  @Override
  public long receivedBytes(SnapshotId snapshot) {
    return snapshots.receivedBytes(snapshot);
  }

  @Override
  public void receive(SnapshotId snapshot, long offset, byte[] bytes) {
    snapshots.receive(snapshot, offset, bytes);
  }

  @Override
  public Configuration install(SnapshotId snapshot) {
    require(
        snapshot.lastIncludedIndex() > appliedIndex(),
        () -> node.id() + " does not go back to " + snapshot + " from " + appliedIndex());
    node.maybeCrash("before install");
    byte[] bytes = snapshots.take(snapshot);
    state().endLongReads();
    state().store().close();
    tables = TablesFile.decode(bytes);
    isStateLost = false;
    nextFault = null;
    VersionedStore store = openStore();
    state().load(store);
    history.requireAgrees(node, state());
    node.onInstalled(snapshot);
    node.maybeCrash("after install");
    return ConfigurationCodec.decode(store.applied().configuration());
  }
}
