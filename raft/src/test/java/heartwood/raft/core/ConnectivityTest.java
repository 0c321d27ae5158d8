package heartwood.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Cables that stay broken: where one node reaches a majority both ways, directly, a leader appears
 * and commits, whoever led when they broke and whoever still hears whom.
 */
class ConnectivityTest {
  private static final CoreOptions OPTIONS = TestNode.OPTIONS;

  /** Elections may split a few times. */
  private static final int BOUND_TICKS = 40 * OPTIONS.electionTimeoutTicks();

  private static final int NOBODY = 0;

  @Test
  void threeNodesFindALeaderWhateverCablesAreBroken() {
    tryAll(3, 1 << pairs(3));
  }

  @Test
  void fiveNodesFindALeaderWhateverCablesAreBroken() {
    tryAll(5, 1 << pairs(5));
  }

  /** One way only: of three nodes all of 64 graphs. */
  @Test
  void threeNodesFindALeaderWhateverCablesAreBrokenInOneDirection() {
    for (int bits = 0; bits < 1 << 6; bits++) {
      BitSet graph = new BitSet();
      int bit = 0;
      for (int from = 1; from <= 3; from++) {
        for (int to = 1; to <= 3; to++) {
          if (from != to) {
            graph.set(edge(from, to), (bits >>> bit++ & 1) == 1);
          }
        }
      }
      tryFrom(3, graph, true);
    }
  }

