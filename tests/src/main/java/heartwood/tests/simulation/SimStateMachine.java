package heartwood.tests.simulation;

import static heartwood.tests.simulation.SimulationFailure.require;

import heartwood.raft.log.LogException;
import heartwood.raft.log.SnapshotStore;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.SnapshotId;
import heartwood.raft.node.DigestRing;
import heartwood.raft.node.Proposal;
import heartwood.raft.node.StateMachine;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A node's state: what is applied, and the checkpoint of it that survives a crash. Stages the
 * checkpoint for peers and is replaced by one of theirs. Confined to the simulation.
 */
final class SimStateMachine implements StateMachine, SnapshotStore {
  private final SimNode node;
  private final History history;
  private final SimRandom random;
  private DigestRing digests = new DigestRing();
  private SimState state;
  private SimState durable;

  private @Nullable SnapshotId offered;
  private byte[] offeredBytes = new byte[0];
  private @Nullable SnapshotId receiving;
  private ByteArrayOutputStream received = new ByteArrayOutputStream();

  SimStateMachine(SimNode node, Configuration configuration, History history, SimRandom random) {
    this.node = node;
    this.state = new SimState(configuration);
    this.durable = new SimState(configuration);
    this.history = history;
    this.random = random;
  }

  SimState state() {
    return state;
  }

  void restart() {
    state = durable.copy();
    digests = new DigestRing();
    if (random.chance(0.5)) {
      offered = null;
    }
    if (random.chance(0.5)) {
      receiving = null;
    }
  }

  /** Makes a state the one that survives, unless a later one came first. */
  void checkpointed(SimState sealed) {
    if (sealed.appliedIndex() > durable.appliedIndex()) {
      durable = sealed;
    }
  }

  @Override
  public long appliedIndex() {
    return state.appliedIndex();
  }

  @Override
  public long appliedTerm() {
    return state.appliedTerm();
  }

  @Override
  public long durableIndex() {
    return durable.appliedIndex();
  }

  @Override
  public DigestRing digests() {
    return digests;
  }

  @Override
  public void requestDurable() {
    node.checkpoint();
  }

  @Override
  public void apply(LogEntry entry, @Nullable Proposal proposal) {
    require(
        entry.index() == state.appliedIndex() + 1,
        node.id() + " applies " + entry + " after " + state.appliedIndex());
    state.apply(entry);
    digests.put(entry.index(), state.chain());
    history.onApplied(node, entry, state);
    if (proposal != null) {
      ((SimProposal) proposal).executed(entry, state.counter());
    }
  }

  // ---- Snapshots ----

  @Override
  public SnapshotId stage() {
    if (random.chance(0.05)) {
      throw new LogException("injected: no room to stage");
    }
    byte[] bytes = durable.encode((int) random.between(0, 4000));
    SnapshotId id =
        new SnapshotId(
            node.id(),
            durable.appliedIndex(),
            durable.appliedTerm(),
            bytes.length,
            Arrays.hashCode(bytes));
    offered = id;
    offeredBytes = bytes;
    return id;
  }

  @Override
  public @Nullable SnapshotId offered() {
    return offered;
  }

  @Override
  public @Nullable SnapshotId receiving() {
    return receiving;
  }

  @Override
  public byte @Nullable [] read(SnapshotId snapshot, long offset, int maxBytes) {
    if (!snapshot.equals(offered)) {
      return null;
    }
    int from = (int) Math.min(offset, offeredBytes.length);
    return Arrays.copyOfRange(offeredBytes, from, Math.min(from + maxBytes, offeredBytes.length));
  }

  @Override
  public long receivedBytes(SnapshotId snapshot) {
    return snapshot.equals(receiving) ? received.size() : 0;
  }

  @Override
  public void receive(SnapshotId snapshot, long offset, byte[] bytes) {
    if (offset == 0) {
      receiving = snapshot;
      received = new ByteArrayOutputStream();
    }
    require(offset == receivedBytes(snapshot), node.id() + " receives without a gap");
    received.writeBytes(bytes);
  }

  @Override
  public Configuration install(SnapshotId snapshot) {
    byte[] bytes = received.toByteArray();
    require(snapshot.equals(receiving), node.id() + " installs what it has received");
    require(Arrays.hashCode(bytes) == snapshot.digest(), node.id() + " received what was sent");
    require(
        snapshot.lastIncludedIndex() > state.appliedIndex(),
        node.id() + " does not go back to " + snapshot + " from " + state.appliedIndex());
    node.maybeCrash("before install");
    receiving = null;
    durable = SimState.decode(bytes);
    state = durable.copy();
    history.requireAgrees(node, state);
    node.onInstalled(snapshot);
    node.maybeCrash("after install");
    return state.configuration();
  }
}
