package heartwood.raft.node;

import heartwood.raft.core.CoreOptions;
import heartwood.raft.core.Role;
import heartwood.raft.log.HardState;
import heartwood.raft.log.LogBatch;
import heartwood.raft.log.MemoryLog;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.log.SnapshotStore;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Member;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Node 1 of a cluster whose other members are the test. What its threads would do waits in queues
 * until the test runs it; the loop is the test's own thread.
 */
final class NodeRig implements StateMachine, SnapshotStore, NodeListener {
  static final NodeId SELF = new NodeId(1);

  final ArrayDeque<Runnable> logWork = new ArrayDeque<>();
  final ArrayDeque<Runnable> applyWork = new ArrayDeque<>();
  final ArrayDeque<Runnable> snapshotWork = new ArrayDeque<>();
  final List<Message> sent = new ArrayList<>();

  /** What the state machine was given, as index/term. */
  final List<String> applied = new ArrayList<>();

  final DigestRing digests = new DigestRing();

  /** How reads are served without a round; not at all to begin with. */
  LeaderLease lease = LeaderLease.none();

  final MemoryLog log;
  final Configuration configuration;
  private @Nullable RaftNode node;
  private long appliedIndex;
  private long appliedTerm;

  /** How many of the entries that are applied would not survive a crash. */
  long notDurable;

  @Nullable SnapshotId offered;
  boolean isOfferSound = true;
  @Nullable SnapshotId receiving;
  long receivedBytes;
  @Nullable Throwable failure;
  @Nullable Error transportError;

  /** What the installation of a snapshot fails with, if it does. */
  @Nullable RuntimeException installFailure;

  /** How often the node was ready for a proposal and said so. */
  int slots;

  NodeRig(int voterCount) {
    this(voterCount, new MemoryLog(new NodeIdentity(1, SELF, 1)));
  }

  NodeRig(int voterCount, MemoryLog log) {
    this.log = log;
    List<Member> members = new ArrayList<>();
    for (int number = 1; number <= voterCount; number++) {
      members.add(member(number));
    }
    configuration = Configuration.of(members);
  }

  static Member member(int number) {
    return new Member(new NodeId(number), "host" + number, 0, 0, 0, 0);
  }

  /** A log with an entry of each of these terms, and the last of them as current term. */
  NodeRig withLogTerms(long... terms) {
    List<LogEntry> entries = new ArrayList<>();
    for (int i = 0; i < terms.length; i++) {
      entries.add(entry(i + 1L, terms[i]));
    }
    log.write(new LogBatch(entries, new HardState(terms[terms.length - 1], null, 0)));
    return this;
  }

  NodeRig withApplied(long index, long term) {
    appliedIndex = index;
    appliedTerm = term;
    return this;
  }

  static LogEntry entry(long index, long term) {
    return new LogEntry(index, term, EntryKind.COMMANDS, new byte[100]);
  }

  NodeRig start() {
    return start(1 << 30);
  }

  NodeRig start(long maxLogBytes) {
    return start(maxLogBytes, 0);
  }

  NodeRig start(long maxLogBytes, long snapshotBytesPerTick) {
    NodeOptions options =
        NodeOptions.DEFAULT
            .withCore(CoreOptions.DEFAULT.withTimes(10, 2))
            .withMaxLogBytes(maxLogBytes)
            .withSnapshotChunkBytes(100)
            .withSnapshotBytesPerTick(snapshotBytesPerTick)
            .withDigestIntervalTicks(5);
    node =
        new RaftNode(
            SELF,
            options,
            7,
            log,
            this,
            this,
            configuration,
            this::send,
            new NodeExecutors(
                Runnable::run, logWork::addLast, applyWork::addLast, snapshotWork::addLast),
            this,
            lease);
    node.start();
    return this;
  }

  private void send(NodeId to, Message message) {
    if (transportError != null) {
      throw transportError;
    }
    sent.add(message);
  }

  RaftNode node() {
    RaftNode started = node;
    if (started == null) {
      throw new IllegalStateException("the rig was not started");
    }
    return started;
  }

  void receive(int from, Message message) {
    node().receive(new NodeId(from), message);
  }

