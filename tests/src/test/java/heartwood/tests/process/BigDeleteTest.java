package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A huge hash goes at once, in whatever way, its elements later in slices, and nobody waits. {@code
 * -Dbig.fields=10000000} for a really huge one, {@code -Dbig.wait=100} for less patience in
 * milliseconds, {@code -Dseed=…} for the same fields asked again.
 */
class BigDeleteTest {
  private static final int FIELDS = Integer.getInteger("big.fields", 200_000);
  private static final long MAX_WAIT_MILLIS = Long.getLong("big.wait", 250);
  private static final long SEED = Long.getLong("seed", System.nanoTime());
  private static final String REPLAY =
      "-Dtest=BigDeleteTest -Dseed=" + SEED + " -Dbig.fields=" + FIELDS;
  private static final int FIELDS_A_COMMAND = 200;
  private static final int COMMANDS_AT_ONCE = 20;
  private static final int PROBES = 400;
  private static final Duration BOUND = Duration.ofSeconds(60 + FIELDS / 10_000);
  private static final String BIG = "big";
  private static final String SMALL = "{big}small"; // In one slot.

  @RegisterExtension
  final RunningCluster cluster =
      new RunningCluster(3, "--overlay-max-bytes", "16mb", "--election-timeout-ms", "2000");

  private final Random random = new Random(SEED);
  private final List<String> told = new ArrayList<>();
  private final List<String> tooLong = new ArrayList<>();

  /** What one waits on this machine anyway, while others write. */
  private long usualMillis;

  @Test
  void nobodyWaitsWhileAHugeHashGoes() throws IOException {
    ClusterRig rig = cluster.rig();
    int leader = rig.awaitLeader();
    try (RawConnection connection = rig.connect(leader);
        WaitProbe probe = WaitProbe.start(rig.connect(leader))) {
      goes(connection, probe, "DEL", List.of(List.of("DEL", BIG)));
      goes(connection, probe, "expiry", List.of(List.of("PEXPIRE", BIG, "1")));
      goes(
          connection,
          probe,
          "RENAME over it",
          List.of(List.of("SET", SMALL, "x"), List.of("RENAME", SMALL, BIG)));
      goes(connection, probe, "FLUSHALL", List.of(List.of("FLUSHALL")));
      long full = forget(connection, probe);
      requireSpaceIsUsedAgain(connection, probe, full);
      assertThat(tooLong).as("waits of over " + MAX_WAIT_MILLIS + " ms").isEmpty();
      rig.requireEqualDigests();
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\nreplay: " + REPLAY, e);
    } finally {
      System.out.println("seed " + SEED + ", " + FIELDS + " fields\n" + String.join("\n", told));
    }
  }

  private void goes(
      RawConnection connection, WaitProbe probe, String way, List<List<String>> commands)
      throws IOException {
    connection.call("DEL", BIG);
    load(connection);
    loaded("loading before " + way, probe);
    long revision = Replied.lastRevision(connection);
    for (List<String> command : commands) {
      Reply reply = connection.call(command.toArray(String[]::new));
      assertThat(RawConnection.errorOf(reply)).as(way).isNull();
    }
    Await.until(
        way + ": it is gone",
        BOUND,
        () -> !replyOf(connection, "TYPE", BIG).equals(new Reply.SimpleString("hash")));
    awaitProbes(probe);
    report(way, probe);
    for (int i = 0; i < 100; i++) {
      int field = random.nextInt(FIELDS);
      assertThat(Replied.text(connection.call("AT", "@" + revision, "HGET", BIG, "field:" + field)))
          .isEqualTo(valueOf(field));
    }
    assertThat(connection.call("AT", "@" + revision, "HLEN", BIG))
        .isEqualTo(new Reply.IntegerReply(FIELDS));
    report("AT before " + way, probe);
  }

  private void load(RawConnection connection) throws IOException {
    int sent = 0;
    int field = 0;
    while (field < FIELDS) {
      List<String> words = new ArrayList<>(2 + 2 * FIELDS_A_COMMAND);
      words.add("HSET");
      words.add(BIG);
      for (int i = 0; i < FIELDS_A_COMMAND && field < FIELDS; i++) {
        words.add("field:" + field);
        words.add(valueOf(field++));
      }
      connection.send(words.toArray(String[]::new));
      if (++sent == COMMANDS_AT_ONCE || field == FIELDS) {
        connection.flush();
        for (; sent > 0; sent--) {
          assertThat(connection.receive()).isInstanceOf(Reply.IntegerReply.class);
        }
      }
    }
  }

  private static String valueOf(int field) {
    return "value-of-field-" + field;
  }

  private static Reply replyOf(RawConnection connection, String... words) {
    try {
      return connection.call(words);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void awaitProbes(WaitProbe probe) {
    long wanted = probe.count() + PROBES;
    Await.until("probes", BOUND, () -> probe.count() >= wanted);
  }

  private void report(String what, WaitProbe probe) {
    long millis = probe.takeMaxMillis();
    tell(what, millis);
    if (millis > Math.max(MAX_WAIT_MILLIS, usualMillis)) {
      tooLong.add(what + ": " + millis + " ms");
    }
  }

  private void loaded(String what, WaitProbe probe) {
    long millis = probe.takeMaxMillis();
    tell(what, millis);
    usualMillis = Math.max(usualMillis, millis);
  }

  private void tell(String what, long millis) {
    told.add("  " + what + ": longest wait " + millis + " ms");
  }

  /** All that is gone is forgotten; returns how large the state's file has become. */
  private long forget(RawConnection connection, WaitProbe probe) throws IOException {
    ClusterRig rig = cluster.rig();
    int leader = rig.awaitLeader();
    long gone = Replied.lastRevision(connection);
    connection.call("TIMELINE", "SET", "history-retention", "500ms");
    long began = System.nanoTime();
    Await.until(
        "what is gone is forgotten",
        BOUND,
        () ->
            Long.parseLong(
                    rig.info(leader, "history").getOrDefault("history_horizon_revision", "0"))
                > gone);
    report("the horizon passes", probe);
    // 2048 rows an entry that is there for nothing else: then the log moves by writes alone.
    Await.until(
        "the elements are gone",
        BOUND,
        () -> {
          long entries = rig.appliedIndex(leader);
          long probes = probe.count();
          awaitProbes(probe);
          return rig.appliedIndex(leader) - entries <= (probe.count() - probes) / 2 + 20;
        });
    told.add("  forgotten after " + (System.nanoTime() - began) / 1_000_000 + " ms");
    report("slices", probe);
    return stateBytes(leader);
  }

  private long stateBytes(int node) {
    return Long.parseLong(cluster.rig().info(node, "history").get("state_bytes"));
  }

  private void requireSpaceIsUsedAgain(RawConnection connection, WaitProbe probe, long full)
      throws IOException {
    ClusterRig rig = cluster.rig();
    int leader = rig.awaitLeader();
    load(connection);
    loaded("loading again", probe);
    connection.call("DEL", BIG);
    awaitProbes(probe);
    report("DEL when nothing is remembered for long", probe);
    long now = stateBytes(leader);
    told.add("  state's file " + (full >> 20) + " MiB, loaded again " + (now >> 20) + " MiB");
    assertThat(now).as("bytes of the state's file").isLessThan(full + full / 4);
  }
}
