package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rows of a state that rot on a disk, in files and processes. */
@Timeout(120)
class DamagedRowTest {
  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final int KEYS = 50;

  @Test
  void aFollowerThatIsAskedForADamagedRowStopsAndDoesNotServeIt() throws IOException {
    try (ClusterRig rig = ClusterRig.start(3)) {
      int victim = damageARowOfAFollower(rig);

      rig.restart(victim);
      rig.awaitAllAnswering();
      try (RawConnection client = rig.connect(victim)) {
        client.call("READONLY");
        assertThat(client.call("GET", "key:8"))
            .isEqualTo(Reply.BulkString.utf8("a-value-that-rots:8:"));
        requireNoAnswer(client, "GET", "key:7");
      }

      requireStoppedAndMended(rig, victim);
    }
  }

  /** The round of a majority, and then the row: a follower's read index asks for it as well. */
  @Test
  void aRowThatALinearizableReadMeetsIsNotServedEither() throws IOException {
    try (ClusterRig rig = ClusterRig.start(3, "--follower-reads", "read-index")) {
      int victim = damageARowOfAFollower(rig);

      rig.restart(victim);
      rig.awaitAllAnswering();
      try (RawConnection client = rig.connectProxy(victim)) {
        requireNoAnswer(client, "GET", "key:7");
      }

      requireStoppedAndMended(rig, victim);
    }
  }

  @Test
  void aRowThatNobodyAsksForIsFoundByTheScrub() throws IOException {
    try (ClusterRig rig = ClusterRig.start(3, "--scrub-interval", "1")) {
      Await.until(
          "a pass is whole",
          BOUND,
          () -> Long.parseLong(rig.info(1, "persistence").get("scrub_passes")) > 0);
      assertThat(rig.info(1, "persistence")).containsEntry("scrub_damaged_rows", "0");
      int victim = damageARowOfAFollower(rig);

      rig.restart(victim);

      requireStoppedAndMended(rig, victim);
    }
  }

  /** A row that is in LMDB, and in no log that would be replayed: the node has ended in peace. */
  private static int damageARowOfAFollower(ClusterRig rig) throws IOException {
    int victim = rig.follower();
    try (RawConnection client = rig.connectProxy(victim)) {
      for (int i = 0; i < KEYS; i++) {
        assertThat(client.call("SET", "key:" + i, "a-value-that-rots:" + i + ":"))
            .isEqualTo(new Reply.SimpleString("OK"));
      }
    }
    rig.requireEqualDigests();
    rig.terminate(victim);
    damage(rig.dataDirectory(victim).resolve("state/state-0/data.mdb"), "a-value-that-rots:7:");
    return victim;
  }

  /** Flips a bit wherever some words stand in a file. */
  private static void damage(Path file, String words) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int count = 0;
    for (int at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) {
      bytes[at] ^= 1;
      count++;
    }
    assertThat(count).as("places of " + words).isPositive();
    Files.write(file, bytes);
  }

  private static void requireNoAnswer(RawConnection client, String... words) {
    Reply reply;
    try {
      reply = client.call(words);
    } catch (IOException e) {
      return; // The connection ended with the node.
    }
    assertThat(RawConnection.errorOf(reply)).as("answer: %s", reply).isNotNull();
    assertThat(reply.toString()).doesNotContain("internal error");
  }

  /** It ends, says why, and comes back with the state of the others, who go on meanwhile. */
  private static void requireStoppedAndMended(ClusterRig rig, int victim) throws IOException {
    Await.until(
        () -> "n" + victim + " ends\n" + rig.describe(),
        BOUND,
        () -> rig.unexpectedExit(victim) != null);
    assertThat(rig.log(victim))
        .contains("of table current is not as it was written")
        .contains("n" + victim + " has stopped: The state in ");
    assertThat(rig.dataDirectory(victim).resolve("state/DAMAGED"))
        .content()
        .startsWith("state-0\nthe row under key ");
    try (RawConnection client = rig.connectProxy(rig.awaitLeader())) {
      assertThat(client.call("SET", "after", "value")).isEqualTo(new Reply.SimpleString("OK"));
      assertThat(client.call("GET", "key:7"))
          .isEqualTo(Reply.BulkString.utf8("a-value-that-rots:7:"));
    }

    rig.restart(victim);
    rig.requireEqualDigests();
    assertThat(rig.log(victim)).contains("a snapshot is asked of the leader: the row under key ");
    assertThat(rig.dataDirectory(victim).resolve("state/DAMAGED")).doesNotExist();
    try (RawConnection client = rig.connect(victim)) {
      client.call("READONLY");
      assertThat(client.call("GET", "key:7"))
          .isEqualTo(Reply.BulkString.utf8("a-value-that-rots:7:"));
    }
  }
}
