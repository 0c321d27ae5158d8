package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A read of very many rows takes its time, and nobody else's. {@code -Dlong.rows=1000000}. */
class LongReadTest {
  private static final int ROWS = Integer.getInteger("long.rows", 200_000);
  private static final int ROWS_A_COMMAND = 200;
  private static final int COMMANDS_AT_ONCE = 50;

  /**
   * So many commands of another are answered meanwhile at least, one by one; on the apply thread
   * those that had come before, one or two.
   */
  private static final int SERVED = 10;

  private static final Duration BOUND = Duration.ofSeconds(60);

  @RegisterExtension
  final RunningCluster cluster = new RunningCluster(3, "--election-timeout-ms", "2000");

  private static void fill(RawConnection connection) throws IOException {
    List<String[]> commands = new ArrayList<>();
    for (int row = 0; row < ROWS; row += ROWS_A_COMMAND) {
      List<String> hset = new ArrayList<>(List.of("HSET", "{k}hash"));
      List<String> mset = new ArrayList<>(List.of("MSET"));
      for (int i = row; i < row + ROWS_A_COMMAND; i++) {
        hset.addAll(List.of("field:" + i, "value:" + i));
        mset.addAll(List.of("{k}key:" + i, "value:" + i));
      }
      commands.add(hset.toArray(String[]::new));
      commands.add(mset.toArray(String[]::new));
      if (commands.size() >= COMMANDS_AT_ONCE) {
        Replied.pipelined(connection, commands);
        commands.clear();
      }
    }
    Replied.pipelined(connection, commands);
  }

  @Test
  void othersAreServedWhileVeryManyRowsAreRead() throws IOException {
    ClusterRig rig = cluster.rig();
    int leader = rig.awaitLeader();
    List<String> told = new ArrayList<>();
    try (RawConnection connection = rig.connect(leader);
        WaitProbe probe = WaitProbe.start(rig.connect(leader))) {
      fill(connection);
      long revision = Replied.lastRevision(connection);
      connection.call("HSET", "{k}hash", "field:0", "changed");
      long beforeReads = longReads(leader);
      // Nothing matches: what is measured is the reading, not a reply on its way.
      List<String[]> reads =
          List.of(
              new String[] {"KEYS", "nothing"},
              new String[] {"SCAN", "0", "COUNT", "10000000", "MATCH", "nothing"},
              new String[] {"HSCAN", "{k}hash", "0", "COUNT", "10000000", "MATCH", "nothing"},
              new String[] {"AT", "@" + revision, "KEYS", "nothing"});
      for (String[] read : reads) {
        long before = probe.count();
        probe.takeMaxMillis();
        long began = System.nanoTime();
        Reply reply = connection.call(read);
        long millis = (System.nanoTime() - began) / 1_000_000;
        long served = probe.count() - before;
        String line = String.join(" ", read) + ": " + millis + " ms, others served " + served;
        told.add(line + ", longest wait " + probe.takeMaxMillis() + " ms");
        assertThat(RawConnection.errorOf(reply)).as(line).isNull();
        assertThat(served).as(line).isGreaterThanOrEqualTo(SERVED);
      }
      assertThat(longReads(leader) - beforeReads).isEqualTo(reads.size());
      assertThat(rig.info(leader, "commandstats").get("cmdstat_keys")).startsWith("calls=2,");
      requireOrder(connection);
    } finally {
      System.out.println("  " + String.join("\n  ", told));
    }
    rig.requireEqualDigests();
  }

  private long longReads(int node) {
    return Long.parseLong(cluster.rig().info(node, "stats").get("total_long_reads"));
  }

  /** A pipeline is answered in its order, each command with what was at its place. */
  private static void requireOrder(RawConnection connection) throws IOException {
    List<Reply> replies =
        Replied.pipelined(
            connection,
            List.of(
                new String[] {"HSET", "{k}hash", "field:1", "first"},
                new String[] {"HGETALL", "{k}hash"},
                new String[] {"HSET", "{k}hash", "field:1", "second"},
                new String[] {"HGET", "{k}hash", "field:1"},
                new String[] {"HVALS", "{k}hash"},
                new String[] {"PING"},
                new String[] {"DEL", "{k}hash"},
                new String[] {"HLEN", "{k}hash"}));
    assertThat(Replied.texts(replies.get(1))).hasSize(2 * ROWS).contains("first");
    assertThat(Replied.text(replies.get(3))).isEqualTo("second");
    assertThat(Replied.texts(replies.get(4))).hasSize(ROWS).contains("second");
    assertThat(replies.get(5)).isEqualTo(new Reply.SimpleString("PONG"));
    assertThat(Replied.number(replies.get(6))).isEqualTo(1);
    assertThat(Replied.number(replies.get(7))).isZero();
  }

  /** A store that is closed under its reader would take the process with it. */
  @Test
  void aNodeStopsWhileVeryManyRowsAreRead() throws IOException {
    ClusterRig rig = cluster.rig();
    int leader = rig.awaitLeader();
    long term = rig.term(leader);
    List<RawConnection> readers = new ArrayList<>();
    try (RawConnection connection = rig.connect(leader)) {
      fill(connection);
      for (int i = 0; i < 20; i++) {
        RawConnection reader = rig.connect(leader);
        readers.add(reader);
        for (int j = 0; j < 20; j++) { // A minute's work, for a test that waits for it to notice.
          reader.send("HSCAN", "{k}hash", "0", "COUNT", "10000000", "MATCH", "nothing");
        }
        reader.flush();
      }
      Await.until(
          "some run and some wait",
          BOUND,
          () -> !rig.info(leader, "stats").get("long_reads_waiting").equals("0"));

      rig.terminate(leader);
      rig.awaitLeaderAfter(term);
      rig.restart(leader);
      rig.awaitAllAnswering();
    } finally {
      readers.forEach(RawConnection::close);
    }
    rig.requireEqualDigests();
  }
}
