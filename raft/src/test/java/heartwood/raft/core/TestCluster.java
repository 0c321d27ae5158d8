package heartwood.raft.core;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.message.Configuration;
import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Cores whose disks are instant and whose messages take a tick, over cables that break. After every
 * step it is checked that terms and commit indexes only grow, that nobody leads beside another in a
 * term, and that nobody applies what others have not. Not thread-safe.
 */
final class TestCluster {
  private record Wire(int from, int to, Message message) {}

  /** What a node's disk holds, and what its state machine was given. */
  private static final class Node {
    final int number;
    private final TreeMap<Long, LogEntry> log = new TreeMap<>();
    private final List<String> applied = new ArrayList<>();
    private long currentTerm = 1;
    private long commitIndex;
    private @Nullable NodeId votedFor;
    private @Nullable RaftCore core;

    Node(int number) {
      this.number = number;
    }

    RaftCore core() {
      if (core == null) {
        throw new IllegalStateException("node " + number + " is down");
      }
      return core;
    }
  }

  private final List<Node> nodes = new ArrayList<>();
  private List<Wire> wires = new ArrayList<>();
  private final TreeMap<Long, Integer> leaderByTerm = new TreeMap<>();

  /** What was applied anywhere, in order. */
  private final List<String> history = new ArrayList<>();

  /** Which cables are whole: all to begin with. */
  private BitSet graph = new BitSet();

  /** The highest read id that was ready at each node. */
  private final TreeMap<Integer, Long> readyReads = new TreeMap<>();

  private final int voterCount;

  TestCluster(int nodeCount) {
    this(nodeCount, 0);
  }

  /**
   * @param spareCount further nodes, which nobody has told of the cluster
   */
  TestCluster(int nodeCount, int spareCount) {
    voterCount = nodeCount;
    for (int number = 1; number <= nodeCount + spareCount; number++) {
      nodes.add(new Node(number));
    }
    numbers().forEach(this::boot);
    heal();
  }

  /** The number of a cable in one direction. */
  static int edge(int from, int to) {
    return from * 8 + to;
  }

  // ---- Faults ----

  void connect(BitSet cables) {
    graph = cables;
  }

  void heal() {
    graph = new BitSet();
    for (Node from : nodes) {
      nodes.forEach(to -> graph.set(edge(from.number, to.number)));
    }
  }

  /** Cuts these off from all others; among themselves they talk. */
  void isolate(Integer... numbers) {
    List<Integer> apart = List.of(numbers);
    for (Node from : nodes) {
      for (Node to : nodes) {
        graph.set(
            edge(from.number, to.number), apart.contains(from.number) == apart.contains(to.number));
      }
    }
  }

  /** The process dies; its disk stays. */
  void kill(int number) {
    node(number).core = null;
  }

  void restart(int number) {
    boot(number);
    step(node(number), new Input.Start());
  }

  private void boot(int number) {
    Node node = node(number);
    long[] terms = node.log.values().stream().mapToLong(LogEntry::term).toArray();
    node.applied.clear();
    node.core =
        new RaftCore(
            new NodeId(number),
            TestNode.OPTIONS,
            number + 10L * history.size(),
            node.currentTerm,
            node.votedFor,
            TestNode.logOf(terms),
            0,
            0,
            configurationsOf(node));
    node.commitIndex = 0;
  }

  private ConfigurationLog configurationsOf(Node node) {
    TreeMap<Long, Configuration> above = new TreeMap<>();
    node.log.forEach(
        (index, entry) -> {
          if (entry.kind() == EntryKind.CONFIGURATION) {
            above.put(index, ConfigurationCodec.decode(entry.payload()));
          }
        });
    return new ConfigurationLog(
        node.number > voterCount ? Configuration.NONE : TestNode.configurationOf(voterCount),
        above);
  }

  // ---- Time ----

  void tick() {
    nodes.stream().filter(this::isUp).forEach(node -> step(node, new Input.Tick()));
    deliver();
  }

  void tick(int count) {
    for (int i = 0; i < count; i++) {
      tick();
    }
  }

  /** A tick of one node alone: clocks differ. */
  void tickOf(int number) {
    step(node(number), new Input.Tick());
  }

  private void deliver() {
    deliver(to -> true);
  }

