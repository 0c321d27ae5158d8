package heartwood.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.SplittableRandom;
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
            graph.set(TestCluster.edge(from, to), (bits >>> bit++ & 1) == 1);
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
          graph.set(TestCluster.edge(from, to), from != to && random.nextInt(10) < share);
        }
      }
      tryFrom(5, graph, true);
    }
  }

  private static int pairs(int nodes) {
    return nodes * (nodes - 1) / 2;
  }

  private void tryAll(int nodeCount, int graphs) {
    for (int bits = 0; bits < graphs; bits++) {
      BitSet graph = new BitSet();
      int bit = 0;
      for (int one = 1; one <= nodeCount; one++) {
        for (int other = one + 1; other <= nodeCount; other++) {
          boolean isWhole = (bits >>> bit++ & 1) == 1;
          graph.set(TestCluster.edge(one, other), isWhole);
          graph.set(TestCluster.edge(other, one), isWhole);
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
      TestCluster cluster = new TestCluster(nodeCount);
      if (leader != NOBODY) {
        cluster.elect(leader);
      }
      cluster.connect(graph);
      boolean hasCommitted = cluster.somebodyCommits(BOUND_TICKS);
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
        if (graph.get(TestCluster.edge(one, other)) && graph.get(TestCluster.edge(other, one))) {
          reached++;
        }
      }
      if (reached > nodeCount / 2) {
        return true;
      }
    }
    return false;
  }
}
