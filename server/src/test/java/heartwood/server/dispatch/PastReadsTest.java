package heartwood.server.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** AT: reads as of a moment. */
@Timeout(60)
class PastReadsTest {
  private static final int SECOND = 1000;

  private final DispatchRig rig = new DispatchRig();
  private ScriptedClient client = rig.client();

  @BeforeEach
  void lead() {
    rig.lead();
  }

  /** What a command is answered; a second passes after it. */
  private String call(String command) {
    client.send(command);
    rig.settle();
    rig.clockMillis += SECOND;
    assertThat(client.heard).as(command).isNotEmpty();
    return client.heard.remove(client.heard.size() - 1);
  }

  /** The present revision. */
  private long revision() {
    return rig.state.applied().present().revision();
  }

  private void apply(String... commands) {
    for (String command : commands) {
      assertThat(call(command)).as(command).doesNotStartWith("-");
    }
  }

  // ---- What is answered ----

  @Test
  void aPastReadIsAnsweredWhatTheCommandWasAnsweredThen() {
    apply("SET k old");
    long before = revision();
    long millis = rig.clockMillis;
    rig.clockMillis += SECOND;
    apply("SET k new");

    assertThat(call("AT " + millis + " GET k")).isEqualTo("$3 old");
    assertThat(call("AT @" + before + " GET k")).isEqualTo("$3 old");
    assertThat(call("AT -4s GET k")).as("by now four seconds ago").isEqualTo("$3 old");
    assertThat(call("AT -4s GET k")).isEqualTo("$3 new");
    assertThat(call("AT now GET k")).isEqualTo("$3 new");
    assertThat(call("AT -0s GET k")).isEqualTo("$3 new");
    assertThat(call("at 2023-11-14T22:13:20.500Z get k")).isEqualTo("$3 old");
  }

  @Test
  void withrevTellsTheRevisionAndTheTimeThatTheReplyIsOf() {
    apply("SET k old");
    long before = revision();
    long stamp = rig.state.applied().present().stampMillis();
    apply("SET k new");

    assertThat(call("AT " + (stamp + 5) + " WITHREV GET k"))
        .isEqualTo("*3 :" + before + " :" + (stamp + 5) + " $3 old");
    assertThat(call("AT @" + before + " withrev GET k"))
        .isEqualTo("*3 :" + before + " :" + stamp + " $3 old");
    assertThat(call("AT now WITHREV GET k"))
        .isEqualTo("*3 :" + revision() + " :" + (stamp + SECOND) + " $3 new");
  }

  @Test
  void withrevAloneTellsWhatAMomentComesTo() {
    apply("SET k old");
    long before = revision();
    long stamp = rig.state.applied().present().stampMillis();
    apply("SET k new");

    assertThat(call("AT " + (stamp + 5) + " WITHREV"))
        .isEqualTo("*2 :" + before + " :" + (stamp + 5));
  }

  @Test
  void aKeyIsThereAtATimeIfItsExpiryIsLater() {
    long begin = rig.clockMillis;
    apply("SET k 1 PX 5000", "SET other 1", "SET other 2");
    rig.clockMillis += 10 * SECOND;
    for (String whatLands : List.of("nothing", "a later entry", "the removal")) {
      if (whatLands.equals("a later entry")) {
        apply("SET other 3");
      } else if (whatLands.equals("the removal")) {
        rig.writePath.proposeSweep();
        rig.settle();
      }
      assertThat(call("AT " + (begin + 4999) + " EXISTS k")).as(whatLands).isEqualTo(":1");
      assertThat(call("AT " + (begin + 5000) + " EXISTS k")).as(whatLands).isEqualTo(":0");
      assertThat(call("AT " + (begin + 4000) + " PTTL k")).as(whatLands).isEqualTo(":1000");
      assertThat(call("AT " + (begin + 5001) + " DBSIZE")).as(whatLands).isEqualTo(":1");
    }
  }

