package heartwood.server.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.message.Message.ReadIndexReply;
import heartwood.raft.message.Message.ReadIndexRequest;
import heartwood.raft.message.Message.TimeRequest;
import heartwood.raft.message.NodeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reads of a follower's proxy port, by a leader's lease, and of a state that must not be old. */
@Timeout(60)
class ReadModesTest {
  private static final int TICKS_UNTIL_ASKED_AGAIN = 5;

  // ---- follower-reads read-index ----

  @Test
  void aFollowersProxyAnswersOnceItHasAppliedWhatItsLeaderTold() {
    DispatchRig rig = followerWith("SET foo 1");
    ScriptedClient client = rig.proxiedClient().send("GET foo");
    rig.settle();
    long next = rig.node.core().lastIndex() + 1;
    rig.answerReadIndex(next, 0);
    assertThat(client.heard).as("the leader is ahead").isEmpty();

    rig.isApplyStuck = true;
    rig.followNext();
    assertThat(client.heard).as("committed, and not applied").isEmpty();
    rig.isApplyStuck = false;
    rig.settle();

    assertThat(client.heard).containsExactly("$1 1");
    assertThat(rig.forwarded).isEmpty();
    assertThat(rig.node.readCounters().followerReads()).isEqualTo(1);
  }

  @Test
  void byDefaultAFollowersProxyForwards() {
    DispatchRig rig = followerWith("SET foo 1");
    rig.readsAtFollower = false;

    rig.proxiedClient().send("GET foo");
    rig.settle();

    assertThat(rig.forwarded).hasSize(1);
    assertThat(rig.sentCount(ReadIndexRequest.class)).isZero();
  }

  @Test
  void aReadBehindAForwardedWriteOfItsConnectionIsForwarded() {
    DispatchRig rig = followerWith("SET foo 1");

    rig.proxiedClient().send("SET foo 2", "GET foo");
    rig.settle();

    assertThat(rig.forwardedRequests).containsExactly("SET foo 2", "GET foo");
    assertThat(rig.sentCount(ReadIndexRequest.class)).isZero();
  }

  @Test
  void aWriteWaitsForTheReadsBeforeIt() {
    DispatchRig rig = followerWith("SET foo 1");
    ScriptedClient client = rig.proxiedClient().send("GET foo", "GET foo", "SET foo 2");
    rig.settle();
    assertThat(client.isHeld()).isTrue();

    rig.answerReadIndex(0, 0);

    assertThat(client.heard).containsExactly("$1 1", "$1 1");
    assertThat(rig.forwardedRequests).containsExactly("SET foo 2");
  }

  @Test
  void theRedirectPortGoesOnRedirecting() {
    DispatchRig rig = followerWith("SET foo 1");
    ScriptedClient client = rig.client().send("GET foo");
    rig.settle();

    assertThat(client.heard).containsExactly("-MOVED 12182 host3:7003");
  }

  @Test
  void aReadWhoseLeaderIsLostIsAskedOfTheNext() {
    DispatchRig rig = followerWith("SET foo 1");
    ScriptedClient client = rig.proxiedClient().send("GET foo");
    rig.settle();

    rig.follow(); // Another term.
    ScriptedClient later = rig.proxiedClient().send("GET foo");
    rig.tick();
    rig.answerReadIndex(0, 0);
    rig.answerReadIndex(0, 0);

    assertThat(client.heard).containsExactly("$1 1");
    assertThat(later.heard).containsExactly("$1 1");
  }

  @Test
  void aParkedReadKeepsItsPlaceWhenItsNodeLeads() {
    DispatchRig rig = followerWith("SET foo 1");
    ScriptedClient client = rig.proxiedClient().send("GET foo");
    rig.settle();
    rig.answerReadIndex(ReadIndexReply.NONE, 0);
    rig.lead();
    client.send("DBSIZE");

    rig.tick();

    assertThat(client.heard).containsExactly("$1 1", ":1");
  }

  @Test
  void aReadThatFindsNoLeaderInTimeWasNotExecuted() {
    DispatchRig rig = followerWith(new DispatchRig(0), "SET foo 1");
    ScriptedClient client = rig.proxiedClient().send("GET foo");
    rig.settle();

    rig.follow();

    assertThat(client.heard)
        .containsExactly("-CLUSTERDOWN The leader changed, the command was not executed");
  }

  @Test
  void aReadThatWasOnItsWayKeepsItsPlaceWhenFollowersAreToReadNoMore() {
    DispatchRig rig = followerWith("SET foo 1");
    ScriptedClient client = rig.proxiedClient().send("GET foo");
    rig.settle();
    client.send("DBSIZE");
    rig.readsAtFollower = false;
    rig.settle();
    assertThat(client.heard).isEmpty();

    rig.answerReadIndex(0, 0);
    rig.answerReadIndex(0, 0);

    assertThat(client.heard).containsExactly("$1 1", ":1");
  }

