package heartwood.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.MapStore;
import heartwood.storage.Cursor;
import heartwood.storage.Store;
import heartwood.storage.memory.MemoryTables;
import heartwood.storage.version.VersionedStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random commands, purges and settings of what is remembered on two nodes: one removes nothing but
 * what is excluded, and that at once; the other all that it may, as soon as it may. Whatever they
 * are asked, they answer alike; what they tell of a key is what it was; and of what was purged they
 * tell nothing. {@code -Dcommands=…} makes it longer.
 */
class PurgeModelTest {
  private static final int COMMANDS = Integer.getInteger("commands", 20_000) / 40;
  private static final String LONG = "l".repeat(1500);
  private static final List<String> PATTERNS = List.of("", "k1 k4", "k[0-2]", "k4", "*");
  private static final List<String> VERSIONS = List.of("0", "1", "16");

  private final Store keeping = new MapStore();
  private final VersionedStore removing =
      VersionedStore.openStepped(
          new MemoryTables(), Keyspace.rowKinds(), 1 << 20, () -> Long.MAX_VALUE);
  private final List<DataServer> nodes = List.of(new DataServer(keeping), new DataServer(removing));
  private final DataServer any = nodes.get(0);

  /** What was in database 0 after each revision: key → what the commands below tell of it. */
  private final TreeMap<Long, Map<String, String>> pictures = new TreeMap<>();

  /** The first revisions that are left of purged keys of database 0. */
  private final Map<String, Long> floors = new HashMap<>();

