package heartwood.server.command;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random commands, here and on a model that keeps a picture of each revision; now and then what
 * HISTORY, TIMELINE DIFF and REWIND say is compared with the pictures. {@code -Dcommands=…} makes
 * it longer.
 */
class PastModelTest {
  private static final int COMMANDS = Integer.getInteger("commands", 20_000) / 60;
  private static final String LONG_KEY = "long\0" + "k".repeat(500);

  private final DataServer ours = new DataServer();
  private final ModelServer model = new ModelServer();
  private final TreeMap<Long, ModelServer.Picture> pictures = new TreeMap<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void thePastIsWhatThePicturesShow(long seed) {
    RandomCommands commands = new RandomCommands(seed);
    pictures.put(0L, model.picture());
    for (int i = 0; i < COMMANDS; i++) {
      ours.stampMillis += commands.random.nextInt(3);
      model.stampMillis = ours.stampMillis;
      switch (commands.random.nextInt(60)) {
        case 0 -> ours.reload();
        case 1 -> ours.sweepExpired(commands.random.nextInt(3));
        case 2 -> checkHistory(key(commands));
        case 3 -> checkFieldHistory(key(commands), "f" + commands.random.nextInt(6));
        case 4 -> checkDiff(revision(commands), revision(commands), 1 + commands.random.nextInt(9));
        case 5 -> rewind(key(commands), revision(commands));
        case 6 -> rewindAll(revision(commands), 1 + commands.random.nextInt(5));
        default -> {
          byte[][] command = next(commands);
          ours.call(command);
          model.call(command);
        }
      }
      pictures.putIfAbsent(ours.revision, model.picture());
      assertThat(ours.executor.internalErrors()).as("seed %d, command %d", seed, i).isZero();
    }
  }

  private static byte[][] next(RandomCommands commands) {
    while (true) {
      byte[][] command = commands.random.nextInt(4) == 0 ? commands.timed() : commands.timeless();
      String name = new String(command[0], StandardCharsets.ISO_8859_1);
      if (ModelServer.knows(command)
          && !(name.startsWith("FLUSH") && commands.random.nextBoolean())) {
        return command;
      }
    }
  }

  private static String key(RandomCommands commands) {
    int number = commands.random.nextInt(9);
    return number == 8 ? LONG_KEY : "k" + number;
  }

  /** A revision that has a picture: all have, but for the parts of a rewind. */
  private long revision(RandomCommands commands) {
    long drawn = commands.random.nextInt((int) ours.revision + 1);
    return requireNonNull(pictures.floorKey(drawn));
  }

  private String text(long revision, String key) {
    String text = picture(revision).texts(ours.database).get(key);
    return text == null ? "none nil -1" : text;
  }

  private ModelServer.Picture picture(long revision) {
    return requireNonNull(pictures.floorEntry(revision)).getValue();
  }

  /** Each event shows what the picture shows, and no change between pictures lacks its event. */
  private void checkHistory(String key) {
    Map<Long, String> events = events(key);

    events.forEach(
        (revision, text) -> {
          if (pictures.containsKey(revision)) {
            assertThat(text).as("@" + revision).isEqualTo(text(revision, key));
          }
        });
    for (long revision : revisionsBehindAnother()) {
      String before = text(revision - 1, key);
      String after = text(revision, key);
      boolean hasExpired = after.startsWith("none") && expiryOf(before) <= millis(revision);
      if (!before.equals(after) && !hasExpired) {
        assertThat(events).as(before + " became " + after).containsKey(revision);
      }
    }
  }

  private List<Long> revisionsBehindAnother() {
    return pictures.keySet().stream().filter(each -> pictures.containsKey(each - 1)).toList();
  }

  private long millis(long revision) {
    return picture(revision).takenMillis;
  }

  private static long expiryOf(String text) {
    long expiry = Long.parseLong(text.substring(text.lastIndexOf(' ') + 1));
    return expiry < 0 ? Long.MAX_VALUE : expiry;
  }

  /** The type, value and expiry after each event of a key. */
  private Map<Long, String> events(String key) {
    Map<Long, String> events = new HashMap<>();
    for (Object each : list(call("HISTORY", key, "COUNT", "1000"))) {
      List<?> event = list(each);
      String type = event.get(3).toString().replace("\"", "");
      events.put(number(event.get(0)), type + " " + event.get(4) + " " + event.get(5));
    }
    return events;
  }

