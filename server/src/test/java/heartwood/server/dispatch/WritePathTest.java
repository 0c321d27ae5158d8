package heartwood.server.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What becomes of commands on their way through the log, also when it goes wrong. */
class WritePathTest {
  private static final String UNCERTAIN =
      "-UNCERTAIN The leader was lost before it could tell: the write may or may not take effect";
  private static final String NOT_EXECUTED =
      "-CLUSTERDOWN The leader changed, the command was not executed";
  private static final String MOVED = "-MOVED 12182 host3:7003"; // The slot of foo.
  private static final String MOVED_BAR = "-MOVED 5061 host3:7003";

  private final DispatchRig rig = new DispatchRig().lead();

  // ---- Entries ----

  @Test
  void whatArrivesWhileAnEntryIsOnItsWayIsTheNext() {
    ScriptedClient[] clients = {rig.client(), rig.client(), rig.client(), rig.client()};
    long before = rig.node.core().lastIndex();
    rig.isDiskStuck = true;
    for (ScriptedClient client : clients) {
      client.send("INCR n");
      rig.settle(); // A turn of the event loop for each.
    }
    rig.isDiskStuck = false;
    rig.settle();

    assertThat(rig.node.core().lastIndex() - before)
        .as("one on its way, one of the rest")
        .isEqualTo(2);
    for (int i = 0; i < clients.length; i++) {
      assertThat(clients[i].heard).containsExactly(":" + (i + 1));
    }
  }

  @Test
  void nothingIsProposedWhileTheStateIsFull() {
    rig.isStateFull = true;
    ScriptedClient client = rig.client().send("SET foo 1", "GET foo");
    long before = rig.node.core().lastIndex();
    rig.settle();
    assertThat(rig.node.core().lastIndex()).isEqualTo(before);

    rig.isStateFull = false;
    rig.writePath.maybePropose();
    rig.settle();

    assertThat(client.heard).containsExactly("+OK", "$1 1");
  }

  @Test
  void nothingIsAnsweredBeforeAMajorityHoldsIt() {
    rig.isPeerUp = false;
    ScriptedClient client = rig.client().send("SET foo 1");
    rig.settle();
    client.send("GET foo", "PING"); // In a turn of their own: they ride with the open entry.
    rig.settle();
    assertThat(client.heard).isEmpty();

    rig.reconnectPeer();

    assertThat(client.heard).containsExactly("+OK", "$1 1", "+PONG");
  }

  /** The simulation's seed 178 of whole nodes: replies changed places. */
  @Test
  void aReadBehindACommittedWriteIsNotOvertakenByALaterWrite() {
    ScriptedClient client = rig.client().send("SET foo 1");
    rig.settleButLoop(); // Committed, and its answer is not there yet.
    rig.areHeartbeatsLost = true;

    client.send("GET foo");
    rig.settle();
    client.send("SET foo 2");
    rig.settle();

    assertThat(client.heard).containsExactly("+OK", "$1 1", "+OK");
  }

  // ---- Certainty ----

  @Test
  void whatAnotherEntryTookThePlaceOfWasNotExecuted() {
    rig.isPeerUp = false;
    long index = rig.node.core().lastIndex() + 1;
    ScriptedClient redirected = rig.client().send("SET foo 1", "GET foo", "PING");
    ScriptedClient proxied = rig.proxiedClient().send("SET foo 1", "GET foo", "PING");
    rig.settle();

    rig.followEntry(index, index - 1); // Overwritten in this log: not enough to say so.
    assertThat(redirected.heard).isEmpty();
    rig.learnCommit(index);

    assertThat(redirected.heard).containsExactly(MOVED, MOVED, "+PONG");
    assertThat(proxied.heard).containsExactly(NOT_EXECUTED, NOT_EXECUTED, "+PONG");
  }

  @Test
  void aWriteWhoseFateCannotBeWaitedForIsUncertainAndTheReadsWithItAreNot() {
    rig.isPeerUp = false;
    ScriptedClient client = rig.client().send("SET foo 1", "GET foo", "PING", "INCR bar");
    rig.settle();

    rig.follow();
    assertThat(client.heard).isEmpty();
    rig.giveUpOnOpenProposals();

    assertThat(client.heard).startsWith(UNCERTAIN).endsWith("+PONG", UNCERTAIN);
    assertThat(client.heard).hasSize(4).doesNotContain("$1 1");
    assertThat(client.heard.get(1)).startsWith("-").doesNotContain("UNCERTAIN");
  }

  @Test
  void whoWantsNoReplyIsNotToldThatAWriteIsUncertain() {
    rig.isPeerUp = false;
    ScriptedClient client = rig.client();
    client.isSilent = true;
    client.send("SET foo 1", "GET foo");
    rig.settle();

    rig.follow();
    rig.giveUpOnOpenProposals();

    assertThat(client.heard).isEmpty();
    assertThat(client.unansweredCount()).isZero();
  }

