package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.resp.Reply;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a node does not put up with from its clients, and for how long it lets them wait. */
class ClientLimitsTest {
  private static final Duration BOUND = Duration.ofSeconds(20);

  @Test
  void anIdleClientIsCutOffAndOneThatWaitsIsNot() throws IOException {
    try (LocalCluster cluster = LocalCluster.of(1, "--timeout", "10", "--io-threads", "1");
        RawConnection waiting = cluster.connect(1);
        RawConnection idle = cluster.connect(1)) {
      String id = Long.toString(((Reply.IntegerReply) waiting.call("CLIENT", "ID")).value());
      waiting.send("WAIT", "1", "0");
      waiting.flush();
      awaitWaiting(cluster);
      idle.call("PING");

      cluster.clock(1).set(Duration.ofSeconds(11));

      assertThatThrownBy(idle::receive).isInstanceOf(EOFException.class);
      cluster.call(1, "CLIENT", "UNBLOCK", id);
      assertThat(waiting.receive()).isEqualTo(new Reply.IntegerReply(0));
    }
  }

  @Test
  void aClientThatDoesNotTakeItsRepliesIsCutOff() throws IOException {
    int gets = 400;
    try (LocalCluster cluster =
            LocalCluster.of(1, "--client-output-buffer-limit", "normal", "1mb", "0", "0");
        RawConnection slow = cluster.connect(1)) {
      cluster.call(1, "SET", "key", "x".repeat(512 * 1024));
      for (int i = 0; i < gets; i++) {
        slow.send("GET", "key");
      }
      slow.flush();

      assertThatThrownBy(
              () -> {
                for (int i = 0; i < gets; i++) {
                  slow.receive();
                }
              })
          .isInstanceOf(IOException.class);
      cluster.call(1, "EXISTS", "key"); // Behind the last of those reads.
    }
  }

  @Test
  void howLongARequestWaitsForALeaderCanChange() throws IOException {
    try (LocalCluster cluster = LocalCluster.of(3, "--leader-wait-ms", "600000")) {
      cluster.stop(2);
      cluster.stop(3);
      try (RawConnection connection = cluster.connect(1)) {
        connection.call("CONFIG", "SET", "leader-wait-ms", "0");

        Await.until(
            "a write hears that there is no leader",
            BOUND,
            () -> {
              String error = RawConnection.errorOf(ask(connection, "SET", "key", "x"));
              return error != null && error.startsWith("CLUSTERDOWN");
            });
      }
    }
  }

  private static Reply ask(RawConnection connection, String... words) {
    try {
      return connection.call(words);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void awaitWaiting(LocalCluster cluster) {
    Await.until(
        "a client waits",
        BOUND,
        () -> "1".equals(cluster.info(1, "clients").get("blocked_clients")));
  }
}