  /** Messages arrive where the test says so; the others are late. */
  void deliver(IntPredicate arrivesAt) {
    List<Wire> arriving = wires;
    wires = new ArrayList<>();
    for (Wire wire : arriving) {
      Node to = node(wire.to);
      if (!arrivesAt.test(wire.to)) {
        wires.add(wire);
      } else if (graph.get(edge(wire.from, wire.to)) && isUp(to)) {
        step(to, new Input.Receive(new NodeId(wire.from), wire.message));
      }
    }
  }

  private List<Effect> step(Node node, Input input) {
    List<Effect> effects = node.core().step(input);
    // Replication runs beside the leader's own disk: entries may leave before they are there.
    TestNode.only(Effect.Persist.class, effects).forEach(persist -> write(node, persist));
    for (Effect effect : effects) {
      if (effect instanceof Effect.Send send) {
        send(node, send);
      } else if (effect instanceof Effect.SendEntries send) {
        wires.add(new Wire(node.number, send.to().number(), append(node, send)));
      } else if (effect instanceof Effect.Apply apply) {
        apply(node, apply);
      } else if (effect instanceof Effect.ReadReady ready) {
        readyReads.put(node.number, ready.readId());
      }
    }
    check(node);
    for (Effect.Persist persist : TestNode.only(Effect.Persist.class, effects)) {
      persist.messages().forEach(send -> send(node, send));
      step(node, new Input.Persisted(persist.sequence()));
    }
    return effects;
  }

  private void send(Node from, Effect.Send send) {
    wires.add(new Wire(from.number, send.to().number(), send.message()));
  }

  private static void write(Node node, Effect.Persist persist) {
    assertThat(persist.currentTerm()).isGreaterThanOrEqualTo(node.currentTerm);
    node.currentTerm = persist.currentTerm();
    node.votedFor = persist.votedFor();
    if (!persist.entries().isEmpty()) {
      node.log.tailMap(persist.entries().get(0).index()).clear();
      persist.entries().forEach(entry -> node.log.put(entry.index(), entry));
    }
  }

  private static Message append(Node node, Effect.SendEntries send) {
    List<LogEntry> entries = new ArrayList<>();
    for (long index = send.fromIndex(); index <= send.toIndex(); index++) {
      entries.add(requireNonNull(node.log.get(index)));
    }
    return new Message.AppendEntries(
        send.term(), send.prevLogIndex(), send.prevLogTerm(), send.leaderCommit(), entries);
  }

  /** State machine safety (Raft figure 3): at an index all apply the same. */
  private void apply(Node node, Effect.Apply apply) {
    for (long index = apply.fromIndex(); index <= apply.toIndex(); index++) {
      LogEntry entry = requireNonNull(node.log.get(index));
      boolean isConfiguration = entry.kind() == EntryKind.CONFIGURATION;
      int length = isConfiguration ? 0 : entry.payload().length;
      String text = index + ":" + entry.term() + ":" + length;
      node.applied.add(text);
      assertThat(node.applied).hasSize((int) index);
      if (index > history.size()) {
        history.add(text);
      }
      assertThat(history.get((int) index - 1))
          .as("applied by node %d", node.number)
          .isEqualTo(text);
    }
  }

  private void check(Node node) {
    RaftCore core = node.core();
    assertThat(core.currentTerm()).isGreaterThanOrEqualTo(node.currentTerm);
    assertThat(core.commitIndex()).isBetween(node.commitIndex, core.lastIndex());
    node.commitIndex = core.commitIndex();
    if (core.isLeader()) {
      Integer other = leaderByTerm.putIfAbsent(core.currentTerm(), node.number);
      assertThat(other).as("leader of term %d", core.currentTerm()).isIn(null, node.number);
    }
  }

  // ---- Clients ----

  /** An entry of so many bytes, which tells it from others. */
  void propose(int number, int bytes) {
    step(node(number), new Input.Propose(EntryKind.COMMANDS, new byte[bytes]));
  }

  /** Asks for a change; null if it is begun, else why it is not. */
  Effect.ProposalRejected.@Nullable Reason change(int number, MembershipChange change) {
    List<Effect> effects = step(node(number), new Input.ChangeMembership(change));
    return TestNode.only(Effect.ProposalRejected.class, effects).stream()
        .map(Effect.ProposalRejected::reason)
        .findFirst()
        .orElse(null);
  }

  void read(int number, long readId) {
    step(node(number), new Input.ReadIndex(readId));
  }

  /** The highest read id that has been ready at a node; 0: none. */
  long readyRead(int number) {
    return readyReads.getOrDefault(number, 0L);
  }