  @Test
  void readsThatNoMajorityConfirmsAreNotExecuted() {
    rig.isPeerUp = false;
    ScriptedClient client = rig.client().send("GET foo");
    rig.settle();
    assertThat(client.heard).isEmpty();

    rig.follow();

    assertThat(client.heard).containsExactly(MOVED);
  }

  @Test
  void readsThatWaitForTimeToMoveOnAreNotExecutedWhenItCannot() {
    ScriptedClient client = readOfAKeyWhoseTimeIsOver();

    rig.clockMillis -= 100; // The entry that comes instead is from before.
    rig.followCommitOf(rig.node.core().lastIndex());

    assertThat(client.heard).containsExactly(MOVED);
  }

  @Test
  void readsThatWaitForTimeToMoveOnAreExecutedWhenAnotherLeaderMovesIt() {
    ScriptedClient client = readOfAKeyWhoseTimeIsOver();

    rig.followCommitOf(rig.node.core().lastIndex());

    assertThat(client.heard).containsExactly("$-1");
  }

  /** It waits for an entry, which this leader cannot have committed. */
  private ScriptedClient readOfAKeyWhoseTimeIsOver() {
    rig.client().send("SET foo 1 PX 100");
    rig.settle();
    rig.clockMillis += 100;
    ScriptedClient client = rig.client().send("GET foo");
    rig.isApplyStuck = true;
    rig.settle(); // The round is over; the read is about to meet the key whose time is over.
    rig.isPeerUp = false;
    rig.isApplyStuck = false;
    rig.settle();
    assertThat(client.heard).isEmpty();
    return client;
  }

  @Test
  void aFailureIsToldOnlyWhenAllBeforeItIsKnown() {
    rig.isPeerUp = false;
    ScriptedClient client = rig.client().send("SET foo 1");
    rig.settle();
    client.send("SET foo 2"); // On its way to the raft loop, where nobody leads by then.
    rig.follow();
    assertThat(client.heard).isEmpty();

    rig.giveUpOnOpenProposals();

    assertThat(client.heard).containsExactly(UNCERTAIN, NOT_EXECUTED); // Nobody leads by now.
  }

  /** The simulation's seed 62 of whole nodes: the refusal came first. */
  @Test
  void aRefusalIsToldBehindWhatWasExecutedBeforeIt() {
    rig.isPeerUp = false;
    ScriptedClient client = rig.client().send("SET foo 1");
    rig.settle();
    long index = rig.node.core().lastIndex();
    client.send("INCR bar"); // On its way to the raft loop.
    rig.follow();
    assertThat(client.heard).isEmpty();

    rig.learnCommit(index); // The new leader had the first, and commits it.

    assertThat(client.heard).containsExactly("+OK", MOVED_BAR);
  }

  @Test
  void whatWasNotExecutedIsRedirectedByItsOwnKey() {
    rig.isPeerUp = false;
    ScriptedClient client = rig.client().send("SET foo 1", "GET bar", "SET bar 2", "DBSIZE");
    rig.settle();

    rig.followCommitOf(rig.node.core().lastIndex());

    assertThat(client.heard).containsExactly(MOVED, MOVED_BAR, MOVED_BAR, NOT_EXECUTED);
  }

  // ---- Leadership lost and won again ----

  @Test
  void whatFollowsACommittedWriteDoesNotRideWithItThoughAnOlderOneIsStillOpen() {
    rig.isPeerUp = false;
    long index = rig.node.core().lastIndex() + 1;
    ScriptedClient[] orphans = new ScriptedClient[8];
    for (int i = 0; i < orphans.length; i++) {
      orphans[i] = rig.client().send("SET foo " + i);
      rig.tick(); // One more entry for each.
    }
    rig.followEntry(index, index - 1); // Cuts them all; their places are far ahead.
    rig.lead();
    ScriptedClient client = rig.client().send("SET foo new");
    rig.settleButLoop(); // It is executed, and its answer is on the way.

    client.send("GET foo", "PING");
    rig.settle();

    assertThat(orphans[7].heard).isEmpty();
    assertThat(client.heard).containsExactly("+OK", "$3 new", "+PONG");
  }

  @Test
  void aCommittedWriteThatASnapshotOvertookIsUncertain() {
    rig.isPeerUp = false;
    ScriptedClient client = rig.client().send("SET foo 1", "GET foo");
    rig.settle();
    long index = rig.node.core().lastIndex();
    rig.pullSnapshot(index + 5);

    rig.learnCommit(index); // On its way to the apply thread, behind the installation.
    rig.isApplyStuck = false;
    rig.settle();

    assertThat(rig.state.appliedIndex()).isEqualTo(index + 5);
    assertThat(client.heard).hasSize(2).startsWith(UNCERTAIN);
  }
}
