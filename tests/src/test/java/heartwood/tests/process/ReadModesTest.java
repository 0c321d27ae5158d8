package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Reads of every node see what was acknowledged on any, in each mode, over real sockets. */
class ReadModesTest {
  private static final int WRITES = 200;
  private static final Duration BOUND = Duration.ofSeconds(30);

  @Test
  void followersAnswerWhatWasJustWrittenAndTheLeaderByItsLease() throws IOException {
    try (LocalCluster cluster =
        LocalCluster.of(3, "--follower-reads", "read-index", "--read-mode", "lease")) {
      int leader = cluster.awaitLeader();
      int follower = leader % 3 + 1;
      int other = follower % 3 + 1;
      try (RawConnection atLeader = cluster.connect(leader);
          RawConnection atFollower = cluster.connect(follower);
          RawConnection atOther = cluster.connect(other)) {
        for (int i = 1; i <= WRITES; i++) {
          String value = Integer.toString(i);
          RawConnection writer = i % 2 == 0 ? atLeader : atOther;
          assertThat(writer.call("SET", "key", value)).isEqualTo(new Reply.SimpleString("OK"));
          assertThat(atFollower.call("GET", "key")).isEqualTo(Reply.BulkString.utf8(value));
          assertThat(atLeader.call("GET", "key")).isEqualTo(Reply.BulkString.utf8(value));
        }
      }

      assertThat(number(cluster.info(follower, "raft"), "raft_follower_reads"))
          .isGreaterThanOrEqualTo(WRITES);
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
  void aFollowerWithoutALeaderRefusesWhatMayBeTooOldOrWaitsForTheNext() throws IOException {
    try (LocalCluster cluster = LocalCluster.of(3, "--read-staleness-max", "200")) {
      int leader = cluster.awaitLeader();
      int follower = leader % 3 + 1;
      int other = follower % 3 + 1;
      cluster.call(follower, "SET", "key", "value");
      try (RawConnection connection = cluster.connect(follower)) {
        connection.call("READONLY");
        assertThat(connection.call("GET", "key")).isEqualTo(Reply.BulkString.utf8("value"));

        cluster.stop(leader);
        cluster.stop(other);

        Await.until(
            "the follower refuses",
            BOUND,
            () -> {
              try {
                String error = RawConnection.errorOf(connection.call("GET", "key"));
                return error != null && error.startsWith("MASTERDOWN ");
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
      }
    }
  }

  private static long number(Map<String, String> info, String field) {
    return Long.parseLong(info.getOrDefault(field, "-1"));
  }
}