  private void checkFieldHistory(String key, String field) {
    Map<Long, String> events = new HashMap<>();
    for (Object each : list(call("HISTORY", key, "FIELD", field, "COUNT", "1000"))) {
      events.put(number(list(each).get(0)), list(each).get(4).toString());
    }

    events.forEach(
        (revision, value) -> {
          if (pictures.containsKey(revision)) {
            assertThat(value).as("@" + revision).isEqualTo(fieldText(revision, key, field));
          }
        });
    for (long revision : revisionsBehindAnother()) {
      String before = fieldText(revision - 1, key, field);
      String after = fieldText(revision, key, field);
      boolean hasExpired = expiryOf(text(revision - 1, key)) <= millis(revision);
      if (!before.equals(after) && !hasExpired) {
        assertThat(events).as(before + " became " + after).containsKey(revision);
      }
    }
  }

  private String fieldText(long revision, String key, String field) {
    return picture(revision).field(ours.database, key, field);
  }

  /** Exactly the keys differ that were written to, and each is met once. */
  private void checkDiff(long one, long other, int count) {
    long first = Math.min(one, other);
    long second = Math.max(one, other);
    Map<String, String> found = new HashMap<>();
    String cursor = "0";
    do {
      List<?> page =
          list(
              call(
                  "TIMELINE",
                  "DIFF",
                  "@" + first,
                  "@" + second,
                  "COUNT",
                  "" + count,
                  "CURSOR",
                  cursor));
      for (Object each : list(page.get(1))) {
        List<?> change = list(each);
        String key = change.get(0).toString();
        assertThat(found.put(key, change.get(1).toString().replace("\"", ""))).as(key).isNull();
      }
      cursor = page.get(0).toString().replace("\"", "");
    } while (!cursor.equals("0"));

    Map<String, String> before = shownAt(first);
    Map<String, String> after = shownAt(second);
    before.forEach(
        (key, text) -> {
          if (!after.containsKey(key)) {
            assertThat(found.remove(key)).as(key).isEqualTo("deleted");
          } else if (!text.equals(after.get(key))) {
            assertThat(found.remove(key)).as(key).isEqualTo("changed");
          } else if (found.remove(key) != null) {
            assertThat(wasWritten(key, first, second)).as(key).isTrue();
          }
        });
    after.forEach(
        (key, text) -> {
          if (!before.containsKey(key)) {
            assertThat(found.remove(key)).as(key).isEqualTo("created");
          }
        });
    assertThat(found).isEmpty();
  }

  /** The keys at a revision, judged by its own stamp, as replies show them. */
  private Map<String, String> shownAt(long revision) {
    Map<String, String> shown = new HashMap<>();
    picture(revision)
        .texts(ours.database)
        .forEach((key, text) -> shown.put(TreeSink.quoted(bytes(key)), text));
    return shown;
  }

  private boolean wasWritten(String quotedKey, long first, long second) {
    for (String key : picture(second).texts(ours.database).keySet()) {
      if (TreeSink.quoted(bytes(key)).equals(quotedKey)) {
        return events(key).keySet().stream().anyMatch(each -> each > first && each <= second);
      }
    }
    return false;
  }

  private void rewind(String key, long revision) {
    ModelServer.Picture picture = picture(revision);
    boolean isOver = picture.isOver(key);
    List<?> reply = list(call("REWIND", key, "TO", "@" + revision));

    picture.rewind(key);
    assertThat(list(reply.get(0)).get(1).equals("\"expired\"")).isEqualTo(isOver);
    assertSame();
  }

  private void rewindAll(long revision, int count) {
    ModelServer.Picture picture = picture(revision);
    String cursor = "0";
    do {
      List<?> part =
          list(
              call(
                  "REWIND",
                  "MATCH",
                  "*",
                  "TO",
                  "@" + revision,
                  "COUNT",
                  "" + count,
                  "CURSOR",
                  cursor));
      cursor = part.get(1).toString().replace("\"", "");
    } while (!cursor.equals("0"));

    List<String> keys = new ArrayList<>(picture.texts(ours.database).keySet());
    keys.addAll(model.keys(ours.database).keySet());
    keys.forEach(picture::rewind);
    assertSame();
  }

  private void assertSame() {
    for (String key : model.keys(ours.database).keySet()) {
      for (String command : List.of("TYPE", "GET", "HGETALL", "PTTL")) {
        byte[][] words = {bytes(command), bytes(key)};
        assertThat(Replies.normalized(words, ours.call(words)))
            .isEqualTo(Replies.normalized(words, model.call(words)));
      }
    }
    assertThat(call("DBSIZE")).isEqualTo(Integer.toString(model.keys(ours.database).size()));
  }

  private Object call(String... words) {
    byte[][] command = new byte[words.length][];
    for (int i = 0; i < words.length; i++) {
      command[i] = bytes(words[i]);
    }
    Object reply = ours.call(command);
    assertThat(reply.toString()).as(String.join(" ", words)).doesNotStartWith("-");
    return reply;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static List<?> list(Object reply) {
    return (List<?>) reply;
  }

  private static long number(Object reply) {
    return Long.parseLong(reply.toString());
  }
}
