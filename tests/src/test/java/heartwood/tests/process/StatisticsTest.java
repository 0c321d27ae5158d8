package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a node counts of what it does. */
class StatisticsTest {
  private static final Duration BOUND = Duration.ofSeconds(20);

  private final LocalCluster cluster = LocalCluster.of(1);

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void readsCountWhatTheyFindAndWhatTheyMiss() throws IOException {
    try (RawConnection connection = cluster.connect(1)) {
      connection.call("SET", "here", "x");
      connection.call("CONFIG", "RESETSTAT");

      connection.call("GET", "here");
      connection.call("MGET", "here", "absent", "gone");
      connection.call("SET", "here", "y");

      assertThat(cluster.info(1, "stats"))
          .containsEntry("keyspace_hits", "2")
          .containsEntry("keyspace_misses", "2");
    }
  }

  @Test
  void keysThatExpireAreCountedAndKeysThatAreDeletedAreNot() throws IOException {
    try (RawConnection connection = cluster.connect(1)) {
      connection.call("SET", "first", "x", "PX", "50");
      connection.call("SET", "second", "x", "PX", "50");
      connection.call("SET", "third", "x", "EX", "100");
      connection.call("EXPIRE", "third", "-1"); // It is deleted, and has not expired.
    }
    Await.until("the keys are gone", BOUND, () -> cluster.integer(1, "DBSIZE") == 0);

    Await.until(() -> "expired: " + expiredKeys(), BOUND, () -> expiredKeys().equals("2"));
  }

  private String expiredKeys() {
    return cluster.info(1, "stats").get("expired_keys");
  }

  @Test
  void aCommandThatAnswersAnErrorHasFailedAndOneThatDidNotRunWasRejected() throws IOException {
    try (RawConnection connection = cluster.connect(1)) {
      connection.call("SET", "string", "x");
      connection.call("CONFIG", "RESETSTAT");

      connection.call("HGET", "string", "field");
      connection.call("INCR", "string");
      connection.call("INCR");
      connection.call("INCR", "number");
      connection.call("CONFIG", "SET", "port", "1");

      assertThat(cluster.info(1, "commandstats"))
          .hasEntrySatisfying("cmdstat_hget", line -> assertThat(line).endsWith(failed(0, 1)))
          .hasEntrySatisfying("cmdstat_incr", line -> assertThat(line).endsWith(failed(1, 1)))
          .hasEntrySatisfying(
              "cmdstat_config|set", line -> assertThat(line).endsWith(failed(0, 1)));
      assertThat(cluster.info(1, "errorstats"))
          .containsEntry("errorstat_WRONGTYPE", "count=1")
          .containsEntry("errorstat_ERR", "count=3");
    }
  }

  private static String failed(int rejectedCalls, int failedCalls) {
    return "rejected_calls=" + rejectedCalls + ",failed_calls=" + failedCalls;
  }

  @Test
  void slowCommandsComeToTheSlowLogWithTheirClient() throws IOException {
    try (RawConnection connection = cluster.connect(1)) {
      connection.call("CLIENT", "SETNAME", "me");
      connection.call("CONFIG", "SET", "slowlog-log-slower-than", "0", "slowlog-max-len", "2");
      connection.call("SLOWLOG", "RESET");

      connection.call("PING", "dropped");
      connection.call("SET", "key", "value");
      connection.call("GET", "key");
      connection.call("CONFIG", "SET", "slowlog-log-slower-than", "-1");

      Reply slow = connection.call("SLOWLOG", "GET");
      assertThat(((Reply.Array) slow).elements()).hasSize(2);
      assertThat(slow.toString())
          .contains("GET", "SET", "key", "value", "127.0.0.1:", "me")
          .doesNotContain("dropped");
    }
  }
}
