package heartwood.tests.simulation;

import static heartwood.tests.simulation.SimulationFailure.require;

import heartwood.raft.core.Role;
import heartwood.raft.log.LogException;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import heartwood.raft.node.DigestRing;
import heartwood.raft.node.Proposal;
import heartwood.raft.node.RaftNode;
import heartwood.raft.node.ReadRequest;
import java.util.ArrayList;
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
  private DigestRing digests = new DigestRing();

  private final SimSnapshots snapshots;

  /** Of the process; null: it is down. */
  private @Nullable RaftNode raft;

  private @Nullable SimThreads threads;

  /** Requests that this process has taken. */
  private final List<Taken> taken = new ArrayList<>();

  private record Taken(RegisterOperation operation, RegisterClient client) {}

  RegisterServer(
      SimNode node, Configuration configuration, RegisterHistory history, Simulation simulation) {
    this.node = node;
    this.snapshots = new SimSnapshots(node.id());
    this.state = new RegisterState(configuration);
    this.durable = new RegisterState(configuration);
    this.history = history;
    this.simulation = simulation;
    this.random = simulation.random();
  }

  @Override
  public Configuration open(SimThreads newThreads) {
    threads = newThreads;
    digests = new DigestRing();
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
    snapshots.die(random);
    for (Taken request : taken) {
      if (!request.operation().isAnswered()) {
        request.operation().answer();
        request.client().replyFailed(request.operation());
      }
    }
    taken.clear();
  }

  @Override
  public void loseState() {
    durable = RegisterState.lost();
    state = durable.copy();
  }

  @Override
  public boolean isStateLost() {
    return durable.appliedIndex() == LOST;
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
  public DigestRing digests() {
    return digests;
  }

  @Override
  public void requestDurable() {
    checkpoint();
  }

  @Override
  public void apply(LogEntry entry, @Nullable Proposal proposal) {
    require(
        entry.index() == state.appliedIndex() + 1,
        () -> node.id() + " applies " + entry + " after " + state.appliedIndex());
    state.apply(entry);
    digests.put(entry.index(), state.chain());
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
    return snapshots.offer(durable.appliedIndex(), durable.appliedTerm(), bytes);
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
        snapshot.lastIncludedIndex() > state.appliedIndex(),
        () -> node.id() + " does not go back to " + snapshot + " from " + state.appliedIndex());
    node.maybeCrash("before install");
    byte[] bytes = snapshots.take(snapshot);
    durable = RegisterState.decode(bytes);
    state = durable.copy();
    history.requireAgrees(node, state);
    node.onInstalled(snapshot);
    node.maybeCrash("after install");
    return state.configuration();
  }
}
