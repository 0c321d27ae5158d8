package heartwood.server.command;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.server.keyspace.HistorySettings;
import heartwood.server.keyspace.Pins;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TimelineCommandsTest {
  private static final long START = 1_700_000_000_000L;

  private final DataServer server = new DataServer();

  @AfterEach
  void nothingFailedThroughOurOwnFault() {
    assertThat(server.executor.internalErrors()).isZero();
  }

  @Test
  void aMomentIsARevisionAndItsTime() {
    run("SET k 1", "SET k 2");
    server.stampMillis += 10;

    assertThat(call("TIMELINE NOW").toString())
        .isEqualTo("[2, 1700000000002, \"2023-11-14T22:13:20.002Z\"]");
    assertThat(call("TIMELINE RESOLVE now")).isEqualTo(call("TIMELINE NOW"));
    assertThat(revisionOf("@1")).isEqualTo(1);
    assertThat(revisionOf("" + (START + 1))).isEqualTo(1);
    assertThat(revisionOf("-11ms")).isEqualTo(1);
    assertThat(revisionOf("" + START)).isZero();
  }

  @Test
  void aMomentBeforeTheFirstWriteIsEmpty() {
    run("SET k 1");

    assertThat(revisionOf("2001-01-01T00:00:00Z")).isZero();
    assertThat(diff("2001-01-01T00:00:00Z now")).containsExactly("k created 0 1");
  }

  @Test
  void theHorizonIsServedAndWhatIsBeforeItIsCompacted() {
    run("SET k 1", "SET k 2", "SET k 3");
    server.store.raiseHorizon(2);

    assertThat(revisionOf("@2")).isEqualTo(2);
    assertThat(call("TIMELINE RESOLVE @1").toString()).startsWith("-COMPACTED @1");
    assertThat(call("TIMELINE RESOLVE " + (START + 1)).toString()).startsWith("-COMPACTED");
    assertThat(call("TIMELINE DIFF @1 now").toString()).startsWith("-COMPACTED");
  }

  @Test
  void aTimeThatIsNotOverIsTheFutureAndIsWaitedFor() {
    run("SET k 1");

    assertThat(call("TIMELINE RESOLVE " + server.stampMillis).toString()).startsWith("-FUTURE");
    assertThat(server.keyspace.soonestExpiryMet()).isEqualTo(server.stampMillis + 1);
    assertThat(call("TIMELINE RESOLVE @2").toString()).startsWith("-FUTURE @2");
  }

  @Test
  void aTimeAgoWantsARecentStamp() {
    run("SET k 1");

    call("TIMELINE RESOLVE @1");
    assertThat(server.keyspace.hasToldTime()).isFalse();
    call("TIMELINE RESOLVE -1s");
    assertThat(server.keyspace.hasToldTime()).isTrue();
  }

  @Test
  void resolvingIsMonotoneWhileTheClockStandsStill() {
    long last = 0;
    for (int i = 0; i < 5; i++) {
      call("SET k " + i);
      long revision = revisionOf("now");
      assertThat(revision).isGreaterThan(last);
      last = revision;
    }
    server.stampMillis++;
    call("SET k x");

    assertThat(revisionOf("" + START)).isEqualTo(last);
  }

  @Test
  void infoTellsWhatIsRemembered() {
    run("SET k 1", "SET k 2", "TIMELINE PIN p @2", "TIMELINE SET history-retention 36h");
    server.store.raiseHorizon(1);

    assertThat(call("TIMELINE INFO").toString())
        .isEqualTo(
            "[\"horizon-revision\", 1, \"horizon-ms\", 1700000000001,"
                + " \"horizon-iso\", \"2023-11-14T22:13:20.001Z\","
                + " \"last-revision\", 4, \"last-ms\", 1700000000004,"
                + " \"last-iso\", \"2023-11-14T22:13:20.004Z\","
                + " \"history-retention-ms\", 129600000, \"history-max-bytes\", 10737418240,"
                + " \"pins\", 1, \"incarnation\", \"i374708ff\"]");
  }

  @Test
  void aDiffTellsWhatWasCreatedChangedAndDeleted() {
    run("SET stays 1", "SET changes 1", "SET goes 1", "SET back 1");
    run("SET changes 2", "DEL goes", "SET comes 1", "SET brief 1", "DEL brief", "DEL back");
    run("SET back 2");

    assertThat(diff("@4 now"))
        .containsExactlyInAnyOrder(
            "changes changed 2 5", "goes deleted 3 6", "comes created 0 7", "back changed 4 11");
    assertThat(diff("@8 @9")).containsExactly("brief deleted 8 9");
    assertThat(diff("@9 @9")).isEmpty();
    assertThat(call("TIMELINE DIFF @9 @4"))
        .isEqualTo("-ERR the first time is later than the second");
  }

  @Test
  void aDiffCanBeNarrowed() {
    run("SET a1 x", "HSET a2 f v", "SET b x");

    assertThat(diff("@0 now MATCH a*")).containsExactly("a1 created 0 1", "a2 created 0 2");
    assertThat(diff("@0 now TYPE hash")).containsExactly("a2 created 0 2");
    assertThat(diff("@0 now MATCH a* TYPE string")).containsExactly("a1 created 0 1");
    assertThat(call("TIMELINE DIFF @0 now MATCH")).isEqualTo("-ERR syntax error");
    assertThat(call("TIMELINE DIFF @0 now COUNT 0"))
        .isEqualTo("-ERR COUNT must be between 1 and 10000");
  }

  @Test
  void whatExpiredIsDeletedWhetherOrNotItWasSweptAway() {
    run("SET swept v PX 5", "SET unswept v PX 30", "SET touched v PX 100");
    server.stampMillis += 10;
    server.sweepExpired(9);
    run("PEXPIRE touched 10");
    server.stampMillis += 50;
    run("SET last 1");

    assertThat(diff("@3 @6"))
        .containsExactly(
            "swept deleted 1 4", "touched deleted 3 0", "last created 0 6", "unswept deleted 2 0");
  }

  @Test
  void anExpiryIsJudgedByTheTimeThatIsAsked() {
    run("SET k v PX 10");
    server.stampMillis += 100;
    run("SET other 1");

    assertThat(diff((START + 5) + " " + (START + 10))).isEmpty();
    assertThat(diff((START + 5) + " " + (START + 11))).containsExactly("k deleted 1 0");
    assertThat(diff((START + 11) + " " + (START + 50))).isEmpty();
  }

  @Test
  void aDiffOverAFlushComparesBothDatabases() {
    run("SET same 1", "SET goes 1", "SELECT 1", "SET elsewhere 1", "SELECT 0", "FLUSHDB");
    run("SET same 1", "SET comes 1");

    assertThat(diff("@3 now"))
        .containsExactlyInAnyOrder("same changed 1 5", "goes deleted 2 4", "comes created 0 6");
  }

  @Test
  void aDiffOverSwappedDatabasesIsOfTheNames() {
    run("SET a 1", "SELECT 1", "SET b 1", "SET a 2", "SELECT 0", "SWAPDB 0 1");

    assertThat(diff("@3 now")).containsExactlyInAnyOrder("a changed 1 3", "b created 0 2");
    run("SWAPDB 0 1");
    assertThat(diff("@3 now")).isEmpty();
  }

  @Test
  void pagesMeetEachKeyOnceWhateverTheyAreMadeOf() {
    List<String> commands = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      commands.add("SET k" + i + " 1 PX " + (i % 5 == 0 ? 200 + i : 1_000_000));
      commands.add("SET k" + (i * 7 % 50) + " 2 KEEPTTL");
    }
    run(commands.toArray(new String[0]));
    long middle = server.revision;
    for (int i = 0; i < 50; i++) {
      commands.set(i, (i % 3 == 0 ? "DEL" : "APPEND") + " k" + i + (i % 3 == 0 ? "" : " x"));
    }
    run(commands.subList(0, 25).toArray(new String[0]));
    server.stampMillis += 1000;
    run("SET end 1");
    String range = "@" + middle + " @" + server.revision;
    Set<String> whole = new TreeSet<>(diff(range + " COUNT 10000"));

    for (int count : List.of(1, 2, 7)) {
      assertThat(pages(range, count))
          .doesNotHaveDuplicates()
          .containsAll(whole)
          .hasSameSizeAs(whole);
    }
    run("FLUSHDB", "MSET k1 1 k2 1 k3 1 new 1");
    range = "@" + middle + " @" + server.revision;
    whole = new TreeSet<>(diff(range + " COUNT 10000"));
    assertThat(whole).hasSizeGreaterThan(45);
    for (int count : List.of(1, 7)) {
      assertThat(pages(range, count))
          .doesNotHaveDuplicates()
          .containsAll(whole)
          .hasSameSizeAs(whole);
    }
  }

  @Test
  void aPageHoldsWholeRevisions() {
    run("SET a 1", "MSET b 1 c 1 d 1", "SET e 1");

    assertThat(diff("@0 @3 COUNT 2"))
        .containsExactlyInAnyOrder(
            "a created 0 1", "b created 0 2", "c created 0 2", "d created 0 2");
    assertThat(pages("@0 @3", 2)).hasSize(5).doesNotHaveDuplicates();
  }

  @Test
  void aCursorNeedsFixedMomentsAndFitsItsDiff() {
    run("SET a 1", "SET b 1", "SET c 1");

    Object reply = call("TIMELINE DIFF @0 @3 COUNT 1");
    assertThat(((List<?>) reply).get(0)).isEqualTo("\"4\"");
    assertThat(call("TIMELINE DIFF @0 now COUNT 1 CURSOR 4").toString()).startsWith("-ASOF");
    assertThat(call("TIMELINE DIFF -5m @3 COUNT 1 CURSOR 4").toString()).startsWith("-ASOF");
    assertThat(call("TIMELINE DIFF @0 @3 CURSOR 5")).isEqualTo("-ERR invalid cursor");
    assertThat(diff("@0 @3 CURSOR 4")).containsExactly("b created 0 2", "c created 0 3");
    assertThat(diff("@0 @3 CURSOR 9223372036854775806")).isEmpty();
    assertThat(call("TIMELINE DIFF @0 @3 CURSOR 18446744073709551614"))
        .isEqualTo("-ERR invalid cursor");
  }

  @Test
  void aRevisionOfAnotherIncarnationIsRefused() {
    run("SET k 1", "SET k 2");
    String incarnation =
        call("TIMELINE INFO").toString().replaceFirst(".*\"(i[0-9a-f]{8})\"]", "$1");

    assertThat(revisionOf("@1." + incarnation)).isEqualTo(1);
    assertThat(call("TIMELINE RESOLVE @1.i7f3"))
        .isEqualTo("-ASOF @1.i000007f3 is of another cluster: this one is " + incarnation);
    assertThat(call("TIMELINE PIN p @99.i7f3").toString()).startsWith("-ASOF");
    assertThat(call("REWIND k TO @1." + incarnation).toString()).contains("restored");
    server.reload();
    assertThat(call("TIMELINE INFO").toString()).contains(incarnation);
    for (String wrong : List.of("@1.i", "@1.ixyz", "@.i7f3", "@1.7f3", "@1.i123456789", "@1.i+1")) {
      assertThat(call("TIMELINE RESOLVE " + wrong).toString()).startsWith("-ERR invalid time");
    }
  }

  @Test
  void aPinNamesAMomentUntilItExpires() {
    run("SET k 1", "SET k 2");

    assertThat(call("TIMELINE PIN deploy @1 EX 10").toString())
        .isEqualTo("[\"deploy\", 1, 1700000000001, \"2023-11-14T22:13:20.001Z\", 1700000010002]");
    assertThat(revisionOf("#deploy")).isEqualTo(1);
    assertThat(call("TIMELINE PINS").toString()).startsWith("[[\"deploy\", 1,");
    assertThat(Pins.lowestPinned(server.store.read(), server.stampMillis)).isEqualTo(1);
    server.stampMillis += 10_000;
    assertThat(call("TIMELINE PINS")).isEqualTo(List.of());
    assertThat(call("TIMELINE RESOLVE #deploy")).isEqualTo("-ERR no such pin 'deploy'");
    assertThat(Pins.lowestPinned(server.store.read(), server.stampMillis))
        .isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aPinOfTimeIsJudgedByTheStampOfItsEntry() {
    run("SET k 1", "SET k 2");
    server.stampMillis += 5;

    assertThat(((List<?>) call("TIMELINE PIN p " + (server.stampMillis - 1))).get(1))
        .isEqualTo("2");
    assertThat(call("TIMELINE PIN p " + server.stampMillis).toString()).startsWith("-FUTURE");
    assertThat(((List<?>) call("TIMELINE PIN p now")).get(1))
        .isEqualTo(Long.toString(server.revision - 1));
  }

  @Test
  void pinsAreReplacedTakenAwayAndBounded() {
    run("SET k 1", "SET k 2", "TIMELINE PIN p @1", "TIMELINE PIN p @2");

    assertThat((List<?>) call("TIMELINE PINS")).hasSize(1);
    assertThat(call("TIMELINE UNPIN p")).isEqualTo("1");
    assertThat(call("TIMELINE UNPIN p")).isEqualTo("0");
    for (int i = 0; i < Pins.MAX_PINS; i++) {
      run("TIMELINE PIN p" + i + " @1 EX " + (i + 1));
    }
    assertThat(call("TIMELINE PIN more @1").toString()).startsWith("-ERR there are 128 pins");
    assertThat(call("TIMELINE PIN p7 @2").toString()).startsWith("[\"p7\", 2");
    server.stampMillis += 1000;
    assertThat(call("TIMELINE PIN more @1").toString()).startsWith("[\"more\", 1");
    assertThat(call("TIMELINE PIN \"a b\" @1").toString()).startsWith("-ERR a pin's name has");
    assertThat(call("TIMELINE PIN " + "x".repeat(65) + " @1").toString())
        .startsWith("-ERR a pin's name has");
    assertThat(call("TIMELINE PIN p @1 EX 0"))
        .isEqualTo("-ERR invalid expire time in 'timeline|pin' command");
    assertThat(call("TIMELINE PIN p @1 PX 5")).isEqualTo("-ERR syntax error");
  }

  @Test
  void settingsArePartOfTheState() {
    assertThat(HistorySettings.read(server.store.read())).isEqualTo(HistorySettings.DEFAULT);

    run("TIMELINE SET History-Retention 1h30m", "TIMELINE SET history-max-bytes 2gb");
    HistorySettings settings = HistorySettings.read(server.store.read());
    assertThat(settings).isEqualTo(new HistorySettings(5_400_000, 2L << 30, 0, List.of()));
    assertThat(HistorySettingsText.get(settings, "history-retention")).isEqualTo("90m");
    assertThat(HistorySettingsText.get(settings, "history-max-bytes")).isEqualTo("2147483648");
    assertThat(HistorySettingsText.get(HistorySettings.DEFAULT, "history-retention"))
        .isEqualTo("24h");

    run("TIMELINE SET history-retention 0", "TIMELINE SET history-max-bytes 0");
    assertThat(HistorySettings.read(server.store.read()))
        .isEqualTo(new HistorySettings(0, 0, 0, List.of()));
    assertThat(call("TIMELINE SET history-retention x").toString()).startsWith("-ERR invalid");
    assertThat(call("TIMELINE SET history-max-bytes -1").toString()).startsWith("-ERR invalid");
    assertThat(call("TIMELINE SET port 1")).isEqualTo("-ERR unknown setting 'port'");
  }

  @Test
  void theKeysOfARewindStandBeforeTo() {
    assertThat(keysOf("rewind a TO b TO -5m DRYRUN")).containsExactly("a", "TO", "b");
    assertThat(keysOf("rewind a to ~1")).containsExactly("a");
    assertThat(keysOf("rewind MATCH p* TO -5m")).isEmpty();
    assertThat(keysOf("rewind db TO -5m CONFIRM 7")).isEmpty();
    assertThat(keysOf("rewind a b c d")).isEmpty();
  }

  @Test
  void aHashThatOnlyTimeHasChangedIsAChangeWithoutAWrite() {
    run("HSET h a 1 b 2", "HPEXPIRE h 10 FIELDS 1 a", "SET other 1");
    server.stampMillis += 20;
    run("SET other 2");

    assertThat(diff("@3 @4")).containsExactly("other changed 3 4", "h changed 2 2");
    assertThat(diff("@2 @3")).containsExactly("other created 0 3");
    assertThat(diff((START + 11) + " " + (START + 12))).containsExactly("h changed 2 2");
    assertThat(pages("@3 @4", 1)).containsExactly("other changed 3 4", "h changed 2 2");
  }

  @Test
  void aHashIsDeletedWithItsLastField() {
    run("HSET h a 1", "HPEXPIRE h 10 FIELDS 1 a");
    server.stampMillis += 20;
    run("SET other 1");

    assertThat(diff("@2 @3")).containsExactly("other created 0 3", "h deleted 2 0");
    server.sweepExpired(10);
    assertThat(diff("@2 @4")).containsExactly("other created 0 3", "h deleted 2 4");
  }

  @Test
  void aFieldThatWasOverBeforeTheFirstMomentChangesNothing() {
    run("HSET h a 1 b 2 c 3", "HPEXPIRE h 10 FIELDS 1 a", "HPEXPIRE h 100 FIELDS 1 b");
    server.stampMillis += 20;
    run("SET other 1", "SET other 2");
    server.stampMillis += 100;
    run("SET other 3");

    assertThat(diff("@4 @5")).containsExactly("other changed 4 5");
    assertThat(diff("@5 @6")).containsExactly("other changed 5 6", "h changed 3 3");
  }

  @Test
  void aDifferenceToNowWaitsForTheNextExpiry() {
    run("HSET h a 1 b 2", "HPEXPIRE h 10 FIELDS 1 a");
    diff("@2 now");
    assertThat(server.keyspace.soonestExpiryMet()).isEqualTo(START + 12);

    run("SET k v PX 5");
    diff("@3 now");
    assertThat(server.keyspace.soonestExpiryMet()).isEqualTo(START + 8);
  }

  private static List<String> keysOf(String request) {
    Arguments args = Arguments.of(request.split(" ", -1));
    KeyPositions positions = new KeyPositions();
    assertThat(requireNonNull(DataServer.TABLE.lookup(args)).findKeys(args, positions)).isTrue();
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < positions.count(); i++) {
      keys.add(args.text(positions.position(i)));
    }
    return keys;
  }

  private void run(String... lines) {
    for (String line : lines) {
      server.stampMillis += line.startsWith("SELECT") || line.contains(" EX ") ? 0 : 1;
      assertThat(call(line).toString()).as(line).doesNotStartWith("-");
    }
  }

  private Object call(String line) {
    return server.call(CommandLine.parse(line));
  }

  private long revisionOf(String moment) {
    Object reply = call("TIMELINE RESOLVE " + moment);
    assertThat(reply).isInstanceOf(List.class);
    return Long.parseLong(((List<?>) reply).get(0).toString());
  }

  private List<String> diff(String arguments) {
    return changes((List<?>) ((List<?>) call("TIMELINE DIFF " + arguments)).get(1));
  }

  private List<String> pages(String range, int count) {
    List<String> all = new ArrayList<>();
    String cursor = "0";
    do {
      List<?> page =
          (List<?>) call("TIMELINE DIFF " + range + " COUNT " + count + " CURSOR " + cursor);
      all.addAll(changes((List<?>) page.get(1)));
      cursor = page.get(0).toString().replace("\"", "");
    } while (!cursor.equals("0"));
    return all;
  }

  private static List<String> changes(List<?> changes) {
    List<String> texts = new ArrayList<>();
    for (Object each : changes) {
      StringBuilder text = new StringBuilder();
      ((List<?>) each).forEach(word -> text.append(word).append(' '));
      texts.add(text.toString().replace("\"", "").strip());
    }
    return texts;
  }
}
