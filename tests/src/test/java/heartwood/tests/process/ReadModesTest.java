package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Reads of every node see what was acknowledged on any, in each mode, over real sockets. */
class ReadModesTest {
  private static final int WRITES = 100;
  private static final Duration BOUND = Duration.ofSeconds(30);

  @Test
  void followersAnswerWhatWasJustWrittenAndTheLeaderByItsLease() {
    try (LocalCluster cluster =
        LocalCluster.of(3, "--follower-reads", "read-index", "--read-mode", "lease")) {
      int leader = cluster.awaitLeader();
      int follower = leader % 3 + 1;
      int other = follower % 3 + 1;
      for (int i = 1; i <= WRITES; i++) {
        Reply value = Reply.BulkString.utf8("" + i);
        cluster.call(i % 2 == 0 ? leader : other, "SET", "key", "" + i);
        assertThat(cluster.call(follower, "GET", "key")).isEqualTo(value);
        assertThat(cluster.call(leader, "GET", "key")).isEqualTo(value);
      }

      assertThat(number(cluster.info(follower, "raft"), "raft_follower_reads")).isPositive();
      assertThat(number(cluster.info(leader, "raft"), "raft_lease_reads")).isPositive();
    }
  }

  @Test
  void aFollowersReadTellsThatAKeyHasExpiredAsSoonAsTheLeaderWould() {
    try (LocalCluster cluster = LocalCluster.of(3, "--follower-reads", "read-index")) {
      int leader = cluster.awaitLeader();
      int follower = leader % 3 + 1;
      cluster.call(follower, "SET", "key", "value", "PX", "100000");
      assertThat(cluster.call(follower, "GET", "key")).isEqualTo(Reply.BulkString.utf8("value"));

      for (int node = 1; node <= 3; node++) {
        cluster.clock(node).set(Duration.ofSeconds(200));
      }

      assertThat(cluster.call(follower, "EXISTS", "key")).isEqualTo(new Reply.IntegerReply(0));
    }
  }

  @Test
  void aFollowerWithoutALeaderRefusesToAnswerWhatMayBeTooOld() throws IOException {
    try (LocalCluster cluster = LocalCluster.of(3, "--read-staleness-max", "200")) {
      int leader = cluster.awaitLeader();
      int follower = leader % 3 + 1;
      int other = follower % 3 + 1;
      cluster.call(follower, "SET", "key", "value");
      assertThat(staleRead(cluster, follower)).isEqualTo(Reply.BulkString.utf8("value"));

      cluster.stop(other);
      cluster.stop(leader);

      Await.until(
          "the follower refuses",
          BOUND,
          () -> {
            try {
              String error = RawConnection.errorOf(staleRead(cluster, follower));
              return error != null && error.startsWith("MASTERDOWN ");
            } catch (IOException e) {
              return false; // It may have led for a moment, and cuts its clients off then.
            }
          });
    }
  }

  private static Reply staleRead(LocalCluster cluster, int node) throws IOException {
    try (RawConnection connection =
        RawConnection.open(cluster.address(node).redirectPort(), BOUND)) {
      connection.call("READONLY");
      return connection.call("GET", "key");
    }
  }

  private static long number(Map<String, String> info, String field) {
    return Long.parseLong(info.getOrDefault(field, "-1"));
  }
}