  static Message append(
      long term, long prevLogIndex, long prevLogTerm, long commit, long... terms) {
    List<LogEntry> entries = new ArrayList<>();
    for (int i = 0; i < terms.length; i++) {
      entries.add(entry(prevLogIndex + 1 + i, terms[i]));
    }
    return new Message.AppendEntries(term, prevLogIndex, prevLogTerm, commit, entries);
  }

  /** Stands for election, is elected by node 2, and writes what it has. */
  void lead() {
    for (int i = 0; i < 20 && node().status().role() == Role.FOLLOWER; i++) {
      node().tick();
    }
    receive(2, new Message.RequestVoteReply(node().core().currentTerm() + 1, true, true));
    runAll(logWork);
    receive(2, new Message.RequestVoteReply(node().core().currentTerm(), false, true));
    runAll(logWork);
  }

  /** What the state comes to here. */
  static long digestAt(long index) {
    return 1000 + index;
  }

  /** A leader of this snapshot's term brings it, up to where the state is about to be replaced. */
  void receiveSnapshot(SnapshotId snapshot) {
    int from = snapshot.node().number();
    receive(from, new Message.InstallSnapshot(snapshot.lastIncludedTerm(), snapshot));
    runAll(logWork);
    runAll(snapshotWork);
    for (long offset = 0; offset < snapshot.byteCount(); offset += 100) {
      int bytes = (int) Math.min(100, snapshot.byteCount() - offset);
      receive(from, new Message.SnapshotChunk(0, snapshot, offset, new byte[bytes]));
      runAll(snapshotWork);
    }
  }

  static void runAll(ArrayDeque<Runnable> work) {
    while (!work.isEmpty()) {
      work.removeFirst().run();
    }
  }

  // ---- Ports ----

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
    return appliedIndex - notDurable;
  }

  @Override
  public DigestRing digests() {
    return digests;
  }

  @Override
  public void requestDurable() {}

  @Override
  public void apply(LogEntry entry, @Nullable Proposal proposal) {
    applied.add(entry.index() + "/" + entry.term());
    digests.put(entry.index(), digestAt(entry.index()));
    withApplied(entry.index(), entry.term());
    if (proposal != null) {
      ((TestProposal) proposal).outcomes.add("executed");
    }
  }

  @Override
  public SnapshotId stage() {
    offered = new SnapshotId(SELF, appliedIndex, appliedTerm, 250, 0);
    return offered;
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
  public boolean checkOffered() {
    if (!isOfferSound) {
      offered = null;
    }
    return isOfferSound;
  }

  @Override
  public void withdraw() {
    offered = null;
  }

  @Override
  public void discardReceived() {
    receiving = null;
    receivedBytes = 0;
  }

  @Override
  public byte[] read(SnapshotId snapshot, long offset, int maxBytes) {
    return new byte[(int) Math.min(maxBytes, snapshot.byteCount() - offset)];
  }

  @Override
  public long receivedBytes(SnapshotId snapshot) {
    return snapshot.equals(receiving) ? receivedBytes : 0;
  }

  @Override
  public void receive(SnapshotId snapshot, long offset, byte[] bytes) {
    if (offset == 0) {
      receiving = snapshot;
      receivedBytes = 0;
    }
    if (offset != receivedBytes || !snapshot.equals(receiving)) {
      throw new AssertionError(snapshot + " at " + offset + ", not at " + receivedBytes);
    }
    receivedBytes += bytes.length;
  }

  @Override
  public Configuration install(SnapshotId snapshot) {
    receiving = null;
    if (installFailure != null) {
      throw installFailure;
    }
    withApplied(snapshot.lastIncludedIndex(), snapshot.lastIncludedTerm());
    return configuration;
  }

  @Override
  public void onRoleChanged(Role role, long term, @Nullable NodeId leader) {}

  @Override
  public void onConfigurationChanged(Configuration configuration) {}

  @Override
  public void onProposalSlot() {
    slots++;
  }

  @Override
  public void onFailure(Throwable thrown) {
    failure = thrown;
  }

  /** Remembers what it was told. */
  static final class TestProposal implements Proposal {
    final List<String> outcomes = new ArrayList<>();

    @Override
    public byte[] payload() {
      return new byte[100];
    }

    @Override
    public void committed() {
      outcomes.add("committed");
    }

    @Override
    public void notExecuted() {
      outcomes.add("not executed");
    }

    @Override
    public void unknown() {
      outcomes.add("unknown");
    }
  }
}
