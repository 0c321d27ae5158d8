package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Followers that are away for longer than the log is kept come back through a snapshot (Raft §7),
 * while clients write.
 */
class SnapshotTest {
  private static final int WRITERS = 4;
  private static final Duration BOUND = Duration.ofSeconds(30);

  /** Values of this size, in so many keys: the log grows with each, the state only at first. */
  private static final int VALUE_BYTES = 256 * 1024;

  private static final int SMALL_STATE = 8;

  /** So many that a snapshot takes dozens of pieces: time enough to be killed among them. */
  private static final int LARGE_STATE = 128;

  @RegisterExtension
  final RunningCluster cluster =
      new RunningCluster(3, "--log-max-bytes", "1mb", "--snapshot-max-rate", "16mb");

  private final Ledger ledger = new Ledger(WRITERS);

  @Test
  void aFollowerThatWasAwayForLongerThanTheLogIsKeptComesBack() throws IOException {
    ClusterRig rig = cluster.rig();
    try (WriterCrew crew = WriterCrew.start(rig, ledger, WRITERS, 1)) {
      comeBackAfter(crew, rig::kill);
      comeBackAfter(crew, rig::terminate);
    }
    requireSameData();
  }

  private void comeBackAfter(WriterCrew crew, IntConsumer stop) throws IOException {
    ClusterRig rig = cluster.rig();
    crew.awaitAcknowledged(100);
    int follower = rig.follower();
    stop.accept(follower);
    outgrowLog(follower, SMALL_STATE);
    rig.restart(follower);
    awaitCaughtUp(follower);
    crew.awaitAcknowledged(100);
  }

  @Test
  void aFollowerThatIsKilledWhileItPullsASnapshotGoesOnWithIt() throws IOException {
    ClusterRig rig = cluster.rig();
    int follower = rig.follower();
    rig.kill(follower);
    outgrowLog(follower, LARGE_STATE);
    try (WriterCrew crew = WriterCrew.start(rig, ledger, WRITERS, 2)) {
      rig.restart(follower);
      Await.until("a piece of a snapshot", BOUND, () -> incomingBytes(follower) > 0);
      rig.kill(follower);
      assertThat(incomingBytes(follower))
          .as("bytes that were pulled")
          .isBetween(1L, (long) LARGE_STATE * VALUE_BYTES - 1);
      crew.awaitAcknowledged(100);

      rig.restart(follower);
      awaitCaughtUp(follower);
      assertThat(lines(follower, "pulls snapshot")).as("pulls that were begun").isEqualTo(1);
      assertThat(lines(follower, "goes on with snapshot")).isPositive();
      assertThat(incomingBytes(follower)).as("bytes left behind").isZero();
    }
    requireSameData();
  }

  @Test
  void aSnapshotOutlivesTheDeathOfTheLeaderThatSendsIt() throws IOException {
    ClusterRig rig = cluster.rig();
    int follower = rig.follower();
    rig.kill(follower);
    outgrowLog(follower, LARGE_STATE);
    try (WriterCrew crew = WriterCrew.start(rig, ledger, WRITERS, 3)) {
      rig.restart(follower);
      Await.until("pieces of a snapshot", BOUND, () -> incomingBytes(follower) > 4 << 20);
      int leader = rig.awaitLeader();
      rig.kill(leader);
      rig.restart(leader);

      awaitCaughtUp(follower);
      assertThat(lines(follower, "pulls snapshot")).as("pulls that were begun").isEqualTo(1);
      assertThat(lines(follower, "goes on with snapshot")).isPositive();
      crew.awaitAcknowledged(100);
    }
    requireSameData();
  }

  private long lines(int node, String words) {
    return cluster.rig().log(node).lines().filter(line -> line.contains(words)).count();
  }

  /** Writes until no running node's log reaches back to what a node that is away may hold. */
  private void outgrowLog(int away, int keyCount) throws IOException {
    ClusterRig rig = cluster.rig();
    int leader = rig.awaitLeader();
    int other = 6 - leader - away;
    long lastOfAway = rig.lastLogIndex(leader);
    String value = "v".repeat(VALUE_BYTES);
    int[] written = new int[1];
    try (RawConnection connection = rig.connectProxy(leader)) {
      Await.until(
          () -> "logs begin behind " + lastOfAway + "\n" + rig.describe(),
          BOUND,
          () -> {
            set(connection, "large:" + written[0]++ % keyCount, value);
            return written[0] >= keyCount
                && rig.firstLogIndex(leader) > lastOfAway + 1
                && rig.firstLogIndex(other) > lastOfAway + 1;
          });
    }
  }

  private static void set(RawConnection connection, String key, String value) {
    try {
      assertThat(connection.call("SET", key, value)).isEqualTo(new Reply.SimpleString("OK"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until a node has applied what the leader had when the waiting began. */
  private void awaitCaughtUp(int node) {
    ClusterRig rig = cluster.rig();
    long wanted = rig.appliedIndex(rig.awaitLeader());
    Await.until(
        () -> "node " + node + " applies " + wanted + "\n" + rig.describe(),
        BOUND,
        () -> rig.appliedIndex(node) >= wanted);
  }

  /** What a node has received of a snapshot that it has not installed. */
  private long incomingBytes(int node) {
    try (Stream<Path> children = Files.list(cluster.rig().dataDirectory(node).resolve("state"))) {
      long bytes = 0;
      for (Path child : children.toList()) {
        if (String.valueOf(child.getFileName()).startsWith("incoming-")) {
          bytes += Files.size(child.resolve("data.mdb"));
        }
      }
      return bytes;
    } catch (NoSuchFileException e) {
      return 0; // Just being made, or moved to where it is installed.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void requireSameData() throws IOException {
    ClusterRig rig = cluster.rig();
    rig.requireEqualDigests();
    for (int node = 1; node <= rig.size(); node++) {
      try (RawConnection connection = rig.connect(node)) {
        connection.call("READONLY"); // Each answers from what it has itself.
        ledger.checkAll(connection);
      }
    }
  }
}
