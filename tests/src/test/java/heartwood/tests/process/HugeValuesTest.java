package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The past of what is large: values, names, and the number of versions. {@code
 * -Dhuge.versions=100000} for more of these, {@code -Dseed=…} for the same questions.
 */
class HugeValuesTest {
  private static final int VERSIONS = Integer.getInteger("huge.versions", 20_000);
  private static final long SEED = Long.getLong("seed", System.nanoTime());
  private static final String REPLAY =
      "replay: -Dtest=HugeValuesTest -Dseed=" + SEED + " -Dhuge.versions=" + VERSIONS;
  private static final int HUGE_BYTES = 10 << 20;
  private static final int NAME_BYTES = 10 << 10;
  private static final int HUGE_VERSIONS = 5;
  private static final int QUESTIONS = 300;
  private static final int READS = 1500;

  /** Far more than it should be: the machine has other things to do. */
  private static final double MAX_RATIO = 5;

  private static final Duration QUICK = Duration.ofSeconds(1);

  @RegisterExtension
  final RunningCluster cluster =
      new RunningCluster(3, "--overlay-max-bytes", "24mb", "--election-timeout-ms", "2000");

  private final Random random = new Random(SEED);

  private RawConnection connectLeader() throws IOException {
    return cluster.rig().connect(cluster.rig().awaitLeader());
  }

  @Test
  void hugeValuesAreReadAsTheyWere() throws IOException {
    TreeMap<Long, String> written = new TreeMap<>();
    try (RawConnection connection = connectLeader()) {
      for (int i = 0; i < HUGE_VERSIONS; i++) {
        String value = ("" + (char) ('a' + i)).repeat(HUGE_BYTES - i);
        requireOk(connection.call("SET", "huge", value));
        written.put(Replied.lastRevision(connection), value);
      }
      connection.call("DEL", "huge");
      long deleted = Replied.lastRevision(connection);

      for (long revision : written.keySet()) {
        String value = written.get(revision);
        assertThat(Replied.text(connection.call("AT", "@" + revision, "GET", "huge")))
            .hasSize(value.length())
            .isEqualTo(value);
        assertThat(connection.call("AT", "@" + revision, "STRLEN", "huge"))
            .isEqualTo(new Reply.IntegerReply(value.length()));
        assertThat(
                Replied.text(connection.call("AT", "@" + revision, "GETRANGE", "huge", "-3", "-1")))
            .isEqualTo(value.substring(0, 3));
      }
      assertThat(connection.call("AT", "@" + deleted, "GET", "huge")).isEqualTo(Reply.Null.BULK);
      List<Reply> events =
          Replied.elements(connection.call("HISTORY", "huge", "NOVALUES", "COUNT", "10"));
      assertThat(events).as(REPLAY).hasSize(HUGE_VERSIONS + 1);
      assertThat(Replied.elements(connection.call("HISTORY", "huge", "COUNT", "3"))).hasSize(3);
      long first = written.firstKey();
      connection.call("REWIND", "huge", "TO", "@" + first);
      assertThat(Replied.text(connection.call("GET", "huge"))).isEqualTo(written.get(first));
    }
    cluster.rig().requireEqualDigests();
  }

  @Test
  void hugeNamesHaveAPast() throws IOException {
    String key = "{k}" + "k".repeat(NAME_BYTES);
    String other = key + "2"; // Differs where no index of a fixed length looks.
    String field = "f".repeat(NAME_BYTES);
    String otherField = field + "2";
    try (RawConnection connection = connectLeader()) {
      connection.call("HSET", key, field, "1", otherField, "2");
      connection.call("HSET", other, field, "3");
      long before = Replied.lastRevision(connection);
      connection.call("HSET", key, field, "4");
      connection.call("HDEL", key, otherField);
      connection.call("DEL", other);
      long after = Replied.lastRevision(connection);

      assertThat(Replied.text(connection.call("AT", "@" + before, "HGET", key, otherField)))
          .isEqualTo("2");
      assertThat(Replied.text(connection.call("AT", "@" + before, "HGET", other, field)))
          .isEqualTo("3");
      assertThat(Replied.texts(connection.call("AT", "@" + before, "KEYS", "*")))
          .containsExactlyInAnyOrder(key, other);
      assertThat(values(connection.call("HISTORY", key, "FIELD", field))).containsExactly("4", "1");
      assertThat(Replied.elements(connection.call("HISTORY", key, "FIELD", otherField))).hasSize(2);
      assertThat(Replied.elements(connection.call("HISTORY", other))).hasSize(2);
      List<Reply> diff =
          Replied.elements(connection.call("TIMELINE", "DIFF", "@" + before, "@" + after));
      assertThat(
              Replied.elements(diff.get(1)).stream()
                  .map(each -> Replied.texts(each).subList(0, 2))
                  .toList())
          .as(REPLAY)
          .containsExactlyInAnyOrder(List.of(key, "changed"), List.of(other, "deleted"));

      assertThat(
              Replied.elements(connection.call("REWIND", key, other, "TO", "@" + before)).stream()
                  .map(each -> Replied.texts(each).get(1))
                  .toList())
          .containsExactly("restored", "restored");

      assertThat(Replied.text(connection.call("HGET", key, field))).isEqualTo("1");
      assertThat(Replied.text(connection.call("HGET", key, otherField))).isEqualTo("2");
      assertThat(Replied.text(connection.call("HGET", other, field))).isEqualTo("3");
    }
  }

