package heartwood.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.server.keyspace.HistorySettings;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code history-exclude-pattern} and {@code history-max-versions-per-key}. */
class HistoryLimitsTest extends SteppedServer {
  private static final String LONG = "long-".repeat(2000);

  @Test
  void whatAnExcludedKeyWasIsRefusedAndLeavesTheDisk() {
    long first = run("SET session:1 old", "HSET session:2 f old", "SET user:1 a");
    exclude("session:* cache:*");
    run("SET session:1 secret", "HSET session:2 f secret g secret", "SET cache:1 secret" + LONG);
    long between = server.revision;
    run("SET session:1 new", "HSET session:2 f new", "HDEL session:2 g", "SET cache:1 new");
    run("SET user:1 b");
    quiet();

    assertThat(isOnDisk("secret")).isFalse();
    assertThat(at(between, "GET session:1"))
        .startsWith("-COMPACTED what was before @" + server.revision + " (")
        .endsWith(") is not remembered of this key, see history-exclude-pattern");
    assertThat(at(between, "HGETALL session:2")).startsWith("-COMPACTED");
    assertThat(at(between, "MGET user:1 cache:1")).startsWith("-COMPACTED");
    assertThat(at(between, "GET user:1")).isEqualTo("\"a\"");
    assertThat(at(server.revision, "GET session:1")).isEqualTo("\"new\"");
    assertThat(call("GET session:1")).isEqualTo("\"new\"");
    assertThat(at(first + 2, "GET session:1")).as("before it was excluded").isEqualTo("\"old\"");
    assertThat(at(first + 2, "HGET session:2 f")).isEqualTo("\"old\"");
  }

  @Test
  void walksOfThePastLeaveExcludedKeysOut() {
    run("SET session:1 1", "SET other 1");
    long before = server.revision;
    exclude("session:*");
    run("SET session:1 2", "SET session:2 2", "SET other 2");
    long between = server.revision;
    run("SET other 3", "SET session:3 3 PX 1");
    run("SET other 4", "DEL session:2");
    long last = server.revision;

    assertThat(at(before, "KEYS *")).contains("session:1", "other");
    assertThat(at(before, "DBSIZE")).isEqualTo("2");
    assertThat(at(between, "KEYS *")).isEqualTo("[\"other\"]");
    assertThat(at(between, "SCAN 0")).contains("other").doesNotContain("session");
    assertThat(at(between, "DBSIZE")).isEqualTo("1");
    assertThat(at(between, "RANDOMKEY")).isEqualTo("\"other\"");
    assertThat(call("TIMELINE DIFF @" + between + " now")).doesNotContain("session");
    assertThat(call("TIMELINE DIFF @" + before + " @" + last)).contains("session:1", "other");
    assertThat(call("REWIND session:1 TO @" + between)).startsWith("-COMPACTED");
    assertThat(call("REWIND session:1 TO @" + before)).contains("restored");
  }

  @Test
  void historyOfAnExcludedKeyIsItsPresentValue() {
    run("SET session:1 1");
    exclude("session:*");
    long first = run("SET session:1 2");
    long last = run("SET session:1 3");
    quiet();

    assertThat(at(first, "GET session:1")).as("from the first").startsWith("-COMPACTED");
    assertThat(at(last - 1, "GET session:1")).as("to the last but one").startsWith("-COMPACTED");

    assertThat(call("HISTORY session:1"))
        .startsWith("[[" + last + ", ")
        .contains("\"earlier\"", "\"3\"")
        .doesNotContain("\"1\"", "\"2\"");
    assertThat(call("HISTORY session:1 FROM @" + (last - 1))).startsWith("-COMPACTED");
  }

  @Test
  void aPatternThatIsTakenAwayIsThoughtOfUntilTheHorizonHasPassed() {
    exclude("session:*");
    run("SET session:1 1", "SET session:1 2");
    long between = server.revision;
    run("SET session:1 3");
    exclude("");
    long after = server.revision;
    run("SET session:1 4");
    quiet();

    assertThat(at(between, "GET session:1")).startsWith("-COMPACTED what was before @" + after);
    assertThat(at(after, "GET session:1")).isEqualTo("\"3\"");
    assertThat(call("HISTORY session:1")).contains("\"3\"", "\"4\"").doesNotContain("\"2\"");
    server.reload();
    assertThat(at(between, "GET session:1")).startsWith("-COMPACTED");
    store.raiseHorizon(after + 1);
    exclude("cache:*");
    exclude("");
    assertThat(rowBytes(8)).as("forgets what is over").isEqualTo(1 + 26 + 7);
  }