  @Test
  void aDeletedKeyIsThereBeforeAndNotAfter() {
    apply("HSET h f 1 g 2");
    long before = revision();
    apply("DEL h");
    long after = revision();
    apply("SET h text");

    assertThat(call("AT @" + before + " HGET h g")).isEqualTo("$1 2");
    assertThat(call("AT @" + after + " HGET h g")).isEqualTo("$-1");
    assertThat(call("AT @" + after + " HGETALL h")).isEqualTo("*0");
  }

  @Test
  void aTypeIsThatOfThen() {
    apply("SET k text");
    long before = revision();
    apply("DEL k", "HSET k f 1");

    assertThat(call("AT @" + before + " HGETALL k"))
        .isEqualTo("-WRONGTYPE Operation against a key holding the wrong kind of value");
    assertThat(call("AT @" + before + " TYPE k")).isEqualTo("+string");
    assertThat(call("TYPE k")).isEqualTo("+hash");
  }

  @Test
  void databasesAreThoseOfThen() {
    apply("SET k zero");
    long before = revision();
    apply("SWAPDB 0 1");
    long swapped = revision();
    apply("SET k one");
    long both = revision();
    apply("FLUSHALL");

    assertThat(call("AT @" + before + " GET k")).isEqualTo("$4 zero");
    assertThat(call("AT @" + swapped + " GET k")).isEqualTo("$-1");
    assertThat(call("AT @" + both + " GET k")).isEqualTo("$3 one");
    assertThat(call("AT @" + both + " DBSIZE")).isEqualTo(":1");
    assertThat(call("AT now DBSIZE")).isEqualTo(":0");
    assertThat(call("AT @" + before + " KEYS *")).isEqualTo("*1 $1 k");
  }

  @Test
  void databasesAreCountedInTheMidstOfAnEntryAsWell() {
    apply("SET a 1", "SET b 1");
    long before = revision();
    client.send("SET c 1", "DEL a", "SET c 2", "SET d 1", "FLUSHDB", "SET e 1");
    rig.settle();
    client.heard.clear();

    for (String where : List.of("in memory", "in tables")) {
      int[] expected = {2, 3, 2, 2, 3, 0, 1, 1};
      for (int i = 0; i < expected.length; i++) {
        assertThat(call("AT @" + (before + i) + " DBSIZE")).as(where).isEqualTo(":" + expected[i]);
      }
      rig.state.store().checkpoint();
    }
  }

  @Test
  void beforeTheFirstWriteThereIsNothing() {
    apply("SET k 1");

    assertThat(call("AT @0 GET k")).isEqualTo("$-1");
    assertThat(call("AT @0 DBSIZE")).isEqualTo(":0");
    assertThat(call("AT 1s GET k")).isEqualTo("$-1");
    assertThat(call("AT 1969-12-31T00:00:00Z GET k")).isEqualTo("$-1");
    assertThat(call("AT -3000w GET k")).isEqualTo("$-1");
  }

  @Test
  void whatIsForgottenIsRefusedAndTheHorizonIsServed() {
    apply("SET k old");
    long horizon = revision();
    apply("SET k new");
    rig.state.store().raiseHorizon(horizon);

    assertThat(call("AT @" + horizon + " GET k")).isEqualTo("$3 old");
    assertThat(call("AT @" + (horizon - 1) + " GET k"))
        .startsWith(
            "-COMPACTED @" + (horizon - 1) + " is forgotten: the oldest moment is @" + horizon);
    assertThat(call("AT 1s GET k")).startsWith("-COMPACTED 1970-01-01T00:00:01.000Z is forgotten");
  }

  @Test
  void whatOneCommandWritesIsNeverSeenHalfWay() {
    for (int i = 0; i < 3; i++) {
      client.send("MSET {a}1 " + i + " {a}2 " + i);
    }
    rig.settle();
    client.heard.clear();
    long last = revision();

    for (long revision = 0; revision <= last; revision++) {
      String[] values = call("AT @" + revision + " MGET {a}1 {a}2").split(" ", -1);
      assertThat(values[values.length - 1]).isEqualTo(values[values.length == 3 ? 1 : 2]);
    }
  }