  // ---- Time at a follower ----

  @Test
  void aFollowerHasItsLeaderMoveTimeOnBeforeItTellsThatAKeyHasExpired() {
    DispatchRig rig = followerWith("SET foo 1 PX 100");
    rig.clockMillis += 1000;
    ScriptedClient client = rig.proxiedClient().send("GET foo");
    rig.settle();

    rig.answerReadIndex(0, 0);
    assertThat(client.heard).isEmpty();
    assertThat(rig.sentCount(TimeRequest.class)).isEqualTo(1);
    rig.followNext();

    assertThat(client.heard).containsExactly("$-1");
  }

  @Test
  void theLeadersClockDecidesWhatHasExpiredNotTheFollowers() {
    DispatchRig rig = followerWith("SET foo 1 PX 100");
    rig.clockMillis += 1000;
    ScriptedClient client = rig.proxiedClient().send("GET foo");
    rig.settle();
    rig.answerReadIndex(0, 0);

    rig.clockMillis -= 950;
    rig.followNext();
    rig.clockMillis += 950;

    assertThat(client.heard).containsExactly("$1 1");
  }

  @Test
  void aLeaderMovesTimeOnForAFollower() {
    DispatchRig rig = new DispatchRig().lead();
    rig.clockMillis += 1000;
    long before = rig.state.stampMillis();

    rig.node.receive(new NodeId(2), new TimeRequest(1));
    rig.settle();

    assertThat(rig.state.stampMillis()).isEqualTo(before + 1000);
  }

  @Test
  void timeIsAskedForAgainAndInTheEndGivenUp() {
    DispatchRig rig = followerWith("SET foo 1 PX 100");
    rig.clockMillis += 1000;
    ScriptedClient client = rig.proxiedClient().send("GET foo");
    rig.settle();
    rig.answerReadIndex(0, 0);

    for (int ticks = 0; ticks < TICKS_UNTIL_ASKED_AGAIN; ticks++) {
      rig.tick();
    }
    assertThat(rig.sentCount(TimeRequest.class)).isEqualTo(2);
    rig.leaderWaitMillis = 0;
    rig.tick();

    assertThat(client.heard)
        .containsExactly("-CLUSTERDOWN The leader changed, the command was not executed");
  }

  // ---- read-mode lease ----

  @Test
  void aLeaseSavesTheRoundsOfATime() {
    DispatchRig rig = new DispatchRig().lead();
    rig.isLeaseWanted = true;
    ScriptedClient client = rig.client();
    rig.settle();
    client.send("GET foo");
    rig.settle();
    long rounds = rig.readRounds();

    client.send("GET foo", "SET foo 1");
    rig.settle();
    client.send("GET foo");
    rig.settle();
    assertThat(rig.readRounds()).isEqualTo(rounds);
    assertThat(client.heard).containsExactly("$-1", "$-1", "+OK", "$1 1");
    rig.monotonicNanos += DispatchRig.LEASE_NANOS;
    client.send("GET foo");
    rig.settle();

    assertThat(rig.readRounds()).isEqualTo(rounds + 1);
    assertThat(rig.node.readCounters().leaseReads()).isEqualTo(2);
  }

  @Test
  void aLeaderThatIsCutOffServesNoReadOnceItsLeaseIsOver() {
    DispatchRig rig = new DispatchRig().lead();
    rig.isLeaseWanted = true;
    ScriptedClient client = rig.client().send("GET foo");
    rig.settle();
    rig.isPeerUp = false;

    rig.monotonicNanos += DispatchRig.LEASE_NANOS - 1;
    client.send("GET foo");
    rig.settle();
    assertThat(client.heard).hasSize(2);
    rig.monotonicNanos++;
    client.send("GET foo");
    rig.settle();

    assertThat(client.heard).hasSize(2);
  }

  // ---- read-staleness-max ----

  @Test
  void aStateOfUnknownAgeAnswersNothingUntilTheLeaderHasTold() {
    DispatchRig rig = followerWith("SET foo 1");
    rig.maxStalenessMillis = 100;
    ScriptedClient client = readonly(rig).send("GET foo", "PING", "GET foo");
    rig.settle();
    assertThat(client.heard).isEmpty();

    rig.answerReadIndex(0, 0);
    rig.answerReadIndex(0, 0);

    assertThat(client.heard).containsExactly("$1 1", "+PONG", "$1 1");
  }