  private SplittableRandom random = new SplittableRandom();
  private boolean isLimited;
  private long horizon;
  private long told;
  private long refused;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 8, 10})
  void nodesAnswerAlikeWhateverTheyHaveRemoved(long seed) {
    isLimited = seed % 2 == 0;
    random = new SplittableRandom(seed);
    horizon = any.revision;
    keeping.raiseHorizon(horizon);
    removing.raiseHorizon(horizon);
    for (int i = 0; i < COMMANDS; i++) {
      write();
      pictures.put(any.revision, picture());
      check();
      if (random.nextInt(3) == 0) {
        endEntry();
      }
    }
    assertThat(told).isGreaterThan(COMMANDS / (isLimited ? 60 : 12));
    assertThat(refused).isGreaterThan(COMMANDS / 20);
    nodes.forEach(node -> assertThat(node.executor.internalErrors()).isZero());
  }

  private void write() {
    String key = key();
    String value = "v" + random.nextInt(1000);
    switch (random.nextInt(26)) {
      case 24 -> set("history-exclude-pattern", PATTERNS.get(random.nextInt(PATTERNS.size())));
      case 25 -> set("history-max-versions-per-key", VERSIONS.get(random.nextInt(3)));
      case 0, 1, 2 -> ask("SET " + key + " " + value);
      case 3 -> ask("SET " + key + " " + value + LONG);
      case 4 -> ask("APPEND " + key + " " + value);
      case 5 -> ask("SETRANGE " + key + " 1200 " + value);
      case 6, 7, 8, 9 -> ask("HSET " + key + " f" + random.nextInt(4) + " " + value);
      case 10 -> ask("HDEL " + key + " f" + random.nextInt(4));
      case 11, 12 -> ask("DEL " + key);
      case 13 -> ask("RENAME " + key + " " + key());
      case 14 -> ask("COPY " + key + " " + key() + " REPLACE");
      case 15 -> ask(random.nextInt(5) == 0 ? "SWAPDB 0 1" : "GET " + key);
      case 16 -> ask(random.nextInt(5) == 0 ? "FLUSHDB" : "GET " + key);
      case 17 -> ask("REWIND " + key + " TO @" + revision());
      case 18 -> ask("REWIND MATCH k* TO @" + revision() + " COUNT 3");
      case 19 -> ask("REWIND " + key + " TO ~" + (1 + random.nextInt(3)));
      case 20 -> purge(key, any.revision + 1, "");
      case 21 -> {
        long before = revision();
        purge(key, before, " BEFORE @" + before);
      }
      case 22 -> {
        int database = random.nextInt(2); // A little of the other database too.
        nodes.forEach(node -> node.database = database);
        ask("SET " + key + " " + value);
        nodes.forEach(node -> node.database = 0);
      }
      default -> ask("PEXPIRE " + key + " " + random.nextInt(20));
    }
  }

  /** Now and then, on every second seed. */
  private void set(String name, String value) {
    if (isLimited && random.nextInt(3) == 0) {
      ask("TIMELINE SET " + name + " \"" + value + "\"");
    }
  }

  private void purge(String key, long floor, String before) {
    String reply = ask("TIMELINE PURGE " + key + before);
    assertThat(reply).startsWith("[");
    floors.merge(key, floor, Math::max);
  }

  private void check() {
    String key = key();
    long revision = revision();
    switch (random.nextInt(8)) {
      case 0 -> ask("HISTORY " + key);
      case 1 -> ask("HISTORY " + key + " FIELD f" + random.nextInt(4) + " FROM @" + revision);
      case 2 -> ask("HISTORY " + key + " REV NOVALUES FROM @" + revision);
      case 3 -> ask("TIMELINE DIFF @" + revision + " now COUNT " + (1 + random.nextInt(4)));
      case 4 -> ask("TIMELINE DIFF @" + Math.min(revision, 1 + revision()) + " @" + any.revision);
      case 5 -> checkWalks(revision);
      default -> checkKey(key, revision);
    }
  }

  private void checkWalks(long revision) {
    String keys = askAt(revision, "KEYS *");
    String size = askAt(revision, "DBSIZE");
    askAt(revision, "SCAN 0 COUNT 2");
    floors.forEach(
        (key, floor) -> {
          if (revision < floor) {
            assertThat(keys).doesNotContain("\"" + key + "\"");
          }
        });
    int count = keys.equals("[]") ? 0 : keys.split(",", -1).length;
    assertThat(Integer.parseInt(size)).as("DBSIZE at @" + revision).isGreaterThanOrEqualTo(count);
    if (!isLimited && floors.values().stream().anyMatch(floor -> revision < floor)) {
      assertThat(size).isEqualTo("" + count);
    }
  }

  private void checkKey(String key, long revision) {
    String reply = tell(key, command -> askAt(revision, command));
    boolean isRefused = reply.startsWith("-PURGED") || reply.startsWith("-COMPACTED");
    if (revision < floors.getOrDefault(key, 0L)) {
      assertThat(isRefused).as("%s at @%s", key, revision).isTrue();
    }
    if (isRefused) {
      refused++;
    } else if (pictures.containsKey(revision)) {
      assertThat(reply).isEqualTo(pictures.get(revision).get(key));
      told++;
    }
  }

  private Map<String, String> picture() {
    Map<String, String> picture = new HashMap<>();
    for (int i = 0; i < 6; i++) {
      String key = "k" + i;
      picture.put(key, tell(key, command -> any.call(CommandLine.parse(command)).toString()));
    }
    return picture;
  }

  private interface Asked {
    String ask(String command);
  }

  private static String tell(String key, Asked asked) {
    String type = asked.ask("TYPE " + key);
    return switch (type) {
      case "string" -> asked.ask("GET " + key);
      case "hash" -> asked.ask("HGETALL " + key);
      default -> type;
    };
  }

  /** All rows: floors, queues and counters too. */
  private void requireSameState() {
    try (Cursor left = keeping.read().scan(new byte[] {1}, new byte[] {0x7f});
        Cursor right = removing.read().scan(new byte[] {1}, new byte[] {0x7f})) {
      while (left.next()) {
        assertThat(right.next()).isTrue();
        assertThat(right.key()).isEqualTo(left.key());
        assertThat(right.value()).isEqualTo(left.value());
      }
      assertThat(right.next()).isFalse();
    }
  }

  private void endEntry() {
    nodes.forEach(DataServer::endEntry);
    requireSameState();
    pictures.put(any.revision, picture());
    nodes.forEach(node -> node.stampMillis += 3);
    switch (random.nextInt(4)) {
      case 0 -> removing.checkpoint();
      case 1 -> {
        while (removing.maybeCheckpoint() || removing.maybeMerge()) {}
        removing.refresh();
      }
      case 2 -> removing.maybeMerge();
      default -> removing.maybeCheckpoint();
    }
    if (random.nextInt(40) == 0) {
      horizon = Math.max(horizon, any.revision - random.nextInt(200));
      keeping.raiseHorizon(horizon);
      removing.raiseHorizon(horizon);
      pictures.headMap(horizon).clear();
    }
    if (random.nextInt(20) == 0) {
      nodes.forEach(DataServer::reload);
    }
  }

  private long revision() {
    return horizon + random.nextLong(any.revision - horizon + 1);
  }

  private String key() {
    return "k" + random.nextInt(6);
  }

  private String ask(String command) {
    return alike(command, node -> node.call(CommandLine.parse(command)).toString());
  }

  private String askAt(long revision, String command) {
    return alike(
        command + " at @" + revision,
        node -> node.callAt(revision, CommandLine.parse(command)).toString());
  }

  private interface Answered {
    String by(DataServer node);
  }

  private String alike(String question, Answered answered) {
    String reply = answered.by(nodes.get(0));
    assertThat(answered.by(nodes.get(1))).as(question).isEqualTo(reply);
    return reply;
  }
}
