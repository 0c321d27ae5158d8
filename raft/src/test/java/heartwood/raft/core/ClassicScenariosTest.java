package heartwood.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every Raft is asked, on three nodes and on five. {@link TestCluster} checks after each step
 * that terms and commit indexes grow, that a term has one leader and that all apply the same.
 */
class ClassicScenariosTest {
  private static final int TIMEOUT = TestNode.OPTIONS.electionTimeoutTicks();

  /** 1. Normal operation: what is proposed is applied everywhere, once and in order. */
  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void normalOperation(int nodes) {
    TestCluster cluster = new TestCluster(nodes);
    int leader = cluster.awaitLeader();

    proposeAndWait(cluster, leader, 10, 11, 12);

    for (int number : cluster.numbers()) {
      assertThat(cluster.appliedLengths(number)).containsExactly(10, 11, 12);
      assertThat(cluster.core(number).leader()).isEqualTo(TestNode.node(leader));
    }
  }

  /** 2. The leader dies: another one leads, with everything that was committed. */
  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void leaderCrash(int nodes) {
    TestCluster cluster = new TestCluster(nodes);
    int first = cluster.awaitLeader();
    proposeAndWait(cluster, first, 10);
    long term = cluster.core(first).currentTerm();

    cluster.kill(first);
    int second = cluster.awaitLeader();
    proposeAndWait(cluster, second, 11);
    cluster.restart(first);
    cluster.tick(3 * TIMEOUT);

    assertThat(second).isNotEqualTo(first);
    assertThat(cluster.core(second).currentTerm()).isGreaterThan(term);
    for (int number : cluster.numbers()) {
      assertThat(cluster.appliedLengths(number)).containsExactly(10, 11);
    }
  }

  /** 3. As many followers die as may: nothing waits for them, and they catch up. */
  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void followerCrash(int nodes) {
    TestCluster cluster = new TestCluster(nodes);
    int leader = cluster.awaitLeader();
    List<Integer> dead = cluster.others(leader).subList(0, (nodes - 1) / 2);

    dead.forEach(cluster::kill);
    proposeAndWait(cluster, leader, 10, 11);
    assertThat(cluster.appliedLengths(leader)).containsExactly(10, 11);
    dead.forEach(cluster::restart);
    cluster.tick(3 * TIMEOUT);

    for (int number : cluster.numbers()) {
      assertThat(cluster.appliedLengths(number)).containsExactly(10, 11);
    }
    assertThat(cluster.leaders()).containsExactly(leader);
  }

  /** 4. Split brain: the part without a majority commits nothing, gives up, and takes the rest. */
  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void splitBrain(int nodes) {
    TestCluster cluster = new TestCluster(nodes);
    int old = cluster.awaitLeader();
    proposeAndWait(cluster, old, 10);
    List<Integer> minority = new ArrayList<>(cluster.others(old).subList(0, (nodes - 1) / 2 - 1));
    minority.add(old);

    cluster.isolate(minority.toArray(Integer[]::new));
    cluster.propose(old, 99);
    long committed = cluster.core(old).commitIndex();
    cluster.tick(4 * TIMEOUT);
    assertThat(cluster.core(old).isLeader()).as("without a majority").isFalse();
    assertThat(cluster.core(old).commitIndex()).isEqualTo(committed);
    int leader = cluster.awaitLeader();
    proposeAndWait(cluster, leader, 11);
    cluster.heal();
    cluster.tick(4 * TIMEOUT);

    for (int number : cluster.numbers()) {
      assertThat(cluster.appliedLengths(number)).containsExactly(10, 11);
    }
  }

  /** 5. The commit index moves when a majority holds an entry, and not before (§5.3). */
  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void commitIndexAdvance(int nodes) {
    TestCluster cluster = new TestCluster(nodes);
    int leader = cluster.awaitLeader();
    List<Integer> dead = cluster.others(leader).subList(0, nodes / 2);
    dead.forEach(cluster::kill);
    long before = cluster.core(leader).commitIndex();

    cluster.isolate(leader);
    cluster.propose(leader, 10);
    cluster.tick(TIMEOUT / 2);
    assertThat(cluster.core(leader).commitIndex()).isEqualTo(before);
    cluster.heal();
    cluster.tick(3 * TIMEOUT); // The entry was lost on its way: it is sent again.

    assertThat(cluster.core(leader).commitIndex()).isEqualTo(before + 1);
    assertThat(cluster.appliedLengths(leader)).containsExactly(10);
  }

