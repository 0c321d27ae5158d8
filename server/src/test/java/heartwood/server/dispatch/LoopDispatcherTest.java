package heartwood.server.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoopDispatcherTest {
  // CRC-16 of the keys, as the Redis Cluster specification has it: foo 12182, bar 5061.

  // ---- Order ----

  @Test
  void aConnectionIsAnsweredInTheOrderOfItsCommandsWhateverTheirWay() {
    DispatchRig rig = new DispatchRig().lead();
    ScriptedClient client = rig.client();

    client.send("GET n", "SET n 1", "PING", "GET n", "INCR", "INCR n", "NO SUCH", "GET n", "PING");
    rig.settle();

    assertThat(client.heard)
        .containsExactly(
            "$-1",
            "+OK",
            "+PONG",
            "$1 1",
            "-ERR wrong number of arguments for 'incr' command",
            ":2",
            "-ERR unknown command 'NO', with args beginning with: 'SUCH'",
            "$1 2",
            "+PONG");
  }

  @Test
  void clientsOfOneTurnAreServedInTheOrderInWhichTheyCame() {
    DispatchRig rig = new DispatchRig().lead();
    ScriptedClient first = rig.client();
    ScriptedClient second = rig.client();

    first.send("INCR n");
    second.send("INCR n");
    first.send("INCR n");
    rig.settle();

    assertThat(first.heard).containsExactly(":1", ":3");
    assertThat(second.heard).containsExactly(":2");
  }

  @Test
  void whatMustGoAnotherWayWaitsUntilAllBeforeItIsAnswered() {
    DispatchRig rig = new DispatchRig().lead();
    ScriptedClient client = rig.client();

    client.send("GET n", "GET n", "SET n 1");
    assertThat(client.isHeld()).as("a write behind reads that are on their way").isTrue();
    assertThat(client.unansweredCount()).isEqualTo(2);
    rig.settle();

    assertThat(client.isHeld()).isFalse();
    assertThat(client.heard).containsExactly("$-1", "$-1", "+OK");
  }

  @Test
  void aSkippedReplyIsThatOfTheNextCommandAlsoWhenItIsHeld() {
    DispatchRig rig = new DispatchRig().lead();
    ScriptedClient client = rig.client();

    client.send("CLIENT REPLY SKIP", "GET n", "GET n", "CLIENT REPLY SKIP", "SET n 1", "GET n");
    assertThat(client.isHeld()).isTrue();
    rig.settle();

    assertThat(client.heard).containsExactly("", "$-1", "$1 1"); // SKIP says nothing.
  }

  @Test
  void aReadBehindAnUnansweredWriteGoesWithItAndCostsNoRound() {
    DispatchRig rig = new DispatchRig().lead();
    long rounds = rig.readRounds();
    ScriptedClient client = rig.client();

    client.send("SET n 1", "GET n");
    assertThat(client.isHeld()).isFalse();
    rig.settle();
    assertThat(client.heard).containsExactly("+OK", "$1 1");
    assertThat(rig.readRounds()).isEqualTo(rounds);

    client.send("GET n");
    rig.settle();
    assertThat(client.heard).endsWith("$1 1");
    assertThat(rig.readRounds()).as("a read with nothing before it").isEqualTo(rounds + 1);
  }

  @Test
  void aLeaderWithoutRoomTakesNoDataButDeletesAndReads() {
    DispatchRig rig = new DispatchRig().lead();
    ScriptedClient client = rig.client();
    client.send("SET n 1", "SET m 1");
    rig.settle();
    rig.refusalOfData = "MISCONF no room";

    client.send("SET n 2", "GET n", "DEL m", "EXPIRE n 100", "APPEND n 3");
    rig.settle();
    rig.refusalOfData = null;
    client.send("APPEND n 0");
    rig.settle();

    assertThat(client.heard)
        .containsExactly(
            "+OK", "+OK", "-MISCONF no room", "$1 1", ":1", ":1", "-MISCONF no room", ":2");
  }

  @Test
  void whoHasTooMuchUnansweredIsNotReadFrom() {
    DispatchRig rig = new DispatchRig().lead();
    rig.isPeerUp = false;
    ScriptedClient client = rig.client();

    client.send(Collections.nCopies(10_001, "INCR n").toArray(new String[0]));
    rig.settle();
    assertThat(client.unansweredCount()).isEqualTo(10_000);
    assertThat(client.isHeld()).isTrue();
    rig.follow().lead();

    assertThat(client.isHeld()).isFalse();
  }

  @Test
  void aClientThatSentMuchIsNotReadFromUntilAllOfItIsAnswered() {
    DispatchRig rig = new DispatchRig().lead();
    rig.isPeerUp = false;
    ScriptedClient client = rig.client();

    client.send(Collections.nCopies(20, "SET foo " + "x".repeat(100_000)).toArray(new String[0]));
    rig.settle();
    assertThat(client.unansweredCount()).isEqualTo(11);
    assertThat(client.isHeld()).isTrue();
    rig.reconnectPeer();

    assertThat(client.isHeld()).isFalse();
    assertThat(client.heard).hasSize(20);
  }

  @Test
  void whoWantsNoReplyHearsNothingAndIsServed() {
    DispatchRig rig = new DispatchRig().lead();
    ScriptedClient client = rig.client();

    client.isSilent = true;
    client.send("SET n 1", "PING", "GET n", "INCR");
    rig.settle();
    client.isSilent = false;
    client.send("GET n");
    rig.settle();

    assertThat(client.heard).containsExactly("$1 1");
  }

  // ---- All clients together ----

  @Test
  void whenAllTogetherHaveMuchUnansweredNobodyGetsAhead() {
    DispatchRig rig = DispatchRig.withBacklog(1000).lead();
    ScriptedClient first = rig.client();
    ScriptedClient second = rig.client();

    first.send("SET n " + "v".repeat(500), "GET n");
    assertThat(first.isHeld()).as("its own second command").isTrue();
    second.send("GET n");
    assertThat(second.isHeld()).as("the first command of another").isFalse();
    rig.settle();

    assertThat(first.heard).hasSize(2).first().isEqualTo("+OK");
    assertThat(second.heard).hasSize(1);
    assertThat(rig.backlog.bytes()).isZero();
  }

  @Test
  void whatWouldTakeMemoryThatIsNotThereIsRefusedAndNotExecuted() {
    DispatchRig rig = DispatchRig.withBacklog(1000).lead();
    ScriptedClient first = rig.client();
    ScriptedClient second = rig.client();

    first.send("SET n " + "v".repeat(1000));
    second.send("INCR m", "GET m");
    rig.settle();
    second.send("GET m", "INCR m");
    rig.settle();

    assertThat(first.heard).containsExactly("+OK");
    assertThat(second.heard)
        .containsExactly(
            "-OOM command not allowed when the commands that wait take an eighth of this node's"
                + " memory",
            "$-1",
            "$-1",
            ":1");
  }

  @Test
  void whoIsGoneIsNotCountedAnyMore() {
    DispatchRig rig = DispatchRig.withBacklog(1000).lead();
    rig.isDiskStuck = true;
    ScriptedClient client = rig.client();
    client.send("SET n " + "v".repeat(1000));
    assertThat(rig.backlog.isFull()).isTrue();

    client.isGone = true;
    client.discharge();
    assertThat(rig.backlog.bytes()).isZero();
    rig.isDiskStuck = false;
    rig.settle();

    assertThat(rig.backlog.bytes()).as("it is answered, and counted once").isZero();
  }

  // ---- Slots and redirects ----

  @Test
  void aFollowerNamesTheSlotAndTheLeader() {
    DispatchRig rig = new DispatchRig().follow();
    ScriptedClient client = rig.client();

    client.send("GET foo", "SET bar 1", "DEL {foo}1 {foo}2", "PING");

    assertThat(client.heard)
        .containsExactly(
            "-MOVED 12182 host3:7003",
            "-MOVED 5061 host3:7003",
            "-MOVED 12182 host3:7003",
            "+PONG");
  }

  @Test
  void keysOfSeveralSlotsAreRefusedWhetherThisNodeLeadsOrNot() {
    for (DispatchRig rig :
        new DispatchRig[] {new DispatchRig().lead(), new DispatchRig().follow()}) {
      ScriptedClient client = rig.client();

      client.send("MSET foo 1 bar 2");

      assertThat(client.heard)
          .containsExactly("-CROSSSLOT Keys in request don't hash to the same slot");
    }
  }

  @Test
  void keysOfSeveralSlotsAreTakenWhereThatIsAllowedAndFromProxiedClients() {
    DispatchRig rig = new DispatchRig().lead();
    ScriptedClient proxied = rig.proxiedClient().send("MSET foo 1 bar 2");
    rig.allowsCrossSlot = true;
    ScriptedClient redirected = rig.client().send("MSET foo 1 bar 2", "MSET {foo}1 1 {foo}2 2");
    rig.settle();

    assertThat(proxied.heard).containsExactly("+OK");
    assertThat(redirected.heard).containsExactly("+OK", "+OK");
  }

  @Test
  void whatHasNoKeysIsForwardedSinceNoRedirectCanNameASlot() {
    DispatchRig rig = new DispatchRig().follow();
    ScriptedClient client = rig.client();

    client.send("DBSIZE");

    assertThat(rig.forwarded).containsExactly("client 1 dbsize");
    assertThat(client.heard).isEmpty();
  }

  @Test
  void aProxiedClientIsForwardedAndWaitsWithWhatIsAnsweredHere() {
    for (String answeredHere : List.of("PING", "NO SUCH", "GET")) {
      DispatchRig rig = new DispatchRig().follow();
      ScriptedClient client = rig.proxiedClient();

      client.send("SET foo 1", "GET bar", answeredHere);
      assertThat(rig.forwarded).containsExactly("client 1 set", "client 1 get");
      client.deliver("+OK");
      rig.settle();
      assertThat(client.heard).as("what overtakes GET").containsExactly("+OK");
      client.deliver("$1 1");
      rig.settle();

      assertThat(client.heard).as(answeredHere).hasSize(3).startsWith("+OK", "$1 1");
    }
  }

  @Test
  void whatAnotherProxyForwardedIsNotForwardedAgain() {
    DispatchRig rig = new DispatchRig().follow();
    ScriptedClient client = rig.proxiedClient();
    client.isForwarded = true;

    client.send("SET foo 1");

    assertThat(client.heard)
        .containsExactly("-CLUSTERDOWN The leader changed, the command was not executed");
    assertThat(rig.forwarded).isEmpty();
  }

  @Test
  void afterReadonlyAFollowerAnswersReadsFromWhatItHas() {
    DispatchRig rig = new DispatchRig().lead();
    rig.client().send("SET foo 1");
    rig.settle();
    rig.follow();
    ScriptedClient client = rig.client();
    client.isReadOnly = true;

    client.send("GET foo", "PING", "SET foo 2");
    rig.settle();

    assertThat(client.heard).containsExactly("$1 1", "+PONG", "-MOVED 12182 host3:7003");
  }

  // ---- Waiting for a leader ----

  @Test
  void commandsOverDataWaitForALeaderAndGoOnWhenThereIsOne() {
    DispatchRig rig = new DispatchRig();
    ScriptedClient client = rig.client();

    client.send("PING", "SET foo 1", "GET foo");
    rig.settle();
    assertThat(client.heard).containsExactly("+PONG");
    assertThat(client.isHeld()).isTrue();
    rig.lead();

    assertThat(client.heard).containsExactly("+PONG", "+OK", "$1 1");
  }

  @Test
  void whoWaitedForALeaderIsRedirectedWhenItIsAnother() {
    DispatchRig rig = new DispatchRig();
    ScriptedClient client = rig.client().send("SET foo 1");

    rig.follow();

    assertThat(client.heard).containsExactly("-MOVED 12182 host3:7003");
  }

  @Test
  void whoWaitedLongEnoughHearsThatThereIsNoLeader() {
    DispatchRig rig = new DispatchRig(300);
    rig.leadership.set(new Leadership(false, 0, null, null, System.nanoTime()));
    ScriptedClient client = rig.client().send("SET foo 1", "PING");
    rig.dispatcher.onTick();
    assertThat(client.isHeld()).isTrue();

    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (client.isHeld() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      rig.dispatcher.onTick();
    }

    assertThat(client.heard)
        .containsExactly(
            "-CLUSTERDOWN No leader elected yet, the command was not executed", "+PONG");
  }

  @Test
  void whoComesLateHearsAtOnceThatThereIsNoLeader() {
    DispatchRig rig = new DispatchRig(300);
    long longAgo = System.nanoTime() - TimeUnit.SECONDS.toNanos(1);
    rig.leadership.set(new Leadership(false, 0, null, null, longAgo));

    ScriptedClient client = rig.client().send("GET foo");

    assertThat(client.heard)
        .containsExactly("-CLUSTERDOWN No leader elected yet, the command was not executed");
  }

  // ---- Faults ----

  @Test
  void aConnectionCommandThatThrowsIsAnInternalErrorAndLeavesTheConnectionInOrder() {
    DispatchRig rig = new DispatchRig().lead();
    ScriptedClient client = rig.client();

    client.send("SET n 1", "TIME", "GET n");
    rig.settle();

    assertThat(client.heard).containsExactly("+OK", "-ERR internal error", "$1 1");
  }
}