  @Test
  void aFreshStateAnswersAtOnceAndAsksAgainInGoodTime() {
    DispatchRig rig = followerWith("SET foo 1");
    rig.maxStalenessMillis = 100;
    ScriptedClient client = readonly(rig).send("GET foo");
    rig.settle();
    rig.answerReadIndex(0, 0);
    rig.answerReadIndex(0, 0);
    long asked = rig.sentCount(ReadIndexRequest.class);
    client.heard.clear();

    rig.monotonicNanos += 49_000_000;
    client.send("GET foo");
    rig.settle();
    assertThat(client.heard).hasSize(1);
    assertThat(rig.sentCount(ReadIndexRequest.class)).isEqualTo(asked);
    rig.monotonicNanos += 2_000_000;
    client.send("GET foo");
    rig.settle();
    assertThat(client.heard).hasSize(2);
    assertThat(rig.sentCount(ReadIndexRequest.class)).isEqualTo(asked + 1);
    rig.monotonicNanos += 50_000_000;
    client.send("GET foo");
    rig.settle();

    assertThat(client.heard).as("older than it may be").hasSize(2);
  }

  @Test
  void theAgeIsCountedFromTheQuestionNotFromTheAnswer() {
    DispatchRig rig = followerWith("SET foo 1");
    rig.maxStalenessMillis = 100;
    ScriptedClient client = readonly(rig).send("GET foo");
    rig.settle();
    rig.monotonicNanos += 90_000_000;
    rig.answerReadIndex(0, 0);
    rig.answerReadIndex(0, 0);
    assertThat(client.heard).hasSize(1);
    rig.monotonicNanos += 20_000_000;
    client.heard.clear();

    client.send("GET foo");
    rig.settle();

    assertThat(client.heard).isEmpty();
  }

  @Test
  void whoMayBeTooOldSendsToTheLeaderOrSaysThatItHasNone() {
    DispatchRig rig = followerWith("SET foo 1");
    rig.maxStalenessMillis = 100;
    ScriptedClient client = readonly(rig).send("GET foo");
    rig.settle();
    rig.answerReadIndex(ReadIndexReply.NONE, 0);
    assertThat(client.heard).containsExactly("-MOVED 12182 host3:7003");
    client.heard.clear();

    rig.isPeerUp = false;
    while (rig.node.core().leader() != null) {
      rig.node.tick();
      rig.settle();
    }
    client.send("GET foo", "DBSIZE");
    rig.settle();

    assertThat(client.heard)
        .hasSize(2)
        .allMatch(
            each ->
                each.equals(
                    "-MASTERDOWN Link with MASTER is down and what this node has may be older than"
                        + " read-staleness-max"));
    assertThat(rig.staleness.refusedCount()).isEqualTo(3);
  }

  @Test
  void withoutABoundAFollowerAnswersHoweverOld() {
    DispatchRig rig = followerWith("SET foo 1");
    ScriptedClient client = readonly(rig);
    rig.monotonicNanos += 3_600_000_000_000L;

    client.send("GET foo");
    rig.settle();

    assertThat(client.heard).containsExactly("$1 1");
    assertThat(rig.sentCount(ReadIndexRequest.class)).isZero();
  }

  // ---- TIMELINE WAIT ----

  @Test
  void whoWaitsForTheRevisionOfItsWriteReadsItAtAFollower() {
    DispatchRig rig = new DispatchRig().lead();
    call(rig, "SET foo 1");
    long next = rig.state.revision() + 1;
    rig.isPeerUp = false;
    rig.client().send("SET foo 2"); // Node 3 has it too, and commits it as leader.
    rig.settle();
    rig.follow();
    ScriptedClient client = readonly(rig);
    client.send("GET foo", "TIMELINE WAIT @" + next + " 60000", "GET foo");
    rig.settle();
    assertThat(client.heard).as("stale by declaration").containsExactly("$1 1");

    rig.learnCommit(rig.node.core().lastIndex());

    assertThat(client.heard).hasSize(3).last().isEqualTo("$1 2");
  }

  @Test
  void whoWaitsForTheRevisionOfItsWriteReadsItAtALeaderWithALease() {
    DispatchRig rig = new DispatchRig().lead();
    rig.isLeaseWanted = true;
    call(rig, "SET foo 1");
    call(rig, "GET foo");
    call(rig, "SET foo 2");
    ScriptedClient other = rig.client().send("TIMELINE WAIT @" + rig.state.revision(), "GET foo");
    rig.settle();

    assertThat(other.heard).last().isEqualTo("$1 2");
    assertThat(rig.node.readCounters().leaseReads()).isPositive();
  }

  private static DispatchRig followerWith(String command) {
    return followerWith(new DispatchRig(), command);
  }

  /** Node 1 has executed a command as leader, and follows node 3 now, which has it too. */
  private static DispatchRig followerWith(DispatchRig rig, String command) {
    rig.lead();
    call(rig, command);
    rig.follow();
    rig.readsAtFollower = true;
    return rig;
  }

  private static void call(DispatchRig rig, String command) {
    rig.client().send(command);
    rig.settle();
  }

  private static ScriptedClient readonly(DispatchRig rig) {
    ScriptedClient client = rig.client();
    client.isReadOnly = true;
    return client;
  }
}