  @Test
  void aPinIsAMomentOnEveryNode() {
    apply("SET k old", "TIMELINE PIN here now", "SET k new");

    assertThat(call("AT #here GET k")).isEqualTo("$3 old");
    rig.isPeerUp = false;
    rig.follow();
    assertThat(call("AT #here GET k")).isEqualTo("$3 old");
    assertThat(call("AT #here SCAN 0")).isEqualTo("*2 $1 0 *1 $1 k");
  }

  @Test
  void whatACheckpointHasWrittenIsAnsweredAlike() {
    apply("HSET h f 1 g 2", "SET k old");
    long before = revision();
    apply("DEL h", "SET k new", "FLUSHALL");
    rig.state.store().checkpoint();

    assertThat(call("AT @" + before + " HMGET h f g")).isEqualTo("*2 $1 1 $1 2");
    assertThat(call("AT @" + before + " GET k")).isEqualTo("$3 old");
  }

  // ---- What may be asked ----

  @Test
  void onlyWhatReadsTheKeyspaceHasAPast() {
    assertThat(call("AT -5m PING")).isEqualTo("-ERR 'PING' has no past");
    assertThat(call("AT -5m SET k 1")).isEqualTo("-ERR 'SET' has no past");
    assertThat(call("AT -5m OBJECT FREQ k")).isEqualTo("-ERR 'OBJECT FREQ' has no past");
    assertThat(call("AT -5m HISTORY k")).isEqualTo("-ERR 'HISTORY' has no past");
    assertThat(call("AT -5m TIMELINE NOW")).isEqualTo("-ERR 'TIMELINE NOW' has no past");
    assertThat(call("AT -5m AT -5m GET k")).isEqualTo("-ERR 'AT' has no past");
  }

  @Test
  void errorsOfTheInnerCommandAreItsOwn() {
    apply("SET k 1");
    rig.clockMillis += SECOND;

    assertThat(call("AT -1s GET")).isEqualTo("-ERR wrong number of arguments for 'get' command");
    assertThat(call("AT -1s NOSUCH x"))
        .isEqualTo("-ERR unknown command 'NOSUCH', with args beginning with: 'x'");
    assertThat(call("AT -1s GETRANGE k x 1"))
        .isEqualTo("-ERR value is not an integer or out of range");
    assertThat(call("AT -1s")).isEqualTo("-ERR wrong number of arguments for 'at' command");
    assertThat(call("AT soon GET k")).isEqualTo("-ERR invalid time 'soon'");
    assertThat(call("AT #nowhere GET k")).isEqualTo("-ERR no such pin 'nowhere'");
    assertThat(call("AT -1s MGET foo bar"))
        .isEqualTo("-CROSSSLOT Keys in request don't hash to the same slot");
  }

  @Test
  void aScanGoesOnOnlyFromARevision() {
    for (int i = 0; i < 30; i++) {
      apply("SET k" + i + " 1");
    }
    long revision = revision();
    String cursor = call("AT -0s SCAN 0").split(" ", -1)[2];

    for (String time : List.of("now", "-0s", String.valueOf(rig.clockMillis - 1))) {
      assertThat(call("AT " + time + " SCAN " + cursor))
          .matches("-ASOF use @\\d+ to continue this scan");
    }
    assertThat(call("AT @" + revision + " SCAN " + cursor)).startsWith("*2 ");
    assertThat(call("AT now HSCAN h 7")).matches("-ASOF use @\\d+ to continue this scan");
    assertThat(call("AT now HSCAN h 0")).startsWith("*2 ");
  }

  // ---- Who answers ----

  @Test
  void whatIsOverIsAnsweredByEveryNodeByItself() {
    apply("SET foo old");
    long before = revision();
    long millis = rig.clockMillis;
    rig.clockMillis += SECOND;
    apply("SET foo new");
    long rounds = rig.readRounds();

    assertThat(call("AT @" + before + " GET foo")).isEqualTo("$3 old");
    assertThat(call("AT " + millis + " GET foo")).isEqualTo("$3 old");
    assertThat(rig.readRounds()).as("nobody else is asked").isEqualTo(rounds);

    rig.isPeerUp = false;
    rig.follow();
    for (ScriptedClient each : List.of(rig.client(), rig.proxiedClient())) {
      client = each;
      assertThat(call("AT @" + before + " GET foo")).isEqualTo("$3 old");
      assertThat(call("AT " + millis + " GET foo")).isEqualTo("$3 old");
    }
    assertThat(rig.forwarded).isEmpty();
  }

