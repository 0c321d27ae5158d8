package heartwood.tools.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import heartwood.tools.client.RedisClient;
import heartwood.tools.console.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three real processes. */
class LocalClusterTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ClusterFiles files;
  private final LocalCluster cluster;

  LocalClusterTest(@TempDir Path directory) {
    files = ClusterFiles.create(directory, 3, FreeBasePort.find(3));
    cluster = new LocalCluster(files);
  }

  @AfterEach
  void killAll() {
    ClusterFiles.open(files.directory())
        .nodes()
        .forEach(node -> NodeProcess.of(node).ifPresent(ProcessHandle::destroyForcibly));
  }

  @Test
  void whatWasAcknowledgedSurvivesAKillAndARestart() throws IOException {
    MemberStatus leader = cluster.start();
    assertThat(files.isFormed()).isTrue();
    assertThat(call("SET", "key", "one")).isEqualTo(new Reply.SimpleString("OK"));

    int killed = Objects.requireNonNull(files.numbers().get(leader.address()));
    cluster.kill(killed);

    assertThat(call("SET", "key", "two")).isEqualTo(new Reply.SimpleString("OK"));
    assertThat(ClusterStatus.of(files).isHealthy()).isFalse();

    cluster.restart(killed);

    awaitHealth();
    assertThat(cluster.stop()).isEqualTo(3);
    assertThat(files.nodes()).allMatch(node -> NodeProcess.of(node).isEmpty());

    cluster.start();

    assertThat(call("GET", "key")).isEqualTo(Reply.BulkString.utf8("two"));
    cluster.pause(1);
    assertThat(cluster.stop()).isEqualTo(3);
  }

  @Test
  void theLeaderIsReplacedByANodeOfANewNumber() throws IOException {
    MemberStatus leader = cluster.start();
    assertThat(call("SET", "key", "one")).isEqualTo(new Reply.SimpleString("OK"));
    int leaving = Objects.requireNonNull(files.numbers().get(leader.address()));

    cluster.remove(leaving);
    ClusterFiles two = ClusterFiles.open(files.directory());
    assertThat(two.nodes()).extracting(NodeFiles::number).hasSize(2).doesNotContain(leaving);
    assertThat(new LocalCluster(two).add()).isEqualTo(4);

    ClusterFiles three = ClusterFiles.open(files.directory());
    assertThat(new Membership(three).isVoter(4)).isTrue();
    assertThat(new Membership(three).isVoter(leaving)).isFalse();
    assertThat(three.nodes()).extracting(NodeFiles::number).hasSize(3).contains(4);
    Failure failure = failureOf(() -> new LocalCluster(three).remove(leaving));
    assertThat(failure).hasMessageContaining("there is no node " + leaving);
    assertThat(new LocalCluster(three).stop()).isEqualTo(3);
  }

  /** A majority without the leader is there as soon as the third node is back. */
  @Test
  void aRemovalWaitsForAMajorityThatAnswers() {
    MemberStatus leader = cluster.start();
    int leaving = Objects.requireNonNull(files.numbers().get(leader.address()));
    int late = leaving % 3 + 1;
    cluster.kill(late);

    CompletableFuture<Void> removal = CompletableFuture.runAsync(() -> cluster.remove(leaving));
    cluster.restart(late);
    removal.join();

    ClusterFiles two = ClusterFiles.open(files.directory());
    assertThat(new Membership(two).isVoter(leaving)).isFalse();
    assertThat(new LocalCluster(two).stop()).isEqualTo(2);
  }

  @Test
  void aNodeThatLostItsDataDoesNotComeBackUnderItsOldNumber() throws IOException {
    cluster.start();
    cluster.stop();
    deleteData(files.node(1));

    Failure failure = failureOf(() -> cluster.restart(1));

    assertThat(failure)
        .hasMessageContaining("node 1 has ended")
        .hasMessageContaining("lost its disk");
  }

  /** A busy machine may let a member answer late once. */
  private void awaitHealth() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    ClusterStatus status = ClusterStatus.of(files);
    while (!status.isHealthy() && System.nanoTime() < deadline) {
      status = ClusterStatus.of(files);
    }
    assertThat(status.isHealthy()).as(status.table()).isTrue();
  }

  private static Failure failureOf(Runnable action) {
    try {
      action.run();
    } catch (Failure e) {
      return e;
    }
    throw new AssertionError("no failure");
  }

  private static void deleteData(NodeFiles node) throws IOException {
    try (Stream<Path> paths = Files.walk(node.data())) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** Asks whichever node answers; a node without a leader says that it did nothing. */
  private Reply call(String... words) throws IOException {
    IOException last = new IOException("never asked");
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      for (NodeFiles node : files.nodes()) {
        try (RedisClient client =
            new RedisClient(files.client(node).following().withTimeout(Duration.ofSeconds(5)))) {
          Reply reply = client.call(words);
          if (!(reply instanceof Reply.SimpleError)) {
            return reply;
          }
          last = new IOException(reply.toString());
        } catch (IOException e) {
          last = e;
        }
      }
    }
    throw last;
  }
}
