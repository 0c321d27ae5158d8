package heartwood.tests.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import heartwood.resp.Reply;
import heartwood.tests.process.Await;
import heartwood.tests.process.ClusterLayout;
import heartwood.tests.process.ClusterRig;
import heartwood.tests.process.RawConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Processes whose disks are full. Needs the right to mount small ones. */
@Timeout(180)
class FullDiskTest {
  private static final Duration BOUND = Duration.ofSeconds(30);

  @Test
  void aLoneNodeWithLittleRoomLivesAndTakesDataAgainWhenItHasSome() throws IOException {
    onSmallDisk(
        ClusterLayout.create(1, "--disk-min-free", "64mb"),
        (rig, disks, disk) -> {
          try (RawConnection client = rig.connect(1)) {
            rig.awaitServing(client);
            client.call("SET", "kept", "1");
            client.call("SET", "deleted", "1");

            disks.fill(disk);
            Await.until("data is refused", BOUND, () -> isRefused(client));
            assertThat(client.call("GET", "kept")).isEqualTo(Reply.BulkString.utf8("1"));
            assertThat(client.call("DEL", "deleted")).isEqualTo(new Reply.IntegerReply(1));
            disks.free(disk);
            Await.until("data is taken", BOUND, () -> !isRefused(client));

            rig.requireHealthy();
          }
        });
  }

  @Test
  void aLeaderWithLittleRoomHandsOverToOneWithMore() throws IOException {
    onSmallDisk(
        ClusterLayout.create(3, "--disk-min-free", "64mb"),
        (rig, disks, disk) -> {
          try (RawConnection client = rig.connectProxy(1)) {
            lead(rig, 1);

            disks.fill(disk);
            Await.until("another leads", BOUND, () -> rig.leader() > 1);

            Await.until(
                "data is taken", BOUND, () -> told(client, "SET", "probe", "1").equals("OK"));
            disks.free(disk);
            rig.requireEqualDigests();
            rig.requireHealthy();
          }
        });
  }

  @Test
  void aNodeWhoseDiskIsFullSaysSoStopsAndHasLostNothingWhenItHasRoomAgain() throws IOException {
    onSmallDisk(
        ClusterLayout.create(3, "--disk-min-free", "0"),
        (rig, disks, disk) -> {
          try (RawConnection client = rig.connectProxy(2)) {
            lead(rig, 1);
            disks.fill(disk);

            int[] written = new int[1];
            writeUntilItStops(rig, client, written);

            assertThat(rig.unexpectedExit(1)).isEqualTo(1);
            assertThat(rig.errors(1))
                .last()
                .asString()
                .contains("has stopped: No space left on device: " + disk + " has ");
            rig.restart(1); // In vain: nothing is freed.
            writeUntilItStops(rig, client, written);
            assertThat(rig.unexpectedExit(1)).isEqualTo(1);
            assertThat(rig.describe().split("No space left on device: " + disk, -1))
                .hasSizeGreaterThan(2);
            disks.free(disk);
            rig.restart(1);
            rig.awaitAllAnswering();
            rig.requireEqualDigests();
            for (int i = 0; i < written[0]; i++) {
              assertThat(client.call("EXISTS", "key:" + i)).isEqualTo(new Reply.IntegerReply(1));
            }
          }
        });
  }

  private interface Case {
    void run(ClusterRig rig, SmallDisks disks, Path disk) throws IOException;
  }

  /** Node 1 has the small disk. */
  private static void onSmallDisk(ClusterLayout layout, Case body) throws IOException {
    Path disk = layout.dataDirectory(layout.members().get(0));
    try (SmallDisks disks = mounted(disk)) {
      ClusterRig rig = ClusterRig.start(layout);
      try {
        body.run(rig, disks, disk);
      } catch (AssertionError e) {
        System.err.println(rig.describe());
        throw e;
      } finally {
        rig.killAll();
        disks.unmountAll();
        rig.close();
      }
    }
  }

  private static SmallDisks mounted(Path disk) {
    SmallDisks disks = new SmallDisks();
    boolean isMounted = false;
    try {
      disks.mount(disk);
      isMounted = true;
    } catch (IOException e) {
      disks.close();
    }
    assumeThat(isMounted).as("small disks can be mounted here").isTrue();
    return disks;
  }

  private static void writeUntilItStops(ClusterRig rig, RawConnection client, int[] written) {
    String value = "v".repeat(100_000);
    Await.until(
        "the node stops",
        BOUND,
        () -> {
          boolean isTaken = told(client, "SET", "key:" + written[0], value).equals("OK");
          written[0] += isTaken ? 1 : 0;
          return rig.unexpectedExit(1) != null;
        });
  }

  private static void lead(ClusterRig rig, int node) {
    Await.until(
        "node " + node + " leads",
        BOUND,
        () -> {
          int leader = rig.awaitLeader();
          if (leader == node) {
            return true;
          }
          try (RawConnection connection = rig.connect(leader)) {
            connection.call("RAFT", "TRANSFER", "n" + node);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return false;
        });
  }

  private static boolean isRefused(RawConnection client) {
    return told(client, "SET", "probe", "1").startsWith("MISCONF");
  }

  /** What a client hears, in words. */
  private static String told(RawConnection client, String... words) {
    try {
      Reply reply = client.call(words);
      @Nullable String error = RawConnection.errorOf(reply);
      return error != null ? error : reply.equals(new Reply.SimpleString("OK")) ? "OK" : "" + reply;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