  @Test
  void aFollowerForwardsWhatIsNotOverWithItsTimeInFull() {
    apply("SET foo 1");
    rig.follow();
    long now = rig.clockMillis;

    for (ScriptedClient each : List.of(rig.client(), rig.proxiedClient())) {
      each.send("AT -0s GET foo", "AT now WITHREV GET foo");
      assertThat(each.heard).isEmpty();
    }

    assertThat(rig.forwardedRequests)
        .containsExactly(
            "at " + now + " GET foo",
            "at now withrev GET foo",
            "at " + now + " GET foo",
            "at now withrev GET foo");
  }

  @Test
  void aForwardedReadThatFindsNoLeaderIsNotForwardedAgain() {
    rig.follow();
    client.isForwarded = true;

    assertThat(call("AT now GET foo")).isEqualTo("-" + ErrorReplies.NOT_EXECUTED);
  }

  @Test
  void theLeaderClosesATimeBeforeItTellsHowItWas() {
    apply("SET k old");
    rig.clockMillis += SECOND;
    long asked = rig.clockMillis;

    assertThat(call("AT -0s GET k")).isEqualTo("$3 old");
    rig.clockMillis = asked; // The leader's clock stands still.
    apply("SET k new");

    assertThat(rig.state.stampMillis()).isGreaterThan(asked);
    assertThat(call("AT " + asked + " GET k")).as("final").isEqualTo("$3 old");
  }

  @Test
  void anIdleClusterIsNotBusiedByReadsOfWhatIsOver() {
    apply("SET k 1", "SET k 2");
    long lastIndex = rig.node.core().lastIndex();

    call("AT -5s GET k");
    call("AT @3 GET k");

    assertThat(rig.node.core().lastIndex()).isEqualTo(lastIndex);
  }

  @Test
  void aReadThatNeedsTheLeaderIsNotExecutedWhenThereIsAnother() {
    apply("SET foo 1");
    rig.isPeerUp = false;

    client.send("AT -0s GET foo", "GET foo");
    rig.settle();
    rig.follow();

    assertThat(client.heard)
        .containsExactly("-" + ErrorReplies.NOT_EXECUTED, "-MOVED 12182 host3:7003");
  }

  // ---- What is still to come ----

  @Test
  void theFutureIsRefusedAndMovesNoClock() {
    apply("SET k 1");
    long stamp = rig.state.stampMillis();

    assertThat(call("AT " + (rig.clockMillis + SECOND) + " GET k"))
        .startsWith("-FUTURE 2023-11-14T22:13:22.000Z is not there yet: it is 2023-11-14T22:13:21");
    assertThat(call("AT @" + (revision() + 1) + " GET k"))
        .isEqualTo(
            "-FUTURE @" + (revision() + 1) + " is not there yet: this node is at @" + revision());

    assertThat(rig.state.stampMillis()).isEqualTo(stamp);
  }

  @Test
  void aTimeThatComesSoonIsAwaited() {
    apply("SET k 1");
    rig.momentWaitMillis = 10 * SECOND;
    client.send("AT " + (rig.clockMillis + 5 * SECOND) + " GET k", "AT now GET k");
    rig.settle();
    rig.dispatcher.onTick();
    rig.settle();
    assertThat(client.heard).isEmpty();

    rig.clockMillis += 5 * SECOND;
    rig.dispatcher.onTick();
    rig.settle();

    assertThat(client.heard).containsExactly("$1 1", "$1 1");
    assertThat(call("AT " + (rig.clockMillis + 11 * SECOND) + " GET k"))
        .as("too far away")
        .startsWith("-FUTURE ");
  }

  @Test
  void aRevisionThatTheNodeHasNotReachedIsAwaited() {
    apply("SET k old");
    rig.momentWaitMillis = 10 * SECOND;
    long next = revision() + 1;
    client.send("AT @" + next + " GET k");
    rig.settle();
    assertThat(client.heard).isEmpty();

    ScriptedClient writer = rig.client().send("SET k new");
    rig.settle();

    assertThat(writer.heard).containsExactly("+OK");
    assertThat(client.heard).containsExactly("$3 new");
  }

