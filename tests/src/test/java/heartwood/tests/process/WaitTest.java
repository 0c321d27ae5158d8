package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** WAIT and WAITAOF: who waits for followers waits, and nobody else does. */
class WaitTest {
  private static final Duration BOUND = Duration.ofSeconds(20);
  private static final int NODES = 3;
  private static final long TIMEOUT_MILLIS = 200;

  private final LocalCluster cluster = LocalCluster.of(NODES);

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void allFollowersHoldAWriteWhenWaitSaysSo() throws IOException {
    int leader = cluster.awaitLeader();
    try (RawConnection connection = cluster.connect(leader)) {
      connection.call("SET", "key", "x");

      assertThat(integer(connection.call("WAIT", "2", "0"))).isEqualTo(2);
      assertThat(connection.call("WAITAOF", "1", "2", "0"))
          .isEqualTo(
              new Reply.Array(List.of(new Reply.IntegerReply(1), new Reply.IntegerReply(2))));
    }
  }

  @Test
  void waitEndsWithTheTimeoutAndTellsHowFarItCame() throws IOException {
    int leader = cluster.awaitLeader();
    cluster.stop(leader % NODES + 1);
    try (RawConnection connection = cluster.connect(leader)) {
      connection.call("SET", "key", "x");

      long begin = System.nanoTime();
      long followers = integer(connection.call("WAIT", "2", Long.toString(TIMEOUT_MILLIS)));

      assertThat(System.nanoTime() - begin)
          .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MILLIS));
      assertThat(followers).isEqualTo(1);
    }
  }

  @Test
  void waitHoldsBackItsOwnConnectionUntilAFollowerIsThere() throws IOException {
    int leader = cluster.awaitLeader();
    int stopped = leader % NODES + 1;
    int other = stopped % NODES + 1;
    cluster.stop(stopped);
    try (RawConnection near = cluster.connect(leader);
        RawConnection far = cluster.connect(other)) { // Its node forwards to the leader.
      for (RawConnection waiting : List.of(near, far)) {
        waiting.send("SET", "key", "x");
        waiting.send("WAIT", "2", "0");
        waiting.send("INCR", "behind");
        waiting.flush();
        assertThat(waiting.receive()).isEqualTo(new Reply.SimpleString("OK"));
      }

      awaitWaiting(leader, 2);
      assertThat(cluster.integer(leader, "INCR", "others")).isEqualTo(1);
      assertThat(cluster.call(leader, "GET", "behind")).isEqualTo(Reply.Null.BULK);
      cluster.start(stopped);

      for (RawConnection waiting : List.of(near, far)) {
        assertThat(integer(waiting.receive())).isEqualTo(2);
        assertThat(integer(waiting.receive())).isBetween(1L, 2L);
      }
    }
  }

  @Test
  void aFollowerHasNoWritesToWaitFor() throws IOException {
    int follower = cluster.awaitLeader() % NODES + 1;
    try (RawConnection connection =
        RawConnection.open(cluster.address(follower).redirectPort(), BOUND)) {
      assertThat(RawConnection.errorOf(connection.call("WAIT", "1", "0")))
          .startsWith("ERR WAIT cannot be used with replica instances.");
    }
  }

  @Test
  void whoLeavesWaitsNoMore() throws IOException {
    int leader = cluster.awaitLeader();
    try (RawConnection near = cluster.connect(leader);
        RawConnection far = cluster.connect(leader % NODES + 1)) {
      for (RawConnection waiting : List.of(near, far)) {
        waiting.send("WAIT", "9", "0");
        waiting.flush();
      }
      awaitWaiting(leader, 2);
    }
    awaitWaiting(leader, 0);
  }

  @Test
  void clientUnblockEndsAWait() throws IOException {
    int leader = cluster.awaitLeader();
    try (RawConnection waiting = cluster.connect(leader);
        RawConnection other = cluster.connect(leader)) {
      String id = Long.toString(integer(waiting.call("CLIENT", "ID")));
      waiting.call("WAIT", "2", "0"); // From here on both followers are there.
      waiting.send("WAIT", "9", "0");
      waiting.send("WAIT", "9", "0");
      waiting.flush();

      awaitWaiting(leader, 1);
      assertThat(integer(other.call("CLIENT", "UNBLOCK", id))).isEqualTo(1);
      assertThat(integer(waiting.receive())).isEqualTo(2);

      awaitWaiting(leader, 1);
      assertThat(integer(other.call("CLIENT", "UNBLOCK", id, "ERROR"))).isEqualTo(1);
      assertThat(RawConnection.errorOf(waiting.receive()))
          .isEqualTo("UNBLOCKED client unblocked via CLIENT UNBLOCK");
      assertThat(integer(other.call("CLIENT", "UNBLOCK", id))).isZero();
    }
  }

  private void awaitWaiting(int leader, int count) {
    Await.until(
        count + " wait",
        BOUND,
        () ->
            Integer.toString(count).equals(cluster.info(leader, "clients").get("blocked_clients")));
  }

  private static long integer(Reply reply) {
    return ((Reply.IntegerReply) reply).value();
  }
}
