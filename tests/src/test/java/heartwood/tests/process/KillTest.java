package heartwood.tests.process;

import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Nodes die without warning while clients write. {@code -Drounds=200} for a long run, {@code
 * -Dseed=…} for the same faults again.
 */
class KillTest {
  private static final int WRITERS = 6;
  private static final int ROUNDS = Integer.getInteger("rounds", 6);
  private static final long SEED = Long.getLong("seed", System.nanoTime());

  @RegisterExtension final RunningCluster cluster = new RunningCluster(3);

  private final Ledger ledger = new Ledger(WRITERS);
  private final Random random = new Random(SEED);
  private final Durations elections = new Durations();
  private final Durations outages = new Durations();

  @Test
  void noAcknowledgedWriteIsLostWhenLeadersAreKilled() throws IOException {
    for (int round = 1; round <= ROUNDS; round++) {
      try (WriterCrew crew = WriterCrew.start(cluster.rig(), ledger, WRITERS, random.nextLong())) {
        killLeaderUnder(crew);
      }
      check(false);
      report("round " + round);
    }
    check(true);
    report(ROUNDS + " rounds");
  }

  private void killLeaderUnder(WriterCrew crew) {
    ClusterRig rig = cluster.rig();
    crew.awaitAcknowledged(1 + random.nextInt(1000));
    int leader = rig.awaitLeader();
    long term = rig.term(leader);
    long start = System.nanoTime();
    rig.kill(leader);
    crew.onFault();
    rig.awaitLeaderAfter(term);
    elections.addNanos(System.nanoTime() - start);
    crew.awaitAcknowledged(WRITERS * 20);
    outages.addNanos(crew.outageNanos());
    rig.restart(leader);
    rig.awaitAllAnswering();
    crew.awaitAcknowledged(1 + random.nextInt(300));
  }

  @Test
  void noAcknowledgedWriteIsLostWhenAllNodesAreKilledAtOnce() throws IOException {
    ClusterRig rig = cluster.rig();
    for (int round = 1; round <= Math.max(2, ROUNDS / 6); round++) {
      try (WriterCrew crew = WriterCrew.start(rig, ledger, WRITERS, random.nextLong())) {
        crew.awaitAcknowledged(1 + random.nextInt(1500));
        rig.killAll();
        crew.onFault();
        for (int node = 1; node <= rig.size(); node++) {
          rig.restart(node);
        }
        rig.awaitAllAnswering();
        crew.awaitAcknowledged(WRITERS * 10);
        outages.addNanos(crew.outageNanos());
      }
      check(false);
    }
    check(true);
    report("all killed");
  }

  private void check(boolean isWhole) throws IOException {
    ClusterRig rig = cluster.rig();
    rig.awaitAllAnswering();
    rig.awaitLeader();
    try (RawConnection connection = rig.connectProxy(1 + random.nextInt(rig.size()))) {
      rig.awaitServing(connection);
      if (isWhole) {
        ledger.checkAll(connection);
      } else {
        ledger.checkRecent(connection);
      }
    }
    rig.requireEqualDigests();
    rig.requireHealthy();
  }

  private void report(String what) {
    System.out.println(
        what
            + ": "
            + ledger
            + ", new leader "
            + elections
            + ", outage "
            + outages
            + ", seed "
            + SEED);
  }
}
