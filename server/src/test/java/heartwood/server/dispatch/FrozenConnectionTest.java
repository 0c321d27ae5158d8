package heartwood.server.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.RespVersion;
import heartwood.server.command.ConnectionFamilies;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** CLIENT ASOF and user names with a moment: connections that read the past and nothing else. */
@Timeout(60)
class FrozenConnectionTest {
  private static final int SECOND = 1000;
  private static final String PASSWORD = ConnectionFamilies.PASSWORD;

  private final DispatchRig rig = new DispatchRig();
  private ScriptedClient client = rig.client();
  private long before;
  private long beforeMillis;
  private long after;

  /** A key with an old and a new value, a second apart, and a second ago. */
  @BeforeEach
  void lead() {
    rig.lead();
    assertThat(call("SET foo old")).isEqualTo("+OK");
    before = rig.state.applied().present().revision();
    beforeMillis = rig.state.stampMillis();
    assertThat(call("SET foo new")).isEqualTo("+OK");
    after = rig.state.applied().present().revision();
  }

  /** What a command is answered; a second passes after it. */
  private String call(String command) {
    client.send(command);
    rig.settle();
    rig.clockMillis += SECOND;
    assertThat(client.heard).as(command).isNotEmpty();
    return client.heard.remove(client.heard.size() - 1);
  }

  private String frozenError(String wish) {
    return "-ASOF connection is frozen at @"
        + before
        + " (2023-11-14T22:13:20.000Z); CLIENT ASOF OFF to "
        + wish;
  }

  // ---- CLIENT ASOF ----

  @Test
  void aFrozenConnectionReadsAsOfItsMomentAndWritesNothing() {
    assertThat(call("CLIENT ASOF @" + before)).isEqualTo("+OK");

    assertThat(call("GET foo")).isEqualTo("$3 old");
    assertThat(call("DBSIZE")).isEqualTo(":1");
    assertThat(call("SET foo no")).isEqualTo(frozenError("write"));
    assertThat(call("FLUSHALL")).isEqualTo(frozenError("write"));
    assertThat(call("PING")).isEqualTo("+PONG");
    assertThat(call("CLIENT ASOF OFF")).isEqualTo("+OK");
    assertThat(call("GET foo")).isEqualTo("$3 new");
    assertThat(call("SET foo newer")).isEqualTo("+OK");
  }

  @Test
  void aFrozenConnectionTellsWhereItIs() {
    assertThat(call("CLIENT ASOF")).isEqualTo("$-1");
    assertThat(call("CLIENT INFO")).doesNotContain("asof=");

    assertThat(call("CLIENT ASOF @" + before)).isEqualTo("+OK");

    assertThat(call("CLIENT ASOF")).isEqualTo("*2 :" + before + " :" + beforeMillis);
    assertThat(call("CLIENT INFO")).contains(" asof=@" + before);
  }

  @Test
  void aTimeAgoIsMadeOutWhenItIsSetAndStaysWhatItIs() {
    assertThat(call("CLIENT ASOF -1500ms")).isEqualTo("+OK");
    String where = call("CLIENT ASOF");

    assertThat(where).isEqualTo("*2 :" + before + " :" + (beforeMillis + 500));
    for (int i = 0; i < 3; i++) {
      assertThat(call("GET foo")).isEqualTo("$3 old");
    }
    assertThat(call("CLIENT ASOF")).isEqualTo(where);
  }

  @Test
  void aSlidingConnectionFollowsThePresentAtADistance() {
    assertThat(call("CLIENT ASOF -2500ms SLIDE")).isEqualTo("+OK");

    assertThat(call("GET foo")).as("half a second after the first write").isEqualTo("$3 old");
    assertThat(call("GET foo")).as("half a second after the second").isEqualTo("$3 new");
    assertThat(call("CLIENT ASOF")).isEqualTo("*2 :" + after + " :" + (beforeMillis + 2500));
    assertThat(call("CLIENT INFO")).contains(" asof=-2500ms");
    assertThat(call("SET foo no"))
        .isEqualTo(
            "-ASOF connection is frozen at a time that slides along; CLIENT ASOF OFF to write");
    assertThat(call("SCAN 7")).matches("-ASOF use @\\d+ to continue this scan");
  }

