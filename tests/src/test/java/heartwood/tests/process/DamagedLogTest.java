package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import heartwood.storage.lmdb.LmdbLogStore;
import heartwood.storage.lmdb.LmdbOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Entries of a log that rot on a disk, in files and processes. */
@Timeout(120)
class DamagedLogTest {
  private static final int NODES = 3;
  private static final int KEYS = 50;

  @RegisterExtension final RunningCluster cluster = new RunningCluster(NODES);

  @Test
  void aNodeWhoseLogIsDamagedFetchesTheEntriesAndComesToTheSameState() throws IOException {
    ClusterRig rig = cluster.rig();
    int victim = rig.follower();
    try (RawConnection client = rig.connectProxy(victim)) {
      for (int i = 0; i < KEYS; i++) {
        assertThat(client.call("SET", "key:" + i, "a-value-that-rots:" + i + ":"))
            .isEqualTo(new Reply.SimpleString("OK"));
      }
    }
    rig.requireEqualDigests();
    rig.kill(victim);
    Path log = rig.dataDirectory(victim).resolve("log");
    LmdbLogStore.open(log, LmdbOptions.forLog()).close(); // From the journal into LMDB.
    long lastIndex = lastIndex(log);
    damage(log.resolve("data.mdb"), "a-value-that-rots:7:");
    damage(log.resolve("data.mdb"), "a-value-that-rots:31:");

    rig.restart(victim);
    rig.awaitAllAnswering();
    rig.requireEqualDigests();

    assertThat(rig.info(victim, "raft")).containsEntry("raft_log_damaged_entries", "0");
    assertThat(rig.lastLogIndex(victim)).isGreaterThanOrEqualTo(lastIndex);
    rig.kill(victim);
    try (LmdbLogStore mended = LmdbLogStore.open(log, LmdbOptions.forLog())) {
      mended.verify();
    }
    rig.restart(victim);
    rig.awaitAllAnswering();
  }

  private static long lastIndex(Path log) {
    try (LmdbLogStore opened = LmdbLogStore.open(log, LmdbOptions.forLog())) {
      opened.verify();
      return opened.lastIndex();
    }
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
}