  @Test
  void aRevisionOfAnotherIncarnationIsRefusedAtOnceHoweverLate() {
    apply("SET k 1");
    rig.momentWaitMillis = 3600 * SECOND;
    String own = "i" + Long.toHexString(rig.state.applied().incarnation());
    String foreign = "i" + Long.toHexString(rig.state.applied().incarnation() ^ 1);

    assertThat(call("AT @" + revision() + "." + own + " GET k")).isEqualTo("$1 1");
    assertThat(call("AT @" + revision() + "." + foreign + " GET k")).startsWith("-ASOF ");
    assertThat(call("AT @999999." + foreign + " GET k")).startsWith("-ASOF @999999.i");
    assertThat(call("TIMELINE WAIT @999999." + foreign)).startsWith("-ASOF @999999.i");
    assertThat(call("CLIENT ASOF @1." + foreign)).startsWith("-ASOF ");
  }

  @Test
  void timelineWaitEndsWithTheRevisionOrItsOwnTime() {
    apply("SET k old");
    long next = revision() + 1;
    rig.momentWaitMillis = 0;
    ScriptedClient waiting = rig.client().send("TIMELINE WAIT @" + next + " 0");
    rig.settle();
    assertThat(waiting.heard).isEmpty();
    assertThat(call("TIMELINE WAIT @" + next)).startsWith("-FUTURE @" + next);

    apply("SET k new");

    assertThat(waiting.heard).hasSize(1);
    assertThat(waiting.heard.get(0)).startsWith("*2 :" + next + " :");
    assertThat(call("TIMELINE WAIT 5")).startsWith("-ERR invalid time");
    assertThat(call("TIMELINE WAIT now")).startsWith("-ERR TIMELINE WAIT takes a revision");
    assertThat(call("TIMELINE WAIT @1 x"))
        .isEqualTo("-ERR timeout is not an integer or out of range");
  }

  @Test
  void whenTheClockIsSetBackTimeStandsStillAndNoAnswerChanges() {
    apply("SET k old");
    long stamp = rig.state.stampMillis();
    rig.clockMillis -= 3600 * SECOND;

    apply("SET k new");

    assertThat(rig.state.stampMillis()).isEqualTo(stamp);
    assertThat(call("AT -0s GET k")).as("an hour ago, by the log").isEqualTo("$-1");
    assertThat(call("AT " + stamp + " GET k")).startsWith("-FUTURE ");
    assertThat(call("AT now GET k")).isEqualTo("$3 new");
  }

  @Test
  void onlyWhatIsAppliedIsPast() {
    apply("SET k old");
    rig.isPeerUp = false;
    ScriptedClient writer = rig.client().send("SET k lost");
    rig.settle();
    long tail = revision() + 1;

    assertThat(call("AT @" + tail + " GET k")).startsWith("-FUTURE @" + tail);
    rig.followCommitOf(rig.node.core().lastIndex());

    assertThat(call("AT @" + revision() + " GET k")).isEqualTo("$3 old");
    assertThat(writer.heard).hasSize(1);
  }

  // ---- Order ----

  @Test
  void aPastReadKeepsItsPlaceAmongTheCommandsOfItsConnection() {
    apply("SET n 1");
    long before = revision();
    apply("SET n 5");

    client.send(
        "INCR n",
        "AT @" + before + " GET n",
        "GET n",
        "AT now GET n",
        "INCR n",
        "AT -0s GET n",
        "AT -2s GET n",
        "GET n");
    rig.settle();

    assertThat(client.heard)
        .containsExactly(":6", "$1 1", "$1 6", "$1 6", ":7", "$1 7", "$1 1", "$1 7");
  }

  @Test
  void aReadOfWhatIsNotOverWaitsUntilTheWritesBeforeItAreAnswered() {
    apply("SET n 1");

    client.send("INCR n", "AT -0s GET n");
    assertThat(client.isHeld()).isTrue();
    rig.settle();

    assertThat(client.heard).containsExactly(":2", "$1 2");
  }
}