  @Test
  void whatTheClockSaysIsFrozenAsWell() {
    call("SET brief 1 PX 1500");
    rig.clockMillis += 10 * SECOND;
    call("GET foo");

    assertThat(call("CLIENT ASOF " + (beforeMillis + 3400))).isEqualTo("+OK");
    assertThat(call("PTTL brief")).isEqualTo(":100");
    assertThat(call("PTTL brief")).isEqualTo(":100");
    assertThat(call("CLIENT ASOF " + (beforeMillis + 3500))).isEqualTo("+OK");
    assertThat(call("EXISTS brief")).as("nothing was written in between").isEqualTo(":0");
  }

  @Test
  void atHasItsOwnTimeInAFrozenConnection() {
    assertThat(call("CLIENT ASOF @" + before)).isEqualTo("+OK");

    assertThat(call("AT now GET foo")).isEqualTo("$3 new");
    assertThat(call("AT @0 GET foo")).isEqualTo("$-1");
    assertThat(call("GET foo")).isEqualTo("$3 old");
  }

  @Test
  void aScanGoesOnInAFrozenConnection() {
    assertThat(call("CLIENT ASOF -1s")).isEqualTo("+OK");

    assertThat(call("SCAN 7")).startsWith("*2 ");
  }

  @Test
  void whatHasNoPastIsRefusedWithAClearText() {
    assertThat(call("CLIENT ASOF @" + before)).isEqualTo("+OK");

    assertThat(call("OBJECT FREQ foo")).isEqualTo("-ERR 'OBJECT FREQ' has no past");
  }

  @Test
  void presentMeansThePresentOfTheWholeCluster() {
    long rounds = rig.readRounds();

    assertThat(call("CLIENT ASOF now")).isEqualTo("+OK");
    rig.client().send("SET foo newer");
    rig.settle();

    assertThat(call("GET foo")).isEqualTo("$3 new");
    assertThat(rig.readRounds()).isEqualTo(rounds + 1);
  }

  @Test
  void aMomentThatCannotBeMadeOutFreezesNothing() {
    rig.state.store().raiseHorizon(before);

    assertThat(call("CLIENT ASOF @1")).startsWith("-COMPACTED @1 is forgotten");
    assertThat(call("CLIENT ASOF @1000")).startsWith("-FUTURE @1000 is not there yet");
    assertThat(call("CLIENT ASOF " + (rig.clockMillis + SECOND))).startsWith("-FUTURE ");
    assertThat(call("CLIENT ASOF #nowhere")).isEqualTo("-ERR no such pin 'nowhere'");
    assertThat(call("CLIENT ASOF soon")).isEqualTo("-ERR invalid time 'soon'");
    assertThat(call("CLIENT ASOF @1 SLIDE")).isEqualTo("-ERR SLIDE needs a time ago, such as -5m");
    assertThat(call("CLIENT ASOF -5m SIDE")).isEqualTo("-ERR syntax error");
    assertThat(call("CLIENT ASOF")).isEqualTo("$-1");
    assertThat(call("GET foo")).isEqualTo("$3 new");
  }

  @Test
  void aMomentThatIsForgottenLaterIsRefused() {
    assertThat(call("CLIENT ASOF @" + before)).isEqualTo("+OK");
    rig.state.store().raiseHorizon(before + 1);

    assertThat(call("GET foo")).startsWith("-COMPACTED @" + before);
  }

  @Test
  void resetThaws() {
    assertThat(call("CLIENT ASOF @" + before)).isEqualTo("+OK");
    assertThat(call("RESET")).isEqualTo("+RESET");
    assertThat(call("AUTH " + PASSWORD)).isEqualTo("+OK");

    assertThat(call("GET foo")).isEqualTo("$3 new");
  }

  @Test
  void aFrozenConnectionKeepsItsOrder() {
    client.send(
        "INCR n",
        "CLIENT ASOF @" + before,
        "GET foo",
        "PING",
        "GET foo",
        "CLIENT ASOF OFF",
        "INCR n",
        "GET foo");
    rig.settle();

    assertThat(client.heard)
        .containsExactly(":1", "+OK", "$3 old", "+PONG", "$3 old", "+OK", ":2", "$3 new");
  }

