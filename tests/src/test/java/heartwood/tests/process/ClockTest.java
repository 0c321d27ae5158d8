package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clocks that are wrong, by an hour and both ways, and leaders that believe them. */
class ClockTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration BOUND = Duration.ofSeconds(20);
  private static final int NODES = 3;

  private final LocalCluster cluster = LocalCluster.of(NODES);

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void whatHasExpiredStaysAwayWhenTheLeadersClockIsSetBack() {
    int leader = cluster.awaitLeader();
    cluster.call(1, "SET", "brief", "x", "PX", "200");
    cluster.call(1, "SET", "lasting", "x", "EX", "1000");
    awaitAbsent("brief");

    cluster.clock(leader).set(HOUR.negated());

    for (int node = 1; node <= NODES; node++) {
      assertThat(isPresent(node, "brief")).as("through node %s", node).isFalse();
      assertThat(cluster.integer(node, "TTL", "lasting")).isBetween(1L, 1000L);
    }
    cluster.call(1, "SET", "more", "x", "PX", "300000");
    assertThat(isPresent(1, "brief")).isFalse();
    assertThat(cluster.integer(1, "PTTL", "more")).isBetween(1L, 300_000L);
    assertThat(cluster.integer(1, "TTL", "lasting")).isBetween(1L, 1000L);
  }

  @Test
  void noTimeIsGivenBackWhenALeaderHasLivedInTheFuture() {
    int ahead = cluster.awaitLeader() % NODES + 1;
    int present = ahead % NODES + 1;
    cluster.call(1, "SET", "minutes", "x", "EX", "600");
    cluster.call(1, "SET", "hours", "x", "EX", "7200");
    cluster.clock(ahead).set(HOUR);

    cluster.makeLeader(ahead);
    assertThat(isPresent(1, "minutes")).as("an hour has passed, says the leader").isFalse();
    long hours = cluster.integer(1, "TTL", "hours");
    assertThat(hours).isBetween(1L, 3600L);

    cluster.makeLeader(present);
    for (int node = 1; node <= NODES; node++) {
      assertThat(isPresent(node, "minutes")).as("through node %s", node).isFalse();
      assertThat(cluster.integer(node, "TTL", "hours")).isBetween(1L, hours);
    }
    cluster.call(1, "SET", "minutes", "again", "EX", "600");
    assertThat(cluster.integer(1, "TTL", "minutes")).isBetween(1L, 600L);
  }

  @Test
  void aTtlThatWasToldIsNotGivenBackByTheNextLeader() {
    int ahead = cluster.awaitLeader();
    int present = ahead % NODES + 1;
    cluster.call(1, "SET", "hours", "x", "EX", "7200");

    cluster.clock(ahead).set(HOUR); // And nobody writes.
    long told = cluster.integer(1, "PTTL", "hours");
    assertThat(told).isBetween(1L, HOUR.toMillis());

    cluster.makeLeader(present);
    for (int node = 1; node <= NODES; node++) {
      assertThat(cluster.integer(node, "PTTL", "hours")).isBetween(1L, told);
    }
  }

  @Test
  void aTtlThatIsPolledCostsAnEntryInTenMilliseconds() throws IOException {
    int leader = cluster.awaitLeader();
    cluster.call(1, "SET", "key", "x", "EX", "1000");
    try (RawConnection connection = cluster.connect(leader)) {
      long begin = System.nanoTime();
      long before = appliedIndex(leader);
      for (int i = 0; i < 2000; i++) {
        connection.call("PTTL", "key");
      }
      long entries = appliedIndex(leader) - before;

      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
      assertThat(entries).isBetween(1L, millis / 10 + 2);
    }
  }

  @Test
  void aTtlCountsDownWhileNobodyWrites() {
    cluster.call(1, "SET", "key", "x", "EX", "100");
    for (int node = 1; node <= NODES; node++) {
      int asked = node;
      Await.until(
          () -> "TTL through node " + asked + ": " + cluster.integer(asked, "TTL", "key"),
          BOUND,
          () -> cluster.integer(asked, "TTL", "key") <= 98);
    }
  }

  private void awaitAbsent(String key) {
    Await.until(key + " is gone", BOUND, () -> !isPresent(1, key));
  }

  private long appliedIndex(int node) {
    return Long.parseLong(cluster.info(node, "raft").get("raft_applied_index"));
  }

  private boolean isPresent(int node, String key) {
    return cluster.call(node, "GET", key) instanceof Reply.BulkString;
  }
}
