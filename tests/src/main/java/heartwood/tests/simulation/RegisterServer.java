package heartwood.tests.simulation;

import static heartwood.tests.simulation.SimulationFailure.require;

import heartwood.raft.core.Role;
import heartwood.raft.log.LogException;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import heartwood.raft.node.Proposal;
import heartwood.raft.node.RaftNode;
import heartwood.raft.node.ReadRequest;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node's state: what is applied, and the checkpoint of it that survives a crash. Stages the
 * checkpoint for peers and is replaced by one of theirs. Confined to the simulation.
 */
final class RegisterServer implements SimServer {
  private final SimNode node;
  private final RegisterHistory history;
  private final Simulation simulation;
  private final SimRandom random;
  private RegisterState state;
  private RegisterState durable;

  private @Nullable SnapshotId offered;
  private byte[] offeredBytes = new byte[0];
  private @Nullable SnapshotId receiving;
  private ByteArrayOutputStream received = new ByteArrayOutputStream();

  /** Of the process; null: it is down. */
  private @Nullable RaftNode raft;

  private @Nullable SimThreads threads;

  /** Requests that this process has taken. */
  private final List<Taken> taken = new ArrayList<>();

  private record Taken(RegisterOperation operation, RegisterClient client) {}

  RegisterServer(
      SimNode node, Configuration configuration, RegisterHistory history, Simulation simulation) {
    this.node = node;
    this.state = new RegisterState(configuration);
    this.durable = new RegisterState(configuration);
    this.history = history;
    this.simulation = simulation;
    this.random = simulation.random();
  }

  @Override
  public Configuration open(SimThreads newThreads) {
    threads = newThreads;
    return state.configuration();
  }

  @Override
  public void attach(RaftNode newRaft) {
    raft = newRaft;
  }

  @Override
  public void die() {
    raft = null;
    threads = null;
    state = durable.copy();
    offered = null;
    if (random.chance(0.5)) {
      receiving = null;
    }
    for (Taken request : taken) {
      if (!request.operation().isAnswered()) {
        request.operation().answer();
        request.client().replyFailed(request.operation());
      }
    }
    taken.clear();
  }

  @Override
  public void onTick() {}

  @Override
  public void onRoleChanged(Role role, long term, @Nullable NodeId leader) {}

  @Override
  public void onProposalSlot() {}

  /** A checkpoint holds nothing that this node's own log does not hold durably. */
  @Override
  public void checkpoint() {
    RaftNode node = raft;
    SimThreads process = threads;
    if (node == null || process == null || state.appliedIndex() > node.durableIndex()) {
      return;
    }
    RegisterState sealed = state.copy();
    process.checkpoint().execute(() -> checkpointed(sealed));
  }

  /** Makes a state the one that survives, unless a later one came first. */
  private void checkpointed(RegisterState sealed) {
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
  public void requestDurable() {
    checkpoint();
  }

  @Override
  public void apply(LogEntry entry, @Nullable Proposal proposal) {
    require(
        entry.index() == state.appliedIndex() + 1,
        node.id() + " applies " + entry + " after " + state.appliedIndex());
    state.apply(entry);
    history.onApplied(node, entry, state);
    if (proposal != null) {
      ((RegisterProposal) proposal).executed(entry, state.counter());
    }
  }

  // ---- Requests ----

  void request(RegisterOperation operation, RegisterClient client) {
    RaftNode process = raft;
    SimThreads executors = threads;
    if (process == null || executors == null) {
      client.replyFailed(operation);
      return;
    }
    taken.removeIf(request -> request.operation().isAnswered());
    taken.add(new Taken(operation, client));
    if (operation.kind == RegisterOperation.Kind.READ) {
      executors.loop().executeNow(() -> process.readIndex(read(operation, client)));
    } else {
      byte[] payload = operation.payload(random.below(simulation.plan().payloadBytes()));
      RegisterProposal proposal = new RegisterProposal(operation, payload, history, client);
      executors.loop().executeNow(() -> process.propose(proposal));
    }
  }

  private ReadRequest read(RegisterOperation operation, RegisterClient client) {
    return new ReadRequest() {
      @Override
      public void ready() {
        operation.answer();
        long index = state.appliedIndex();
        history.onRead(operation, index, state.register(operation.key));
        client.reply(operation, index);
      }

      @Override
      public void failed() {
        operation.answer();
        client.replyFailed(operation);
      }
    };
  }

  @Override
  public @Nullable String unanswered() {
    for (Taken request : taken) {
      if (!request.operation().isAnswered()) {
        return request.operation().toString();
      }
    }
    return null;
  }

  @Override
  public void requireAgrees() {
    history.requireAgrees(node, state);
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
    durable = RegisterState.decode(bytes);
    state = durable.copy();
    history.requireAgrees(node, state);
    node.onInstalled(snapshot);
    node.maybeCrash("after install");
    return state.configuration();
  }
}