  /** Its elements are another name's past. */
  @Test
  void aValueThatIsRenamedToAnExcludedNameKeepsItsPast() {
    exclude("session:*");
    run("HSET user:1 f 1 g 1");
    long first = server.revision;
    run("HSET user:1 f 2", "RENAME user:1 session:1");
    run("HSET session:1 f 3", "HSET session:1 f 4", "DEL session:1");
    quiet();

    assertThat(at(first, "HMGET user:1 f g")).isEqualTo("[\"1\", \"1\"]");
    assertThat(at(first + 1, "HGET user:1 f")).isEqualTo("\"2\"");
  }

  @Test
  void aValueThatIsRenamedFromAnExcludedNameIsRememberedFromThenOn() {
    exclude("session:*");
    run("HSET session:1 f secret", "HSET session:1 f 1", "RENAME session:1 user:1");
    long renamed = server.revision;
    run("HSET user:1 f 2", "DEL user:1");
    quiet();

    assertThat(isOnDisk("secret")).isFalse();
    assertThat(at(renamed, "HGET user:1 f")).isEqualTo("\"1\"");
    assertThat(at(renamed + 1, "HGET user:1 f")).isEqualTo("\"2\"");
  }

  /** Chunks of a long string, fields of a hash: they need not wait for the horizon. */
  @Test
  void valuesThatAreNotRememberedGoAtOnce() {
    exclude("session:*");
    run("SET session:1 " + LONG + "secret", "HSET session:2 f secret", "DEL session:1");
    run("SET session:2 new", "HSET session:3 f secret", "EXPIRE session:3 1");
    server.stampMillis += 2000;
    run("SET session:3 new");
    quiet();

    assertThat(isOnDisk("secret")).isFalse();
    assertThat(rowsOf((byte) 0x41)).as("in the queue of the dead").isZero();
    assertThat(rowsOf((byte) 0x03)).as("elements").isZero();
  }

  @Test
  void aKeyKeepsItsLastVersions() {
    run("TIMELINE SET history-max-versions-per-key 3");
    long first = server.revision + 1;
    run("SET k 1", "SET k 2", "SET k 3", "SET other 1");
    assertThat(at(first, "GET k")).isEqualTo("\"1\"");

    run("SET k 4");

    assertThat(at(first, "GET k"))
        .startsWith("-COMPACTED what was before @" + (first + 1) + " (")
        .endsWith(") is forgotten of this key, see history-max-versions-per-key");
    assertThat(at(first + 1, "GET k")).isEqualTo("\"2\"");
    assertThat(at(first, "EXISTS other")).isEqualTo("0");
    assertThat(call("HISTORY k")).contains("\"4\"", "\"3\"", "\"2\"").doesNotContain("\"1\"");
  }

  /** A hash has a version for each command that wrote a field; a deletion counts as none. */
  @Test
  void versionsCountOverFieldsAndDeletions() {
    run("TIMELINE SET history-max-versions-per-key 2");
    long first = server.revision + 1;
    run("HSET h f secret1 g 1", "HSET h f secret2", "DEL h", "SET h secret3 ", "DEL h", "SET h 4");
    long last = server.revision;
    run("SET h 5");
    quiet();

    assertThat(at(last, "GET h")).isEqualTo("\"4\"");
    assertThat(at(last - 1, "GET h")).startsWith("-COMPACTED");
    assertThat(at(first, "HGETALL h")).startsWith("-COMPACTED");
    assertThat(rowsOf((byte) 0x03)).as("elements wait for no horizon").isZero();
    assertThat(isOnDisk("secret")).isFalse();
  }

  @Test
  void oneVersionIsThePresentOne() {
    run("TIMELINE SET history-max-versions-per-key 1");
    run("SET k 1", "SET k 2");

    assertThat(at(server.revision - 1, "GET k")).startsWith("-COMPACTED");
    assertThat(at(server.revision, "GET k")).isEqualTo("\"2\"");
  }

