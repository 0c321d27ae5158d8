package heartwood.server.command;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.MapStore;
import heartwood.storage.Store;
import heartwood.storage.memory.MemoryTables;
import heartwood.storage.version.VersionedStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
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
  private static final long OVERLAY_BYTES = 1 << 20;
  private static final List<String> COMPARED =
      List.of(
          "TYPE KEY",
          "GET KEY",
          "HGETALL KEY",
          "HLEN KEY",
          "PTTL KEY",
          "HPTTL KEY FIELDS 6 f0 f1 f2 f3 f4 f5");

  private final ModelServer model = new ModelServer();
  private final TreeMap<Long, ModelServer.Picture> pictures = new TreeMap<>();
  private Store store = new MapStore();
  private DataServer ours = new DataServer(store);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void thePastIsWhatThePicturesShow(long seed) {
    run(seed, commands -> {});
  }

  /** The same where versions lie in layers: overlays, tables, and runs that are merged. */
  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15})
  void theVersionedStoreShowsTheSamePast(long seed) {
    VersionedStore versioned =
        VersionedStore.openStepped(
            new MemoryTables(), Keyspace.rowKinds(), OVERLAY_BYTES, () -> Long.MAX_VALUE);
    store = versioned;
    ours = new DataServer(store);
    run(
        seed,
        commands -> {
          switch (commands.random.nextInt(12)) {
            case 0 -> versioned.checkpoint();
            case 1 -> versioned.requestCheckpoint();
            case 2 -> versioned.maybeCheckpoint();
            case 3 -> versioned.maybeMerge();
            default -> {}
          }
        });
  }

  /** The step between two entries is the store's own. */
  private void run(long seed, Consumer<RandomCommands> betweenEntries) {
    RandomCommands commands = new RandomCommands(seed);
    model.stampMillis = ours.stampMillis;
    pictures.put(ours.revision, model.picture());
    store.raiseHorizon(ours.revision);
    for (int i = 0; i < COMMANDS; i++) {
      switch (commands.random.nextInt(60)) {
        case 0 -> raiseHorizon(commands);
        case 1 -> ours.sweepExpired(commands.random.nextInt(3));
        case 2 -> checkHistory(key(commands));
        case 3 -> checkFieldHistory(key(commands), "f" + commands.random.nextInt(6));
        case 4 -> checkDiff(moment(commands), moment(commands), 1 + commands.random.nextInt(9));
        case 5 -> rewind(key(commands), moment(commands));
        case 6 -> rewindAll(moment(commands), 1 + commands.random.nextInt(5));
        default -> {
          byte[][] command = next(commands);
          ours.call(command);
          model.call(command);
        }
      }
      pictures.putIfAbsent(ours.revision, model.picture());
      assertThat(ours.executor.internalErrors()).as("seed %d, command %d", seed, i).isZero();
      if (commands.random.nextInt(3) > 0) {
        endEntry(commands);
        betweenEntries.accept(commands);
      }
    }
  }

  /** Ends an entry; the next one may be of a later time. */
  private void endEntry(RandomCommands commands) {
    ours.endEntry();
    pictures.put(ours.revision, model.picture());
    if (commands.random.nextInt(60) == 0) {
      ours.reload();
    }
    ours.stampMillis += commands.random.nextInt(3);
    model.stampMillis = ours.stampMillis;
  }

  private void raiseHorizon(RandomCommands commands) {
    long kept = ours.revision - commands.random.nextInt(300);
    Long horizon = pictures.floorKey(kept);
    if (horizon != null) {
      store.raiseHorizon(horizon);
      pictures.headMap(horizon).clear();
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

  /** A time, how commands say it, and what was there. */
  private record Moment(long revision, ModelServer.Picture picture, String text)
      implements Comparable<Moment> {
    @Override
    public int compareTo(Moment other) {
      int order = Long.compare(revision, other.revision);
      return order != 0 ? order : Long.compare(picture.stampMillis, other.picture.stampMillis);
    }
  }

  /** A revision that has a picture, as all have but for the parts of a rewind; or any time. */
  private Moment moment(RandomCommands commands) {
    long firstMillis = pictures.firstEntry().getValue().stampMillis;
    if (commands.random.nextBoolean() || ours.stampMillis == firstMillis) {
      boolean isLast = commands.random.nextInt(4) == 0;
      long drawn =
          isLast ? ours.revision : commands.random.nextLong(pictures.firstKey(), ours.revision + 1);
      long revision = requireNonNull(pictures.floorKey(drawn));
      return new Moment(revision, picture(revision), "@" + revision);
    }
    long millis = commands.random.nextLong(firstMillis, ours.stampMillis);
    return pictures.descendingMap().entrySet().stream()
        .filter(each -> each.getValue().stampMillis <= millis)
        .findFirst()
        .map(each -> new Moment(each.getKey(), each.getValue().at(millis), "" + millis))
        .orElseThrow();
  }

  private ModelServer.Picture picture(long revision) {
    return requireNonNull(pictures.floorEntry(revision)).getValue();
  }

  /** Of an event that is older than all that is remembered: what is left of it. */
  private ModelServer.Picture pictureSince(long revision) {
    return picture(Math.max(revision, pictures.firstKey()));
  }

  /** Whether something older than all that is remembered is told exactly if it is there. */
  private void checkEarlier(Set<Long> events, boolean isThere) {
    assertThat(events.stream().anyMatch(each -> each <= pictures.firstKey())).isEqualTo(isThere);
  }

  /** What was there just before a revision. */
  private ModelServer.Picture before(long revision) {
    return picture(revision - 1).at(picture(revision).stampMillis);
  }

  /** Each event shows what the picture shows, and no change between pictures lacks its event. */
  private void checkHistory(String key) {
    Map<Long, String> events = events(key);

    events.forEach(
        (revision, text) -> {
          if (pictures.containsKey(revision) || revision < pictures.firstKey()) {
            assertThat(text)
                .as("@" + revision)
                .isEqualTo(pictureSince(revision).outline(ours.database, key));
          }
        });
    checkEarlier(events.keySet(), picture(pictures.firstKey()).has(ours.database, key));
    for (long revision : revisionsBehindAnother()) {
      String before = before(revision).texts(ours.database).get(key);
      String after = picture(revision).texts(ours.database).get(key);
      if (!Objects.equals(before, after)) {
        assertThat(events).as(before + " became " + after).containsKey(revision);
      }
    }
  }

  private List<Long> revisionsBehindAnother() {
    return pictures.keySet().stream().filter(each -> pictures.containsKey(each - 1)).toList();
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
      events.put(number(list(each).get(0)), list(each).get(4) + " " + list(each).get(5));
    }

    events.forEach(
        (revision, value) -> {
          if (pictures.containsKey(revision) || revision < pictures.firstKey()) {
            assertThat(value)
                .as("@" + revision)
                .isEqualTo(pictureSince(revision).field(ours.database, key, field));
          }
        });
    String earliest = picture(pictures.firstKey()).field(ours.database, key, field);
    checkEarlier(events.keySet(), !earliest.startsWith("nil"));
    for (long revision : revisionsBehindAnother()) {
      String before = before(revision).field(ours.database, key, field);
      String after = picture(revision).field(ours.database, key, field);
      if (!before.equals(after)) {
        assertThat(events).as(before + " became " + after).containsKey(revision);
      }
    }
  }

  /** Exactly the keys differ that were written to or lost something, and each is met once. */
  private void checkDiff(Moment one, Moment other, int count) {
    Moment first = one.compareTo(other) < 0 ? one : other;
    Moment second = one.compareTo(other) < 0 ? other : one;
    Map<String, String> found = new HashMap<>();
    String cursor = "0";
    do {
      List<?> page =
          list(
              call(
                  "TIMELINE",
                  "DIFF",
                  first.text,
                  second.text,
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

    Map<String, String> before = shown(first);
    Map<String, String> after = shown(second);
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

  /** The keys of a moment, named as replies show them. */
  private Map<String, String> shown(Moment moment) {
    Map<String, String> shown = new HashMap<>();
    moment
        .picture
        .texts(ours.database)
        .forEach((key, text) -> shown.put(TreeSink.quoted(bytes(key)), text));
    return shown;
  }

  private boolean wasWritten(String quotedKey, Moment first, Moment second) {
    for (String key : second.picture.texts(ours.database).keySet()) {
      if (TreeSink.quoted(bytes(key)).equals(quotedKey)) {
        return events(key).keySet().stream()
            .anyMatch(each -> each > first.revision && each <= second.revision);
      }
    }
    return false;
  }

  private void rewind(String key, Moment moment) {
    List<?> reply = list(call("REWIND", key, "TO", moment.text));

    String outcome = moment.picture.rewind(key);
    assertThat(list(reply.get(0)).get(1)).isEqualTo("\"" + outcome + "\"");
    assertSame();
  }

  private void rewindAll(Moment moment, int count) {
    String cursor = "0";
    do {
      List<?> part =
          list(
              call(
                  "REWIND",
                  "MATCH",
                  "*",
                  "TO",
                  moment.text,
                  "COUNT",
                  "" + count,
                  "CURSOR",
                  cursor));
      cursor = part.get(1).toString().replace("\"", "");
    } while (!cursor.equals("0"));

    List<String> keys = new ArrayList<>(moment.picture.texts(ours.database).keySet());
    keys.addAll(model.keys(ours.database).keySet());
    keys.forEach(moment.picture::rewind);
    assertSame();
  }

  private void assertSame() {
    for (String key : model.keys(ours.database).keySet()) {
      for (String command : COMPARED) {
        byte[][] words = words(command.replace("KEY", key).split(" ", -1));
        assertThat(Replies.normalized(words, ours.call(words)))
            .isEqualTo(Replies.normalized(words, model.call(words)));
      }
    }
    assertThat(call("DBSIZE")).isEqualTo(Integer.toString(model.keys(ours.database).size()));
  }

  private Object call(String... words) {
    Object reply = ours.call(words(words));
    assertThat(reply.toString()).as(String.join(" ", words)).doesNotStartWith("-");
    return reply;
  }

  private static byte[][] words(String... words) {
    return Arrays.stream(words).map(PastModelTest::bytes).toArray(byte[][]::new);
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
