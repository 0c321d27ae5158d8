package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import heartwood.storage.Directories;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nodes that find no state they can use, and come back with that of the others. */
@Timeout(180)
class LostStateTest {
  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final int KEYS = 200;

  @Test
  void aNodeWhoseStateIsGoneOrUnreadableGetsAnotherOfItsLeader() throws IOException {
    try (ClusterRig rig = ClusterRig.start(3)) {
      int removed = rig.follower();
      write(rig, "first");
      rig.kill(removed);
      Directories.delete(stateOf(rig, removed));
      write(rig, "second");
      rig.restart(removed);
      rig.requireEqualDigests();
      requireServed(rig, removed, "second");

      int emptied = rig.follower();
      rig.kill(emptied);
      Files.write(dataOf(rig, emptied), new byte[0]);
      rig.restart(emptied);
      rig.requireEqualDigests();
      requireServed(rig, emptied, "second");

      int broken = rig.awaitLeader();
      rig.terminate(broken);
      scribble(dataOf(rig, broken));
      rig.awaitLeader();
      write(rig, "third");
      rig.restart(broken);
      rig.requireEqualDigests();
      requireServed(rig, broken, "third");
      assertThat(stateOf(rig, broken)).isDirectoryNotContaining("glob:**damaged-*");
    }
  }

  /**
   * Nobody has anything to give: it says so, serves nothing, and goes on once there is a leader.
   */
  @Test
  void aNodeWithoutAStateSaysWhatItWaitsFor() throws IOException {
    try (ClusterRig rig = ClusterRig.start(3)) {
      write(rig, "first");
      int lost = rig.follower();
      for (int node = 1; node <= 3; node++) {
        rig.kill(node);
      }
      Directories.delete(stateOf(rig, lost));

      rig.restart(lost);
      Await.until("it answers", BOUND, () -> !rig.info(lost, "raft").isEmpty());
      assertThat(rig.info(lost, "raft")).containsEntry("raft_state_lost", "1");
      try (RawConnection client = rig.connect(lost)) {
        client.call("READONLY");
        assertThat(RawConnection.errorOf(client.call("GET", "key:1"))).startsWith("LOADING ");
        assertThat(client.call("RAFT", "EXPLAIN").toString())
            .contains("n" + lost + " has its log but no state, and waits for a leader");
      }
      rig.kill(lost); // A lost state is lost at the next start too.
      rig.restart(lost);

      for (int node = 1; node <= 3; node++) {
        if (node != lost) {
          rig.restart(node);
        }
      }
      rig.requireEqualDigests();
      requireServed(rig, lost, "first");
      assertThat(rig.info(lost, "raft")).containsEntry("raft_state_lost", "0");
    }
  }

  private static Path stateOf(ClusterRig rig, int node) {
    return rig.dataDirectory(node).resolve("state");
  }

  private static Path dataOf(ClusterRig rig, int node) throws IOException {
    Path state = stateOf(rig, node);
    return state.resolve(Files.readString(state.resolve("CURRENT")).strip()).resolve("data.mdb");
  }

  private static void write(ClusterRig rig, String value) throws IOException {
    try (RawConnection client = rig.connectProxy(rig.awaitLeader())) {
      for (int i = 0; i < KEYS; i++) {
        assertThat(client.call("SET", "key:" + i, value)).isEqualTo(new Reply.SimpleString("OK"));
      }
    }
  }

  private static void requireServed(ClusterRig rig, int node, String value) throws IOException {
    try (RawConnection client = rig.connect(node)) {
      client.call("READONLY");
      for (int i = 0; i < KEYS; i++) {
        assertThat(client.call("GET", "key:" + i)).isEqualTo(Reply.BulkString.utf8(value));
      }
    }
  }

  /** As a disk does that has lost its first pages. */
  private static void scribble(Path file) throws IOException {
    try (RandomAccessFile data = new RandomAccessFile(file.toFile(), "rw")) {
      data.write(new byte[2 * 4096]);
    }
  }
}
