package heartwood.raft.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whoever has a lease by its own clock is the only one who could commit anything: whatever happens
 * to messages, nodes and members, and with clocks that run by a tenth too fast or too slow.
 */
class LeaseSafetyTest {
  /** Time is counted in units, of which a tick has so many, give or take one. */
  private static final int TICK_UNITS = 10;

  private static final int RUNS = 20;
  private static final int UNITS = 6_000;

  /** As {@code LeaderLease.lengthNanos} has it. */
  private static final double LEASE_TICKS = (TestNode.OPTIONS.electionTimeoutTicks() - 1) * 0.75;

  private record Lease(double sinceTicks, long term) {}

  /** The question that a lease waits for. */
  private record Asked(long readId, double sinceTicks, long term) {}

  private static final class Clock {
    private final int tickUnits;
    private long pausedUntil;

    Clock(int tickUnits) {
      this.tickUnits = tickUnits;
    }

    double ticks(long units) {
      return (double) units / tickUnits;
    }
  }

  private final TreeMap<Integer, Clock> clocks = new TreeMap<>();
  private final TreeMap<Integer, Lease> leases = new TreeMap<>();
  private final TreeMap<Integer, Asked> questions = new TreeMap<>();
  private long lastReadId;

  /** Who was isolated last. */
  private int apart = 1;

  private int leasesHeld;
  private int leadersBeside;

  @ParameterizedTest
  @CsvSource({"3, 1", "3, 2", "5, 3", "5, 4"})
  void nobodyLeadsBesideWhoHasALease(int nodeCount, long seed) {
    for (int run = 0; run < RUNS; run++) {
      run(nodeCount, new SplitMix64(seed * 1000 + run));
    }

    assertThat(leasesHeld).as("units with a lease").isGreaterThan(RUNS * UNITS / 4);
    assertThat(leadersBeside).as("units with two leaders, without a lease").isPositive();
  }

  private void run(int nodeCount, SplitMix64 random) {
    TestCluster cluster = new TestCluster(nodeCount, 1);
    leases.clear();
    questions.clear();
    cluster
        .numbers()
        .forEach(each -> clocks.put(each, new Clock(TICK_UNITS - 1 + random.nextInt(3))));
    for (long now = 1; now <= UNITS; now++) {
      maybeFault(cluster, random, now);
      long unit = now;
      for (int number : cluster.numbers()) {
        Clock clock = clock(number);
        if (cluster.isUp(number) && clock.pausedUntil <= now && now % clock.tickUnits == 0) {
          cluster.tickOf(number);
        }
      }
      cluster.deliver(to -> clock(to).pausedUntil <= unit && random.nextInt(4) > 0);
      cluster.numbers().forEach(number -> look(cluster, number, unit));
      cluster.numbers().forEach(number -> check(cluster, number, unit));
    }
  }

  private void maybeFault(TestCluster cluster, SplitMix64 random, long now) {
    if (random.nextInt(300) > 0) {
      return;
    }
    int one = cluster.numbers().get(random.nextInt(cluster.numbers().size()));
    int leader = cluster.leaders().stream().reduce(one, (first, second) -> second);
    switch (random.nextInt(12)) {
      case 0 -> clock(leader).pausedUntil = now + random.nextInt(400);
      case 1 -> clock(one).pausedUntil = now + random.nextInt(400);
      case 2 -> cluster.isolate(leader);
      case 3 -> cluster.isolate(leader, one);
      case 4 -> {
        cluster.kill(one);
        cluster.restart(one); // It has forgotten whom it heard.
      }
      case 5 -> cluster.transfer(leader, one);
      case 6 -> change(cluster, random, leader, one);
      case 7, 8 -> {
        cluster.isolate(one);
        apart = one;
      }
      case 9, 10 -> changePlaces(cluster, leader);
      default -> cluster.heal();
    }
  }

  /**
   * Who was apart, and asks for votes, comes back in the leader's stead, while those who know of
   * the leader start anew.
   */
  private void changePlaces(TestCluster cluster, int leader) {
    cluster.isolate(leader);
    for (int number : cluster.others(leader, apart)) {
      cluster.kill(number);
      cluster.restart(number);
    }
  }

  private Clock clock(int number) {
    return Objects.requireNonNull(clocks.get(number));
  }

  private static void change(TestCluster cluster, SplitMix64 random, int leader, int one) {
    int spare = cluster.numbers().size();
    if (!cluster.isUp(leader)) {
      return;
    }
    if (random.nextInt(2) == 0) {
      cluster.change(leader, new MembershipChange.Add(TestNode.member(spare), true));
    } else {
      cluster.change(leader, new MembershipChange.Remove(TestNode.node(one)));
    }
  }

  /** What {@code LinearizableReads} does: asks, and has a lease from when it asked. */
  private void look(TestCluster cluster, int number, long now) {
    if (!cluster.isUp(number) || clock(number).pausedUntil > now) {
      return;
    }
    RaftCore core = cluster.core(number);
    double ticks = clock(number).ticks(now);
    Asked asked = questions.get(number);
    if (asked != null && cluster.readyRead(number) >= asked.readId()) {
      leases.put(number, new Lease(asked.sinceTicks(), asked.term()));
      questions.remove(number);
    } else if (asked != null && asked.term() != core.currentTerm()) {
      questions.remove(number);
    }
    if (core.isLeader() && !questions.containsKey(number)) {
      questions.put(number, new Asked(++lastReadId, ticks, core.currentTerm()));
      cluster.read(number, lastReadId);
    }
  }

  private void check(TestCluster cluster, int number, long now) {
    Lease lease = leases.get(number);
    if (!cluster.isUp(number)) {
      return;
    }
    RaftCore core = cluster.core(number);
    boolean leadsBeside = core.isLeader() && cluster.leaders().size() > 1;
    boolean holds =
        lease != null
            && core.mayHoldLease()
            && lease.term() == core.currentTerm()
            && clock(number).ticks(now) - lease.sinceTicks() < LEASE_TICKS;
    if (holds) {
      leasesHeld++;
      cluster
          .leaders()
          .forEach(
              other ->
                  assertThat(cluster.core(other).currentTerm())
                      .as("term of a leader beside the lease of n%d\n%s", number, cluster)
                      .isLessThanOrEqualTo(core.currentTerm()));
    } else if (leadsBeside) {
      leadersBeside++;
    }
  }
}