  /** 6. Log replication: entries of an old term that nobody committed give way (§5.3). */
  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void logReplication(int nodes) {
    TestCluster cluster = new TestCluster(nodes);
    int old = cluster.awaitLeader();
    cluster.isolate(old);
    for (int bytes = 90; bytes < 95; bytes++) {
      cluster.propose(old, bytes); // More than the others will have, and of no use.
    }
    cluster.kill(old);
    int leader = cluster.awaitLeader();
    proposeAndWait(cluster, leader, 10);
    cluster.restart(old);
    cluster.heal();
    cluster.tick(4 * TIMEOUT);

    assertThat(cluster.core(old).lastIndex()).isEqualTo(cluster.core(leader).lastIndex());
    assertThat(cluster.applied(old)).isEqualTo(cluster.applied(leader));
  }

  /** 7. State machines are given the same in the same order, whoever dies and comes back. */
  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void stateMachineConsistency(int nodes) {
    TestCluster cluster = new TestCluster(nodes);
    turmoil(cluster, nodes, 7);

    int leader = cluster.awaitLeader();
    cluster.tick(4 * TIMEOUT);
    for (int number : cluster.numbers()) {
      assertThat(cluster.applied(number)).isEqualTo(cluster.applied(leader)).isNotEmpty();
    }
  }

  /** 8. Terms only grow, on disk too, and what was voted in one is not taken back. */
  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void termMonotonicity(int nodes) {
    TestCluster cluster = new TestCluster(nodes);
    cluster.awaitLeader();
    for (int round = 0; round < 10; round++) {
      int leader = cluster.awaitLeader();
      long term = cluster.core(leader).currentTerm();
      cluster.kill(leader);
      int next = cluster.awaitLeader();
      assertThat(cluster.core(next).currentTerm()).isGreaterThan(term);
      cluster.restart(leader);
      assertThat(cluster.core(leader).currentTerm()).isEqualTo(term);
      cluster.tick(2 * TIMEOUT);
      assertThat(cluster.core(leader).currentTerm()).isGreaterThan(term);
    }
  }

  /** 9. Nobody's commit index passes its log, nor goes back, through all of it. */
  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void commitIndexStaysWithinTheLog(int nodes) {
    for (long seed = 1; seed <= 20; seed++) {
      TestCluster cluster = new TestCluster(nodes); // It checks every step.
      turmoil(cluster, nodes, seed);
      int leader = cluster.awaitLeader();
      assertThat(cluster.core(leader).commitIndex()).isEqualTo(cluster.core(leader).lastIndex());
    }
  }

  /** 10. A leader that is heard stays, also when one comes back that heard nobody (§9.6). */
  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void leaderStability(int nodes) {
    TestCluster cluster = new TestCluster(nodes);
    int leader = cluster.awaitLeader();
    long term = cluster.core(leader).currentTerm();

    cluster.tick(100 * TIMEOUT);
    cluster.isolate(cluster.others(leader).get(0));
    cluster.tick(20 * TIMEOUT);
    cluster.heal();
    cluster.tick(20 * TIMEOUT);

    assertThat(cluster.leaders()).containsExactly(leader);
    for (int number : cluster.numbers()) {
      assertThat(cluster.core(number).currentTerm()).isEqualTo(term);
    }
  }

  private static void proposeAndWait(TestCluster cluster, int leader, int... lengths) {
    for (int length : lengths) {
      cluster.propose(leader, length);
    }
    cluster.tick(TIMEOUT);
  }

  /** Processes die and come back, cables break and heal, and leaders are given entries. */
  private static void turmoil(TestCluster cluster, int nodes, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int down = 0;
    for (int i = 0; i < 300; i++) {
      switch (random.nextInt(6)) {
        case 0 -> {
          if (down == 0) {
            down = 1 + random.nextInt(nodes);
            cluster.kill(down);
          } else {
            cluster.restart(down);
            down = 0;
          }
        }
        case 1 -> cluster.isolate(1 + random.nextInt(nodes));
        case 2 -> cluster.heal();
        default -> {
          int bytes = 2 + i;
          cluster.leaders().forEach(leader -> cluster.propose(leader, bytes));
        }
      }
      cluster.tick(random.nextInt(TIMEOUT));
    }
    cluster.heal();
    if (down != 0) {
      cluster.restart(down);
    }
  }
}