  private static List<String> values(Reply history) {
    return Replied.elements(history).stream()
        .map(event -> Replied.text(Replied.elements(event).get(4)))
        .toList();
  }

  @Test
  void aKeyWithManyVersionsIsAsQuickAsOthers() throws IOException {
    try (RawConnection connection = connectLeader()) {
      requireOk(connection.call("SET", "cold", "" + VERSIONS));
      long first = Replied.lastRevision(connection) + 1;
      writeVersions(connection);
      long last = Replied.lastRevision(connection);

      long begin = System.nanoTime();
      for (int i = 0; i < QUESTIONS; i++) {
        long revision = first + (long) (random.nextDouble() * (last - first));
        requireWindowIsRight(connection, revision, last);
      }
      tell(QUESTIONS + " windows of HISTORY", begin);
      requireQuick(connection, "COUNT 10", List.of("COUNT", "10"), "" + VERSIONS);
      String middle = "@" + (first + last) / 2;
      requireQuick(connection, "TO", List.of("TO", middle, "COUNT", "5"), null);
      requireQuick(connection, "FROM", List.of("FROM", middle, "COUNT", "5"), "" + VERSIONS);
      begin = System.nanoTime();
      Reply oldest = connection.call("HISTORY", "hot", "REV", "COUNT", "5");
      tell("HISTORY REV, which looks at all", begin);
      if (VERSIONS <= 100_000) {
        assertThat(values(oldest)).as(REPLAY).containsExactly("1", "2", "3", "4", "5");
      }
      requireGetIsQuick(connection);
    }
    cluster.rig().requireEqualDigests();
  }

  private static void writeVersions(RawConnection connection) throws IOException {
    List<String[]> commands = new ArrayList<>();
    for (int i = 1; i <= VERSIONS; i++) {
      commands.add(new String[] {"SET", "hot", "" + i});
      if (commands.size() == 500 || i == VERSIONS) {
        Replied.pipelined(connection, commands);
        commands.clear();
      }
    }
  }

  /** Events around a revision: each is what AT says, and the one before differs by one. */
  private void requireWindowIsRight(RawConnection connection, long revision, long last)
      throws IOException {
    long to = Math.min(last, revision + random.nextInt(50));
    String from = "@" + revision;
    Reply history = connection.call("HISTORY", "hot", "FROM", from, "TO", "@" + to, "COUNT", "100");
    String what = "HISTORY hot FROM " + from + " TO @" + to + "\n" + REPLAY;
    long younger = -1;
    for (Reply event : Replied.elements(history)) {
      long at = Replied.number(Replied.elements(event).get(0));
      long value = Long.parseLong(Replied.text(Replied.elements(event).get(4)));
      assertThat(at).as(what).isBetween(revision, to);
      assertThat(Replied.text(connection.call("AT", "@" + at, "GET", "hot")))
          .as("@" + at + " " + what)
          .isEqualTo("" + value);
      Reply before = connection.call("AT", "@" + (at - 1), "GET", "hot");
      assertThat(before)
          .as("@" + (at - 1) + " " + what)
          .isEqualTo(value == 1 ? Reply.Null.BULK : Reply.BulkString.utf8("" + (value - 1)));
      assertThat(younger == -1 || younger == value + 1).as(what + history).isTrue();
      younger = value;
    }
  }

  private static void requireQuick(
      RawConnection connection, String what, List<String> options, @Nullable String youngest)
      throws IOException {
    List<String> words = new ArrayList<>(List.of("HISTORY", "hot"));
    words.addAll(options);
    long begin = System.nanoTime();
    List<String> values = values(connection.call(words.toArray(String[]::new)));
    long nanos = System.nanoTime() - begin;
    tell("HISTORY " + what, begin);
    assertThat(values).hasSize(Integer.parseInt(options.get(options.size() - 1)));
    if (youngest != null) {
      assertThat(values.get(0)).isEqualTo(youngest);
    }
    assertThat(Duration.ofNanos(nanos)).as(what).isLessThan(QUICK);
  }

  private static void requireGetIsQuick(RawConnection connection) throws IOException {
    medianNanos(connection, "cold"); // The first ones find nothing compiled.
    double hot = medianNanos(connection, "hot");
    double cold = medianNanos(connection, "cold");
    System.out.println(
        "GET of a key with "
            + VERSIONS
            + " versions: "
            + Math.round(hot / 1000)
            + " us, with one: "
            + Math.round(cold / 1000)
            + " us, ratio "
            + Math.round(100 * hot / cold) / 100.0);
    assertThat(hot / cold).as(REPLAY).isLessThan(MAX_RATIO);
  }

  private static double medianNanos(RawConnection connection, String key) throws IOException {
    long[] nanos = new long[READS];
    for (int i = 0; i < READS; i++) {
      long begin = System.nanoTime();
      assertThat(Replied.text(connection.call("GET", key))).isEqualTo("" + VERSIONS);
      nanos[i] = System.nanoTime() - begin;
    }
    Arrays.sort(nanos);
    return nanos[READS / 2];
  }

  private static void tell(String what, long begin) {
    System.out.println(what + ": " + (System.nanoTime() - begin) / 1_000_000 + " ms");
  }

  private static void requireOk(Reply reply) {
    assertThat(reply).isEqualTo(new Reply.SimpleString("OK"));
  }
}