  boolean isUp(int number) {
    return isUp(node(number));
  }

  /** Hands leadership over. */
  void transfer(int from, int to) {
    step(node(from), new Input.TransferLeadership(new NodeId(to)));
  }

  /** Until this one leads and has committed, and the others know. */
  void elect(int number) {
    while (!core(number).isLeader()) {
      step(node(number), new Input.Tick());
      deliver();
    }
    tick(TestNode.OPTIONS.electionTimeoutTicks());
    assertThat(core(number).isLeader()).isTrue();
  }

  /** Lets time pass until somebody leads who can commit. */
  int awaitLeader() {
    assertThat(somebodyCommits(40 * TestNode.OPTIONS.electionTimeoutTicks())).isTrue();
    for (int ticks = 0; ticks < 10 * TestNode.OPTIONS.electionTimeoutTicks(); ticks++) {
      for (int number : leaders()) {
        if (core(number).commitIndex() == core(number).lastIndex()) {
          return number;
        }
      }
      tick(); // It changes the configuration, perhaps.
    }
    throw new AssertionError("nobody leads\n" + this);
  }

  /** Whoever leads is given something to commit, until it is. */
  boolean somebodyCommits(int boundTicks) {
    long[] wanted = new long[nodes.size() + 1];
    long[] wantedTerms = new long[nodes.size() + 1];
    for (int ticks = 0; ticks < boundTicks; ticks++) {
      for (int number : leaders()) {
        RaftCore core = core(number);
        if (wantedTerms[number] != core.currentTerm()) {
          propose(number, 1);
          wanted[number] = core.lastIndex();
          wantedTerms[number] = core.currentTerm();
        } else if (core.commitIndex() >= wanted[number]) {
          return true;
        }
      }
      tick();
    }
    return false;
  }

  // ---- What is so ----

  /** Those that think they lead: more than one while a cable is broken. */
  Set<Integer> leaders() {
    TreeSet<Integer> leaders = new TreeSet<>();
    nodes.stream()
        .filter(node -> isUp(node) && node.core().isLeader())
        .forEach(node -> leaders.add(node.number));
    return leaders;
  }

  List<Integer> numbers() {
    return nodes.stream().map(node -> node.number).toList();
  }

  /** All but some. */
  List<Integer> others(Integer... numbers) {
    List<Integer> left = new ArrayList<>(numbers());
    left.removeAll(List.of(numbers));
    return left;
  }

  RaftCore core(int number) {
    return node(number).core();
  }

  /** What a node has applied: index, term and length of each entry. */
  List<String> applied(int number) {
    return List.copyOf(node(number).applied);
  }

  /** The lengths of the entries that a node has applied, but for those that leaders make. */
  List<Integer> appliedLengths(int number) {
    return node(number).applied.stream()
        .map(text -> Integer.parseInt(text.substring(text.lastIndexOf(':') + 1)))
        .filter(length -> length > 1)
        .toList();
  }

  /**
   * Whether a node reaches a majority that may vote for it. Where cables are broken in one
   * direction, entries may have got to nodes that reach no majority themselves; then Raft has no
   * leader (§5.4.1).
   */
  boolean somebodyCouldWin() {
    return nodes.stream()
        .anyMatch(
            node ->
                nodes.stream().filter(voter -> couldVote(voter.core(), node.core())).count()
                    > nodes.size() / 2);
  }

  private boolean couldVote(RaftCore voter, RaftCore candidate) {
    int from = candidate.self().number();
    int to = voter.self().number();
    boolean isReached = from == to || (graph.get(edge(from, to)) && graph.get(edge(to, from)));
    long lastTerm = voter.termAt(voter.lastIndex());
    long candidateTerm = candidate.termAt(candidate.lastIndex());
    boolean isUpToDate =
        candidateTerm > lastTerm
            || (candidateTerm == lastTerm && candidate.lastIndex() >= voter.lastIndex());
    return isReached && isUpToDate;
  }

  private boolean isUp(Node node) {
    return node.core != null;
  }

  private Node node(int number) {
    return nodes.get(number - 1);
  }

  @Override
  public String toString() {
    StringBuilder lines = new StringBuilder();
    IntStream.rangeClosed(1, nodes.size())
        .filter(number -> isUp(node(number)))
        .forEach(number -> lines.append(core(number).describe()).append('\n'));
    return lines.toString();
  }
}