  /** The same of five nodes has a million graphs: some of them. */
  @Test
  void fiveNodesFindALeaderWhateverCablesAreBrokenInOneDirection() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 500; i++) {
      BitSet graph = new BitSet();
      int share = 2 + random.nextInt(7);
      for (int from = 1; from <= 5; from++) {
        for (int to = 1; to <= 5; to++) {
          graph.set(edge(from, to), from != to && random.nextInt(10) < share);
        }
      }
      tryFrom(5, graph, true);
    }
  }

  private static int pairs(int nodes) {
    return nodes * (nodes - 1) / 2;
  }

  private static int edge(int from, int to) {
    return from * 8 + to;
  }

  private void tryAll(int nodeCount, int graphs) {
    for (int bits = 0; bits < graphs; bits++) {
      BitSet graph = new BitSet();
      int bit = 0;
      for (int one = 1; one <= nodeCount; one++) {
        for (int other = one + 1; other <= nodeCount; other++) {
          boolean isWhole = (bits >>> bit++ & 1) == 1;
          graph.set(edge(one, other), isWhole);
          graph.set(edge(other, one), isWhole);
        }
      }
      tryFrom(nodeCount, graph, false);
    }
  }

  /** From a start, and from every leader that there may have been. */
  private void tryFrom(int nodeCount, BitSet graph, boolean isOneWay) {
    if (!hasHub(nodeCount, graph)) {
      return;
    }
    for (int leader = NOBODY; leader <= nodeCount; leader++) {
      Cluster cluster = new Cluster(nodeCount);
      if (leader != NOBODY) {
        cluster.elect(leader);
      }
      cluster.graph = graph;
      boolean hasCommitted = cluster.somebodyCommits();
      assertThat(hasCommitted || !cluster.somebodyCouldWin())
          .as("%d nodes, cables %s, led by %d before\n%s", nodeCount, graph, leader, cluster)
          .isTrue();
      assertThat(hasCommitted || isOneWay).isTrue();
    }
  }

  /** Whether some node hears a majority that hears it. */
  private static boolean hasHub(int nodeCount, BitSet graph) {
    for (int one = 1; one <= nodeCount; one++) {
      int reached = 1;
      for (int other = 1; other <= nodeCount; other++) {
        if (graph.get(edge(one, other)) && graph.get(edge(other, one))) {
          reached++;
        }
      }
      if (reached > nodeCount / 2) {
        return true;
      }
    }
    return false;
  }

  /** Cores whose disks are instant and whose messages take a tick. */
  private static final class Cluster {
    private record Wire(int from, int to, Message message) {}

    private final List<RaftCore> cores = new ArrayList<>();
    private final List<TreeMap<Long, LogEntry>> logs = new ArrayList<>();
    private List<Wire> wires = new ArrayList<>();

    /** Which cables are whole: all to begin with. */
    private BitSet graph = new BitSet();

    Cluster(int nodeCount) {
      for (int number = 1; number <= nodeCount; number++) {
        for (int to = 1; to <= nodeCount; to++) {
          graph.set(edge(number, to));
        }
        cores.add(
            new RaftCore(
                new NodeId(number),
                OPTIONS,
                number,
                1,
                null,
                TestNode.logOf(1),
                0,
                0,
                TestNode.configurationOf(nodeCount)));
        logs.add(new TreeMap<>(Map.of(1L, new LogEntry(1, 1, EntryKind.COMMANDS, new byte[10]))));
      }
    }

    /** Until this one leads and has committed, and the others know. */
    void elect(int number) {
      RaftCore core = core(number);
      while (!core.isLeader()) {
        step(number, new Input.Tick());
        deliver();
      }
      for (int i = 0; i < OPTIONS.electionTimeoutTicks(); i++) {
        tick();
      }
      assertThat(core.isLeader()).isTrue();
    }

    /** Whoever leads is given something to commit. */
    boolean somebodyCommits() {
      long[] wanted = new long[cores.size() + 1];
      long[] wantedTerms = new long[cores.size() + 1];
      for (int ticks = 0; ticks < BOUND_TICKS; ticks++) {
        for (int number = 1; number <= cores.size(); number++) {
          RaftCore core = core(number);
          if (!core.isLeader()) {
            continue;
          }
          if (wantedTerms[number] != core.currentTerm()) {
            step(number, new Input.Propose(EntryKind.COMMANDS, new byte[1]));
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

    /**
     * Whether a node reaches a majority that may vote for it. Where cables are broken in one
     * direction, entries may have got to nodes that reach no majority themselves; then Raft has no
     * leader (§5.4.1).
     */
    boolean somebodyCouldWin() {
      return cores.stream()
          .anyMatch(
              core ->
                  cores.stream().filter(voter -> couldVote(voter, core)).count()
                      > cores.size() / 2);
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

    private void tick() {
      for (int number = 1; number <= cores.size(); number++) {
        step(number, new Input.Tick());
      }
      deliver();
    }

    private void deliver() {
      List<Wire> arriving = wires;
      wires = new ArrayList<>();
      for (Wire wire : arriving) {
        if (graph.get(edge(wire.from, wire.to))) {
          step(wire.to, new Input.Receive(new NodeId(wire.from), wire.message));
        }
      }
    }

    private void step(int number, Input input) {
      List<Effect> effects = core(number).step(input);
      // Replication runs beside the leader's own disk: the entries may leave before they are there.
      for (Effect.Persist persist : TestNode.only(Effect.Persist.class, effects)) {
        persist.entries().forEach(entry -> logs.get(number - 1).put(entry.index(), entry));
      }
      for (Effect effect : effects) {
        if (effect instanceof Effect.Send send) {
          wires.add(new Wire(number, send.to().number(), send.message()));
        } else if (effect instanceof Effect.SendEntries send) {
          wires.add(new Wire(number, send.to().number(), append(number, send)));
        } else if (effect instanceof Effect.Persist persist) {
          persist
              .messages()
              .forEach(send -> wires.add(new Wire(number, send.to().number(), send.message())));
          step(number, new Input.Persisted(persist.sequence()));
        }
      }
    }

    private Message append(int number, Effect.SendEntries send) {
      List<LogEntry> entries = new ArrayList<>();
      for (long index = send.fromIndex(); index <= send.toIndex(); index++) {
        entries.add(logs.get(number - 1).get(index));
      }
      return new Message.AppendEntries(
          send.term(), send.prevLogIndex(), send.prevLogTerm(), send.leaderCommit(), entries);
    }

    private RaftCore core(int number) {
      return cores.get(number - 1);
    }

    @Override
    public String toString() {
      StringBuilder lines = new StringBuilder();
      cores.forEach(core -> lines.append(core.describe()).append('\n'));
      return lines.toString();
    }
  }
}