  @Test
  void aSilentConnectionIsFrozenInSilence() {
    client.isSilent = true;
    client.send("CLIENT ASOF @" + before);
    rig.settle();
    assertThat(client.heard).isEmpty();
    client.isSilent = false;

    assertThat(call("GET foo")).isEqualTo("$3 old");
  }

  // ---- On followers ----

  @Test
  void aFollowerServesFrozenReadsByItself() {
    rig.isPeerUp = false;
    rig.follow();
    for (ScriptedClient each : List.of(rig.client(), rig.proxiedClient())) {
      client = each;
      assertThat(call("CLIENT ASOF @" + before)).isEqualTo("+OK");
      assertThat(call("GET foo")).as("no redirect").isEqualTo("$3 old");
      assertThat(call("SET foo 1"))
          .as("no redirect, and not READONLY")
          .isEqualTo(frozenError("write"));
      assertThat(call("WAIT 1 10")).isEqualTo(frozenError("wait"));
    }
    assertThat(rig.forwarded).isEmpty();
  }

  @Test
  void aFollowerAsksTheLeaderWhatThePresentIs() {
    rig.follow();
    client.send("CLIENT ASOF now", "GET foo");
    assertThat(rig.forwardedRequests).containsExactly("at now withrev");
    assertThat(client.isHeld()).isTrue();

    client.deliver("*2 :" + before + " :" + beforeMillis);
    rig.settle();

    assertThat(client.heard).containsExactly("+OK", "$3 old");
  }

  @Test
  void whatTheLeaderRefusesIsTheAnswer() {
    rig.follow();
    client.send("CLIENT ASOF now", "CLIENT ASOF");

    client.deliver("-" + ErrorReplies.NOT_EXECUTED);
    rig.settle();

    assertThat(client.heard).containsExactly("-" + ErrorReplies.NOT_EXECUTED, "$-1");
  }

  // ---- User names ----

  @Test
  void aUserNameMayCarryAMoment() {
    assertThat(call("AUTH default~@" + before + " " + PASSWORD)).isEqualTo("+OK");
    assertThat(call("GET foo")).isEqualTo("$3 old");
    assertThat(call("SET foo no")).isEqualTo(frozenError("write"));

    client = rig.proxiedClient();
    assertThat(call("HELLO 2 AUTH default~-4500ms " + PASSWORD + " SETNAME x")).startsWith("*14 ");
    assertThat(call("CLIENT ASOF")).isEqualTo("*2 :" + before + " :" + (beforeMillis + 500));
    assertThat(call("CLIENT GETNAME")).isEqualTo("$1 x");
  }

  @Test
  void aLoginWithoutItsPasswordIsToldNothingOfMoments() {
    for (String user : List.of("default~@" + before, "default~soon", "nobody~-5m", "nobody", "~")) {
      assertThat(call("AUTH " + user + " wrong"))
          .isEqualTo("-WRONGPASS invalid username-password pair or user is disabled.");
    }
    assertThat(call("CLIENT ASOF")).isEqualTo("$-1");
  }

  @Test
  void aMomentThatIsNoneFailsTheLogin() {
    rig.state.store().raiseHorizon(before);
    client = rig.unknownClient();

    assertThat(call("AUTH default~soon " + PASSWORD)).isEqualTo("-ERR invalid time 'soon'");
    assertThat(call("AUTH default~@1 " + PASSWORD)).startsWith("-COMPACTED @1");
    assertThat(call("HELLO 3 AUTH default~@1 " + PASSWORD)).startsWith("-COMPACTED @1");
    assertThat(client.connection().state().version()).isEqualTo(RespVersion.RESP2);
    assertThat(call("GET foo")).isEqualTo("-NOAUTH Authentication required.");
    assertThat(call("AT @" + before + " GET foo")).isEqualTo("-NOAUTH Authentication required.");
    assertThat(call("CLIENT ASOF @" + before)).isEqualTo("-NOAUTH Authentication required.");
    assertThat(call("AUTH default~@" + before + " " + PASSWORD)).isEqualTo("+OK");
    assertThat(call("GET foo")).isEqualTo("$3 old");
  }
}