  /** What is in memory yet and what a checkpoint has dropped must not make nodes differ. */
  @Test
  void aVersionThatIsNotKeptIsGoneBeforeTheCheckpointThatDropsIt() {
    exclude("tmp:*");
    run("SET tmp:a 1", "SET tmp:a 2", "SET tmp:a 3", "HSET tmp:h f 1", "DEL tmp:h", "SET tmp:h 2");
    exclude("");
    run("TIMELINE SET history-max-versions-per-key 3", "SET tmp:a 4", "TIMELINE PURGE tmp:h");

    assertThat(rowsOf((byte) 0x43)).as("one floor, of what was purged").isEqualTo(1);
  }

  /** Who looks back and when is chance; that many do is sure. */
  @Test
  void moreVersionsAreKeptAboutAndTheFloorIsOneRow() {
    run("TIMELINE SET history-max-versions-per-key 80");
    for (int i = 0; i < 2000; i++) {
      run("INCR counter");
    }

    String history = call("HISTORY counter COUNT 1000 NOVALUES");
    int versions = history.split("\"incr\"", -1).length;
    assertThat(versions).isBetween(80, 200);
    assertThat(rowsOf((byte) 0x43)).isEqualTo(1);
    assertThat(rowsOf((byte) 0x41)).isEqualTo(1);
    long last = server.revision;
    quiet();
    assertThat(at(last - 79, "GET counter")).isEqualTo("\"1921\"");
    store.raiseHorizon(last - 1000);
    quiet();
    assertThat(rowsOf((byte) 0x43)).as("it was raised beyond that").isEqualTo(1);
    store.raiseHorizon(server.revision);
    quiet();
    assertThat(rowsOf((byte) 0x43)).as("floors go with the horizon").isZero();
    assertThat(rowsOf((byte) 0x41)).isZero();
  }

  /** A purge that a trim goes beyond still is one: what it covered leaves the disk. */
  @Test
  void aPurgeIsUrgentThoughTheFloorRoseSince() {
    run("SET k secret", "SET k 2");
    store.requestCheckpoint();
    quiet();
    assertThat(isOnDisk("secret")).isTrue();
    run("TIMELINE PURGE k", "TIMELINE SET history-max-versions-per-key 2");
    run("SET k 3", "SET k 4", "SET k 5");

    quiet();

    assertThat(isOnDisk("secret")).isFalse();
    assertThat(at(1, "GET k")).startsWith("-COMPACTED");
  }

  @Test
  void settingsAreReadAsTheyWereWritten() {
    run("TIMELINE SET history-max-versions-per-key 7");
    exclude(" a*  b?  a* ");

    HistorySettings settings = HistorySettings.read(store.read());

    assertThat(settings.maxVersionsPerKey()).isEqualTo(7);
    assertThat(settings.excludePatterns()).isEqualTo(List.of("a*", "b?"));
    assertThat(HistorySettingsText.get(settings, "history-exclude-pattern")).isEqualTo("a* b?");
    assertThat(call("TIMELINE SET history-max-versions-per-key -1"))
        .isEqualTo("-ERR invalid number of versions '-1': it is between 0 (any number) and 10000");
    assertThat(call("TIMELINE SET history-max-versions-per-key many")).startsWith("-ERR invalid");
    assertThat(call("TIMELINE SET history-exclude-pattern " + "x".repeat(1025)))
        .isEqualTo("-ERR a pattern has more than 1024 bytes");
    assertThat(call("TIMELINE SET history-exclude-pattern \"" + "x ".repeat(3) + "\""))
        .isEqualTo("OK");
  }

  @Test
  void patternsCannotBeChangedForEver() {
    for (int i = 0; i < 255; i++) {
      exclude("p" + i);
    }
    run("SET p254 1");
    exclude("last");

    assertThat(call("TIMELINE SET history-exclude-pattern one-more"))
        .startsWith("-ERR the patterns were changed too often");
    assertThat(call("TIMELINE SET history-retention 1h")).isEqualTo("OK");
    store.raiseHorizon(server.revision);
    exclude("one-more");
  }

  private void exclude(String patterns) {
    run("TIMELINE SET history-exclude-pattern \"" + patterns + "\"");
  }

  private int rowBytes(int metaRow) {
    try (var cursor =
        store.read().scan(new byte[] {1, (byte) metaRow}, new byte[] {1, (byte) (metaRow + 1)})) {
      return cursor.next() ? cursor.value().remaining() : 0;
    }
  }
}
