package heartwood.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RewindCommandTest {
  private final DataServer server = new DataServer();

  @AfterEach
  void nothingFailedThroughOurOwnFault() {
    assertThat(server.executor.internalErrors()).isZero();
  }

  @Test
  void aRewindWritesTheOldValueAsANewRevision() {
    run("SET k old", "SET k new");

    assertThat(call("REWIND k TO @1").toString()).isEqualTo("[[\"k\", \"restored\", 1]]");
    assertThat(call("GET k")).isEqualTo("\"old\"");
    assertThat(call("HISTORY k COUNT 1").toString())
        .isEqualTo("[[3, 1700000000002, \"rewind\", \"string\", \"old\", -1]]");
  }

  @Test
  void whatWasMissingThenIsDeletedNow() {
    run("SET other 1", "SET k 1");

    assertThat(call("REWIND k never TO @1").toString())
        .isEqualTo("[[\"k\", \"deleted\", 0], [\"never\", \"unchanged\", 0]]");
    assertThat(call("EXISTS k")).isEqualTo("0");
  }

  @Test
  void aDeletedKeyComesBackWithItsTypeAndExpiry() {
    run("HSET k f 1 g 2", "PEXPIRE k 5000", "DEL k", "SET k string");

    assertThat(call("REWIND k TO @2").toString()).isEqualTo("[[\"k\", \"restored\", 2]]");
    assertThat(call("HGET k g")).isEqualTo("\"2\"");
    assertThat(call("PEXPIRETIME k")).isEqualTo("1700000005002");
    assertThat(call("PTTL k")).isEqualTo("4998");
  }

  @Test
  void anExpiryThatIsOverRestoresNothingAndSaysSo() {
    run("SET k v PX 10", "SET k w");
    server.stampMillis += 100;

    assertThat(call("REWIND k TO @1").toString()).isEqualTo("[[\"k\", \"expired\", 1]]");
    assertThat(call("REWIND k TO ~1").toString()).isEqualTo("[[\"k\", \"expired\", 1]]");
    assertThat(call("GET k")).isEqualTo("\"w\"");
  }

  @Test
  void whatHadExpiredByThenIsDeletedNow() {
    run("SET k v PX 10");
    server.stampMillis += 100;
    run("SET other 1", "SET k w");

    assertThat(call("REWIND k TO @2").toString()).isEqualTo("[[\"k\", \"deleted\", 0]]");
  }

  @Test
  void whatIsTheSameStaysUntouched() {
    run("HSET k f 1", "SET s a", "SET s b", "SET s a");
    long before = server.revision;

    assertThat(call("REWIND k s TO @2").toString())
        .isEqualTo("[[\"k\", \"unchanged\", 1], [\"s\", \"unchanged\", 2]]");
    assertThat(call("HISTORY s FROM @" + (before + 1))).isEqualTo(List.of());
  }

  @Test
  void hashesOfOneSizeAreComparedByTheirFields() {
    run("HSET k f 1", "HSET k f 2", "DEL k", "HSET k f 1");

    assertThat(call("REWIND k TO @2").toString()).isEqualTo("[[\"k\", \"restored\", 2]]");
    assertThat(call("HGET k f")).isEqualTo("\"2\"");
    assertThat(call("REWIND k TO @1").toString()).isEqualTo("[[\"k\", \"restored\", 1]]");
    assertThat(call("REWIND k TO @4").toString()).isEqualTo("[[\"k\", \"unchanged\", 4]]");
  }

  @Test
  void aHashIsCopiedAndNotShared() {
    run("HSET k f 1 g 1", "HSET k f 2", "HDEL k g", "REWIND k TO @1", "HSET k f 9");

    assertThat(call("HGET k g")).isEqualTo("\"1\"");
    assertThat(call("HISTORY k FIELD f").toString())
        .contains("\"hset\", \"hash\", \"9\"")
        .contains("\"rewind\", \"hash\", \"1\"");
    run("REWIND k TO @3");
    assertThat(call("HGETALL k").toString()).isEqualTo("[\"f\", \"2\"]");
    run("REWIND k TO @2");
    assertThat(call("HLEN k")).isEqualTo("2");
  }

  @Test
  void aLargeHashIsCopiedInPages() {
    StringBuilder line = new StringBuilder("HSET k");
    for (int i = 0; i < 3000; i++) {
      line.append(" f").append(i).append(' ').append(i);
    }
    run(line.toString(), "DEL k", "REWIND k TO @1");

    assertThat(call("HLEN k")).isEqualTo("3000");
    assertThat(call("HGET k f2999")).isEqualTo("\"2999\"");
  }

  @Test
  void aLongStringIsRestoredChunkByChunk() {
    String value = "a".repeat(9000);
    run("SET k " + value, "SETRANGE k 4500 b", "SET k x", "REWIND k TO @2");

    assertThat(call("GET k")).isEqualTo("\"" + "a".repeat(4500) + "b" + "a".repeat(4499) + "\"");
  }

  @Test
  void versionsBackAreThoseOfEachKey() {
    run("SET a 1", "SET b 1", "SET a 2", "SET b 2", "SET b 3");

    assertThat(call("REWIND a b TO ~1").toString())
        .isEqualTo("[[\"a\", \"restored\", 1], [\"b\", \"restored\", 4]]");
    assertThat(call("MGET a b").toString()).isEqualTo("[\"1\", \"2\"]");
  }

  @Test
  void undoingTheUndoneIsOneVersionBack() {
    run("SET k 1", "SET k 2", "DEL k", "REWIND k TO ~1");

    assertThat(call("GET k")).isEqualTo("\"2\"");
    run("REWIND k TO ~1");
    assertThat(call("EXISTS k")).isEqualTo("0");
    run("REWIND k TO ~3");
    assertThat(call("GET k")).isEqualTo("\"2\"");
    run("REWIND k TO ~5");
    assertThat(call("GET k")).isEqualTo("\"1\"");
  }

  @Test
  void aVersionThatIsNotThereIsAnErrorAndNothingIsWritten() {
    run("SET a 1", "SET a 2", "SET b 1");

    assertThat(call("REWIND a b TO ~2").toString()).isEqualTo("-ERR 'b' has no version ~2");
    assertThat(call("GET a")).isEqualTo("\"2\"");
    server.store.raiseHorizon(2);
    assertThat(call("REWIND a TO ~1").toString())
        .isEqualTo("-COMPACTED version ~1 of 'a' is forgotten");
    assertThat(call("REWIND a TO ~0").toString()).startsWith("-ERR '~0' must be between");
    assertThat(call("REWIND a TO ~x").toString()).startsWith("-ERR value is not an integer");
  }

  @Test
  void aKeyThatWasFlushedCanBeRewound() {
    run("HSET k f 1", "SET s 1", "FLUSHALL", "SET s 2");

    assertThat(call("REWIND k s TO ~1").toString())
        .isEqualTo("[[\"k\", \"restored\", 1], [\"s\", \"deleted\", 0]]");
    assertThat(call("HGET k f")).isEqualTo("\"1\"");
    assertThat(call("REWIND s TO @2").toString()).isEqualTo("[[\"s\", \"restored\", 2]]");
  }

  @Test
  void aDryRunOnlySays() {
    run("SET a 1", "SET a 2", "SET b 1");

    assertThat(call("REWIND a b TO @1 DRYRUN").toString())
        .isEqualTo("[[\"a\", \"restored\", 1], [\"b\", \"deleted\", 0]]");
    assertThat(call("MGET a b").toString()).isEqualTo("[\"2\", \"1\"]");
  }

  @Test
  void aTimeIsJudgedByTheStampOfTheEntry() {
    run("SET k 1", "SET k 2");

    assertThat(call("REWIND k TO " + server.stampMillis).toString()).startsWith("-FUTURE");
    assertThat(call("REWIND k TO " + (server.stampMillis - 1)).toString())
        .isEqualTo("[[\"k\", \"restored\", 1]]");
    assertThat(call("REWIND k TO @99").toString()).startsWith("-FUTURE @99");
    server.store.raiseHorizon(2);
    assertThat(call("REWIND k TO @1").toString()).startsWith("-COMPACTED @1");
  }

  @Test
  void wordsInTheWrongPlaceAreRefused() {
    assertThat(call("REWIND a b c")).isEqualTo("-ERR syntax error");
    assertThat(call("REWIND TO @1 DRYRUN")).isEqualTo("-ERR syntax error");
    assertThat(call("REWIND MATCH * TO @1 CONFIRM 1")).isEqualTo("-ERR syntax error");
    assertThat(call("REWIND MATCH * TO @0 COUNT")).isEqualTo("-ERR syntax error");
    assertThat(call("REWIND MATCH * TO -5m CURSOR 2").toString()).startsWith("-ASOF");
    assertThat(call("REWIND a TO TO @0").toString())
        .isEqualTo("[[\"a\", \"unchanged\", 0], [\"TO\", \"unchanged\", 0]]");
    assertThat(call("REWIND match TO @0").toString()).isEqualTo("[[\"match\", \"unchanged\", 0]]");
  }

  @Test
  void allThatMatchesIsRewoundInParts() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      lines.add("SET k" + i + " old");
    }
    lines.add("SET other old");
    run(lines.toArray(new String[0]));
    long then = server.revision;
    for (int i = 0; i < 20; i++) {
      run(i % 2 == 0 ? "SET k" + i + " new" : "DEL k" + i);
    }
    run("SET other new", "SET k99 new");

    assertThat(call("REWIND MATCH k* TO @" + then + " DRYRUN").toString())
        .startsWith("[21, \"0\",");
    assertThat(call("GET k0")).isEqualTo("\"new\"");
    assertThat(rewindInParts("MATCH k* TO @" + then, 3)).isEqualTo(21);
    assertThat(call("GET k0")).isEqualTo("\"old\"");
    assertThat(call("GET k19")).isEqualTo("\"old\"");
    assertThat(call("EXISTS k99")).isEqualTo("0");
    assertThat(call("GET other")).isEqualTo("\"new\"");
    assertThat(call("REWIND MATCH k* TO @" + then).toString()).startsWith("[0, \"0\",");
  }

  @Test
  void aPartEndsWhenItHasManyElementsToCopy() {
    StringBuilder hash = new StringBuilder("HSET big");
    for (int i = 0; i < 6000; i++) {
      hash.append(" f").append(i).append(" v");
    }
    run(hash.toString(), hash.toString().replace("big", "too"), "SET small 1");
    run("DEL big", "DEL too", "DEL small");

    assertThat(rewindInParts("MATCH * TO @3", 1000)).isEqualTo(3);
    assertThat(parts).isEqualTo(2);
    assertThat(call("HLEN too")).isEqualTo("6000");
  }

  @Test
  void aDatabaseIsRewoundIfNothingHasChangedSinceItWasSeen() {
    run("SET a 1", "HSET h f 1", "FLUSHDB", "SET a 2", "SET b 1", "SELECT 1", "SET x 1");
    run("SELECT 0");

    assertThat(call("REWIND DB TO @2").toString()).startsWith("-ERR say CONFIRM");
    assertThat(call("REWIND DB TO @2 CONFIRM 4"))
        .isEqualTo("-ERR the database has changed since @4: in @5");
    assertThat(call("REWIND DB TO @2 CONFIRM 999").toString()).startsWith("-FUTURE @999");
    assertThat(call("REWIND DB TO @2 CONFIRM 5").toString()).startsWith("[3, \"0\",");
    assertThat(call("MGET a b").toString()).isEqualTo("[\"1\", nil]");
    assertThat(call("HGET h f")).isEqualTo("\"1\"");
    run("SELECT 1");
    assertThat(call("GET x")).isEqualTo("\"1\"");
  }

  @Test
  void aFlushSinceItWasSeenIsAChange() {
    run("SET a 1", "FLUSHDB");

    assertThat(call("REWIND DB TO @0 CONFIRM @1"))
        .isEqualTo("-ERR the database has changed since @1: in @2");
  }

  @Test
  void theNextPartOfADatabaseIsConfirmedWithTheRevisionOfTheLast() {
    run("MSET a 1 b 1 c 1", "SET a 2", "SET b 2", "SET c 2");

    assertThat(rewindInParts("DB TO @1 CONFIRM " + server.revision, 1)).isEqualTo(3);
    assertThat(call("MGET a b c").toString()).isEqualTo("[\"1\", \"1\", \"1\"]");
  }

  @Test
  void fieldsComeBackWithTheirExpiriesUnlessTheirTimeIsOver() {
    run("HSET h a 1 b 2 c 3", "HPEXPIRE h 10 FIELDS 1 a", "HPEXPIRE h 100 FIELDS 1 b", "DEL h");
    server.stampMillis += 20;

    assertThat(call("REWIND h TO @3").toString()).isEqualTo("[[\"h\", \"restored\", 3]]");
    assertThat(call("HPEXPIRETIME h FIELDS 3 a b c").toString())
        .isEqualTo("[-2, 1700000000103, -1]");
    assertThat(call("HISTORY h COUNT 1").toString()).contains("\"hash\", 2, -1");
    server.sweepExpired(10);
    assertThat(call("HISTORY h COUNT 1").toString()).contains("rewind");
  }

  @Test
  void aHashOfWhichNothingWouldBeLeftIsExpired() {
    run("HSET h a 1", "HPEXPIRE h 10 FIELDS 1 a", "SET h string");
    server.stampMillis += 20;

    assertThat(call("REWIND h TO @2").toString()).isEqualTo("[[\"h\", \"expired\", 2]]");
    assertThat(call("GET h")).isEqualTo("\"string\"");
  }

  @Test
  void aHashIsUnchangedIfWhatIsVisibleIsTheSameWithItsExpiries() {
    run("HSET h a 1 b 2", "HPEXPIRE h 10 FIELDS 1 a", "DEL h");
    server.stampMillis += 20;
    run("HSET h b 2", "HPEXPIRE h 10 FIELDS 1 b");

    assertThat(call("REWIND h TO @4").toString()).isEqualTo("[[\"h\", \"restored\", 4]]");
    assertThat(call("HPTTL h FIELDS 1 b").toString()).isEqualTo("[-1]");
    assertThat(call("REWIND h TO @2").toString()).isEqualTo("[[\"h\", \"unchanged\", 2]]");
  }

  @Test
  void whatOneCommandMayCostIsBounded() {
    StringBuilder line = new StringBuilder("HSET k");
    for (int i = 0; i < 1000; i++) {
      line.append(" f").append(i).append(" v");
    }
    run(line.toString());

    assertThat(call("REWIND" + " k".repeat(100) + " TO @1"))
        .isEqualTo("-ERR these keys have over 100000 elements: name fewer");
    assertThat(call("REWIND" + " k".repeat(101) + " TO ~1000"))
        .isEqualTo("-ERR more than 100000 versions to look at: name fewer keys");
  }

  private int parts;

  private long rewindInParts(String arguments, int count) {
    long rewound = 0;
    String cursor = "0";
    String line = arguments;
    do {
      List<?> part = (List<?>) call("REWIND " + line + " COUNT " + count + " CURSOR " + cursor);
      rewound += Long.parseLong(part.get(0).toString());
      cursor = part.get(1).toString().replace("\"", "");
      line = line.replaceAll("CONFIRM .*", "CONFIRM " + part.get(2));
      parts++;
      assertThat(parts).isLessThan(1000);
    } while (!cursor.equals("0"));
    return rewound;
  }

  private void run(String... lines) {
    for (String line : lines) {
      server.stampMillis += line.startsWith("SELECT") ? 0 : 1;
      assertThat(call(line).toString()).as(line).doesNotStartWith("-");
    }
  }

  private Object call(String line) {
    return server.call(CommandLine.parse(line));
  }
}
