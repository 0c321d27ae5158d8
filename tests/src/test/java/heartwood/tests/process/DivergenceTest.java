package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import heartwood.storage.Applied;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import heartwood.storage.snapshot.StateDirectory;
import heartwood.storage.version.VersionedStore;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A node whose state is not what the log makes of it is found, and stays away (DESIGN §8). */
class DivergenceTest {
  private static final Duration BOUND = Duration.ofSeconds(30);

  @Test
  void aNodeWhoseStateDiffersEndsAndDoesNotComeBackWithIt() throws IOException {
    try (ClusterRig rig = ClusterRig.start(3)) {
      set(rig, "before");
      int victim = rig.follower();
      rig.terminate(victim);
      falsify(rig, victim);

      rig.restart(victim);
      Await.until(
          () -> "n" + victim + " ends\n" + rig.describe(),
          BOUND,
          () -> rig.unexpectedExit(victim) != null);
      assertThat(rig.log(victim))
          .contains("the state of n" + victim + " differs from that of a majority");
      set(rig, "after");

      rig.restart(victim);
      Await.until("n" + victim + " ends again", BOUND, () -> rig.unexpectedExit(victim) != null);
      assertThat(rig.log(victim)).contains("the state cannot be used");
    }
  }

  private static void set(ClusterRig rig, String key) throws IOException {
    try (RawConnection client = rig.connectProxy(rig.awaitLeader())) {
      assertThat(client.call("SET", key, "value")).isEqualTo(new Reply.SimpleString("OK"));
    }
  }

  /** As if one row had become another when it was applied. */
  private static void falsify(ClusterRig rig, int node) {
    try (StateDirectory directory =
            StateDirectory.open(rig.dataDirectory(node).resolve("state"), LmdbOptions.forState());
        LmdbTables tables = directory.openTables()) {
      Applied found = VersionedStore.appliedOf(tables);
      VersionedStore.initialize(
          tables,
          new Applied(
              found.index(),
              found.term(),
              found.revision(),
              found.stamp(),
              found.digest() ^ 1,
              found.configuration()));
    }
  }
}
