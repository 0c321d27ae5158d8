package heartwood.server.command;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.server.keyspace.Keyspace;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HistoryCommandTest {
  private static final long START = 1_700_000_000_000L;

  private final DataServer server = new DataServer();

  @AfterEach
  void nothingFailedThroughOurOwnFault() {
    assertThat(server.executor.internalErrors()).isZero();
  }

  @Test
  void theLastEventComesFirst() {
    run("SET k a", "SET other x", "APPEND k bc", "DEL k");

    assertThat(call("HISTORY k").toString())
        .isEqualTo(
            "[[4, 1700000000004, \"del\", \"none\", nil, -1],"
                + " [3, 1700000000003, \"append\", \"string\", \"abc\", -1],"
                + " [1, 1700000000001, \"set\", \"string\", \"a\", -1]]");
  }

  @Test
  void optionsNarrowTurnAndShorten() {
    run("SET k 1", "SET k 2", "SET k 3", "SET k 4");

    assertThat(history("k COUNT 2")).containsExactly("4 set \"4\"", "3 set \"3\"");
    assertThat(history("k COUNT 2 REV")).containsExactly("1 set \"1\"", "2 set \"2\"");
    assertThat(history("k FROM @2 TO @3")).containsExactly("3 set \"3\"", "2 set \"2\"");
    assertThat(history("k FROM " + (START + 2) + " TO " + (START + 3)))
        .containsExactly("3 set \"3\"", "2 set \"2\"");
    assertThat(history("k FROM @4 TO @2")).isEmpty();
    assertThat(call("HISTORY k COUNT 1 NOVALUES").toString())
        .isEqualTo("[[4, 1700000000004, \"set\", \"string\", -1]]");
  }

  @Test
  void wrongOptionsAreRefused() {
    run("SET k 1");

    assertThat(call("HISTORY k COUNT 0")).isEqualTo("-ERR COUNT must be between 1 and 1000");
    assertThat(call("HISTORY k COUNT 1001")).isEqualTo("-ERR COUNT must be between 1 and 1000");
    assertThat(call("HISTORY k BACKWARDS")).isEqualTo("-ERR syntax error");
    assertThat(call("HISTORY k FIELD")).isEqualTo("-ERR syntax error");
    assertThat(call("HISTORY k FROM 7").toString()).startsWith("-ERR invalid time '7'");
    assertThat(call("HISTORY k TO @99").toString()).startsWith("-FUTURE @99");
    assertThat(call("HISTORY k TO " + (START + 99)).toString()).startsWith("-FUTURE");
  }

  @Test
  void anExpiryIsPartOfAVersionAndItsSweepAnEvent() {
    run("SET k v PX 10", "PEXPIRE k 100");
    server.stampMillis += 200;
    server.sweepExpired(10);

    assertThat(call("HISTORY k").toString())
        .isEqualTo(
            "[[3, 1700000000202, \"expired\", \"none\", nil, -1],"
                + " [2, 1700000000002, \"pexpire\", \"string\", \"v\", 1700000000102],"
                + " [1, 1700000000001, \"set\", \"string\", \"v\", 1700000000011]]");
  }

  @Test
  void eachVersionHasItsOwnType() {
    run("HSET k f 1 g 2", "HDEL k f", "SET k v", "DEL k", "HSET k f 1");

    assertThat(history("k"))
        .containsExactly("5 hset 1", "4 del nil", "3 set \"v\"", "2 hdel 1", "1 hset 2");
  }

  @Test
  void longStringsAreShownAsTheyWere() {
    String first = "a".repeat(5000);
    run("SET k " + first, "SETRANGE k 4999 bb", "SET k short");

    assertThat(history("k"))
        .containsExactly(
            "3 set \"short\"",
            "2 setrange \"" + "a".repeat(4999) + "bb\"",
            "1 set \"" + first + "\"");
  }

  @Test
  void aRenameIsAnEventOfBothNames() {
    run("SET a 1", "RENAME a b", "SET a 2", "RENAMENX a c");

    assertThat(history("a"))
        .containsExactly(
            "4 renamed-to nil \"c\"", "3 set \"2\"", "2 renamed-to nil \"b\"", "1 set \"1\"");
    assertThat(history("b")).containsExactly("2 renamed-from \"1\" \"a\"");
    assertThat(history("c")).containsExactly("4 renamed-from \"2\" \"a\"");
  }

  @Test
  void theOtherNameIsToldWhenItIsTooLongForARawKey() {
    String name = "n".repeat(600);
    run("SET " + name + " 1", "RENAME " + name + " b");

    assertThat(history("b")).containsExactly("2 renamed-from \"1\" \"" + name + "\"");
    assertThat(history(name)).containsExactly("2 renamed-to nil \"b\"", "1 set \"1\"");
  }

  @Test
  void aCopyBeginsAHistoryOfItsOwn() {
    run("SET a 1", "COPY a b", "SET a 2");

    assertThat(history("b")).containsExactly("2 copy \"1\"");
  }

  @Test
  void aMoveIsAnEventInBothDatabases() {
    run("SET a 1", "MOVE a 1");

    assertThat(history("a")).containsExactly("2 move nil", "1 set \"1\"");
    run("SELECT 1");
    assertThat(history("a")).containsExactly("2 move \"1\"");
  }

  @Test
  void flushingIsAnEventOfEachKeyThatWasThere() {
    run("SET k 1", "FLUSHDB", "SET k 2", "DEL k", "SET x 0", "FLUSHALL", "SET k 3");

    assertThat(history("k"))
        .containsExactly("7 set \"3\"", "4 del nil", "3 set \"2\"", "2 flushdb nil", "1 set \"1\"");
    assertThat(history("k REV COUNT 2")).containsExactly("1 set \"1\"", "2 flushdb nil");
    assertThat(history("k FROM @2 TO @3")).containsExactly("3 set \"2\"", "2 flushdb nil");
    assertThat(history("x")).containsExactly("6 flushall nil", "5 set \"0\"");
  }

  @Test
  void theHistoryFollowsTheNameThroughSwappedDatabases() {
    run("SET k zero", "SELECT 1", "SET k one", "SET only one", "SELECT 0", "SWAPDB 0 1");
    run("SET k later", "SWAPDB 0 1");

    assertThat(history("k"))
        .containsExactly(
            "6 swapdb \"zero\"", "5 set \"later\"", "4 swapdb \"one\"", "1 set \"zero\"");
    assertThat(history("only")).containsExactly("6 swapdb nil", "4 swapdb \"one\"");
    assertThat(history("never")).isEmpty();
  }

  @Test
  void whatWasThereAtTheHorizonIsTheEarliestEvent() {
    run("SET k 1", "SET gone 1", "SET k 2", "DEL gone", "SET other 0", "SET k 3");
    server.store.raiseHorizon(5);

    assertThat(call("HISTORY k").toString())
        .isEqualTo(
            "[[6, 1700000000006, \"set\", \"string\", \"3\", -1],"
                + " [3, -1, \"earlier\", \"string\", \"2\", -1]]");
    assertThat(history("k REV COUNT 1")).containsExactly("3 earlier \"2\"");
    assertThat(history("k FROM @6")).containsExactly("6 set \"3\"");
    assertThat(history("k FROM " + (START + 5))).isEqualTo(history("k FROM @5")).hasSize(2);
    assertThat(call("HISTORY k FROM " + (START + 4)).toString())
        .startsWith("-COMPACTED 2023-11-14T22:13:20.004Z is forgotten");
    assertThat(history("gone")).isEmpty();
    assertThat(call("HISTORY k FROM @4").toString())
        .startsWith("-COMPACTED @4 is forgotten: the oldest moment is @5");
  }

  @Test
  void aFieldHasItsOwnHistory() {
    run("HSET h f 1 g 1", "HSET h g 2", "HSET h f 2", "HDEL h f", "HSET h f 3");

    assertThat(history("h FIELD f"))
        .containsExactly("5 hset \"3\"", "4 hdel nil", "3 hset \"2\"", "1 hset \"1\"");
    assertThat(history("h FIELD g COUNT 1")).containsExactly("2 hset \"2\"");
    assertThat(history("h FIELD f FROM @2 TO @4 REV"))
        .containsExactly("3 hset \"2\"", "4 hdel nil");
    assertThat(history("h FIELD none")).isEmpty();
  }

  @Test
  void valuesOfAFieldThatNoReplyCanHoldAreRefused() {
    String set = "HSET h f " + "x".repeat(70_000);
    for (int i = 0; i < 1000; i++) {
      run(set);
    }

    String refusal = "-ERR the values of these events have over 64 MB";
    assertThat(call("HISTORY h FIELD f COUNT 1000").toString()).startsWith(refusal);
    assertThat(call("HISTORY h FIELD f COUNT 1000 REV").toString()).startsWith(refusal);
    assertThat(history("h FIELD f COUNT 3")).hasSize(3);
    assertThat((List<?>) call("HISTORY h FIELD f COUNT 1000 NOVALUES")).hasSize(1000);
  }

  @Test
  void aFieldThatWentWithItsKeysTimeIsToldToBeGoneWhereTheKeyIsMadeAnew() {
    run("HSET h f 1", "PEXPIRE h 10");
    server.stampMillis += 10;
    run("HSET h g 1");

    assertThat(history("h FIELD f")).containsExactly("3 hset nil", "1 hset \"1\"");
  }

  @Test
  void aFieldsHistoryMarksWhereTheKeyBecameSomethingElse() {
    run("HSET h f 1", "SET h x", "SET h y", "DEL h", "HSET h f 2", "DEL h", "HSET h g 1");

    assertThat(call("HISTORY h FIELD f").toString())
        .isEqualTo(
            "[[6, 1700000000006, \"del\", \"none\", nil, -1],"
                + " [5, 1700000000005, \"hset\", \"hash\", \"2\", -1],"
                + " [2, 1700000000002, \"set\", \"string\", nil, -1],"
                + " [1, 1700000000001, \"hset\", \"hash\", \"1\", -1]]");
  }

  @Test
  void aFieldsHistoryFollowsTheKeyIntoAnotherObject() {
    run("HSET h f 1", "HSET i f 2 g 2", "HSET j g 3", "RENAME i h", "COPY j h REPLACE");
    run("HSET h f 4", "FLUSHDB");

    assertThat(history("h FIELD f"))
        .containsExactly(
            "7 flushdb nil", "6 hset \"4\"", "5 copy nil", "4 rename \"2\"", "1 hset \"1\"");
    assertThat(history("h FIELD g"))
        .containsExactly("7 flushdb nil", "5 copy \"3\"", "4 rename \"2\"");
  }

  @Test
  void aFieldThatWasThereAtTheHorizonIsToldOnce() {
    run("HSET h f 1", "HSET h g 1", "HSET h g 2", "HSET h f 2");
    server.store.raiseHorizon(2);

    assertThat(history("h FIELD f")).containsExactly("4 hset \"2\"", "1 earlier \"1\"");
    assertThat(history("h FIELD g")).containsExactly("3 hset \"2\"", "2 earlier \"1\"");
  }

  @Test
  void aRevisionOfTheEntryUnderWayHasTheTimeOfThatEntry() {
    run("SET k 1");
    server.stampMillis += 50;
    server.revision++;
    server.executor.write(
        requireNonNull(DataServer.TABLE.lookup(Arguments.of("set"))).keyspaceCommand(),
        Arguments.of("set", "k", "2"),
        0,
        server.store.write(server.revision, 1),
        server.context(),
        new TreeSink());

    assertThat(((List<?>) ((List<?>) call("HISTORY k")).get(0)).get(1))
        .isEqualTo(Long.toString(START + 51));
  }

  @Test
  void commandsOfOneRevisionAreOneEvent() {
    run("SET k 0", "SET gone 0");

    runAsOneRevision("SET k 1", "SET k 2", "SET brief 1", "DEL brief");
    assertThat(history("k")).containsExactly("3 unknown \"2\"", "1 set \"0\"");
    assertThat(history("brief")).isEmpty();
    assertThat(call("TIMELINE DIFF @2 @3").toString())
        .isEqualTo("[\"0\", [[\"k\", \"changed\", 1, 3]]]");
    runAsOneRevision("SET k 3", "FLUSHDB", "SET k 4");
    assertThat(history("k COUNT 1")).containsExactly("4 unknown \"4\"");
    assertThat(history("gone COUNT 1")).containsExactly("4 unknown nil");
  }

  private void runAsOneRevision(String... lines) {
    server.revision++;
    server.executor.begin(server.store.write(server.revision), server.context());
    for (String line : lines) {
      Arguments args = Arguments.of(CommandLine.parse(line));
      CommandSpec spec = requireNonNull(DataServer.TABLE.lookup(args));
      assertThat(server.executor.run(spec.keyspaceCommand(), args, 0, new TreeSink())).isTrue();
    }
    server.executor.commit();
    server.endEntry();
  }

  @Test
  void aViewOfThePastHasNoPastOfItsOwn() {
    run("SET k 1", "SET k 2");
    Keyspace view = new Keyspace();
    view.load(server.store.past().at(1));
    TreeSink sink = new TreeSink();

    new CommandExecutor(view)
        .read(
            requireNonNull(DataServer.TABLE.lookup(Arguments.of("history"))).keyspaceCommand(),
            Arguments.of("history", "k"),
            0,
            server.store.past().at(1),
            server.context(),
            sink);

    assertThat(sink.take()).isEqualTo("-ERR the past is asked in the present only");
  }

  @Test
  void aVersionOfAHashHasTheFieldsThatWereThereAtItsTime() {
    run("HSET h a 1 b 2", "HPEXPIRE h 10 FIELDS 1 a");
    server.stampMillis += 20;
    run("HSET h c 3");
    server.sweepExpired(10);

    assertThat(history("h")).containsExactly("4 expired 2", "3 hset 2", "2 hpexpire 2", "1 hset 2");
  }

  @Test
  void aFieldTellsWhenItExpires() {
    run("HSET h a 1 b 2", "HPEXPIRE h 10 FIELDS 1 a");

    assertThat(call("HISTORY h FIELD a COUNT 1").toString())
        .isEqualTo("[[2, 1700000000002, \"hpexpire\", \"hash\", \"1\", 1700000000012]]");
    server.stampMillis += 20;
    server.sweepExpired(10);
    assertThat(history("h FIELD a"))
        .containsExactly("3 expired nil", "2 hpexpire \"1\"", "1 hset \"1\"");
  }

  @Test
  void aFieldThatWasOverDoesNotComeAlongWithARename() {
    run("HSET h a 1 b 2", "HPEXPIRE h 10 FIELDS 1 a", "HSET other a 9");
    server.stampMillis += 20;
    run("RENAME h other");

    assertThat(history("other FIELD a")).containsExactly("4 rename nil", "3 hset \"9\"");
    assertThat(history("other FIELD b")).containsExactly("4 rename \"2\"");
  }

  @Test
  void whatWasOverAtTheHorizonIsNotEarlier() {
    run("HSET gone a 1", "HPEXPIRE gone 10 FIELDS 1 a", "HSET h a 1 b 2");
    run("HPEXPIRE h 10 FIELDS 1 a");
    server.stampMillis += 20;
    run("SET other 1");
    server.store.raiseHorizon(5);

    assertThat(history("gone")).isEmpty();
    assertThat(history("gone FIELD a")).isEmpty();
    assertThat(history("h FIELD a")).isEmpty();
    assertThat(history("h")).containsExactly("4 earlier 1");
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

  /** Revision, operation, value and the other name of each event. */
  private List<String> history(String arguments) {
    List<String> events = new ArrayList<>();
    for (Object each : (List<?>) call("HISTORY " + arguments)) {
      List<?> event = (List<?>) each;
      events.add(
          event.get(0)
              + " "
              + event.get(2).toString().replace("\"", "")
              + " "
              + event.get(4)
              + (event.size() > 6 ? " " + event.get(6) : ""));
    }
    return events;
  }
}
