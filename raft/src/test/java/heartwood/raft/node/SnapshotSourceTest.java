package heartwood.raft.node;

import static heartwood.raft.node.NodeRig.SELF;
import static heartwood.raft.node.NodeRig.runAll;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.message.Message;
import heartwood.raft.message.Message.PullSnapshot;
import heartwood.raft.message.Message.SnapshotChunk;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import heartwood.raft.node.NodeRig.TestProposal;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Serves pieces of 100 bytes. */
class SnapshotSourceTest {
  private static final SnapshotId OWN = new SnapshotId(SELF, 2, 1, 1000, 0);

  private final NodeRig rig = new NodeRig(3).withLogTerms(1, 1);

  @Test
  void piecesLeaveNoFasterThanTheyMay() {
    rig.offered = OWN;
    rig.start(1 << 30, 150);
    runAll(rig.snapshotWork);

    for (int i = 0; i < 4; i++) {
      pull(2, OWN, 100L * i);
    }

    assertThat(served()).as("what a tick allows, and a piece that began within").isEqualTo(2);
    tick();
    assertThat(served()).isEqualTo(1); // It has had 50 bytes more than it may: 100 are left.
    tick();
    assertThat(served()).isEqualTo(1);
  }

  @Test
  void aQuestionThatIsRepeatedWhileItWaitsIsAnsweredOnce() {
    rig.offered = OWN;
    rig.start(1 << 30, 100);
    runAll(rig.snapshotWork);
    pull(2, OWN, 0); // All that may leave in this tick.

    for (int i = 0; i < 3; i++) {
      pull(3, OWN, 100);
    }
    served();
    for (int i = 0; i < 3; i++) {
      tick();
    }

    assertThat(served()).isEqualTo(1);
  }

  @Test
  void whatWasOnOfferBeforeARestartIsOfferedAgain() {
    rig.log.compact(1);
    rig.offered = new SnapshotId(SELF, 1, 1, 1000, 0);
    rig.withApplied(2, 1).start();
    runAll(rig.snapshotWork);
    rig.lead();

    rig.receive(3, new Message.AppendEntriesRejected(2, 2, 0, 1)); // Its log is empty.
    tick();

    assertThat(rig.sent).contains(new Message.InstallSnapshot(2, rig.offered));
  }

  @Test
  void anOfferThatWasDamagedSinceIsNotOfferedAgain() {
    SnapshotId damaged = new SnapshotId(SELF, 1, 1, 1000, 0);
    rig.log.compact(1);
    rig.offered = damaged;
    rig.isOfferSound = false;
    rig.withApplied(2, 1).start();
    runAll(rig.snapshotWork);
    rig.lead();

    rig.receive(3, new Message.AppendEntriesRejected(2, 2, 0, 1));
    for (int i = 0; i < 200; i++) { // The core pauses for a while before it asks again.
      tick();
      runAll(rig.snapshotWork);
    }

    assertThat(rig.sent).doesNotContain(new Message.InstallSnapshot(2, damaged));
    assertThat(rig.offered).as("what was staged anew").isNotNull().isNotEqualTo(damaged);
  }

  /** It leads, and asks for a snapshot, while the file of the old one is still being read. */
  @Test
  void whatIsAskedForWhileADamagedOfferIsLookedAtIsStagedAfterwards() {
    SnapshotId damaged = new SnapshotId(SELF, 1, 1, 1000, 0);
    rig.log.compact(1);
    rig.offered = damaged;
    rig.isOfferSound = false;
    rig.withApplied(2, 1).start();
    rig.lead();
    rig.receive(3, new Message.AppendEntriesRejected(2, 2, 0, 1));
    tick();

    for (int i = 0; i < 200; i++) {
      runAll(rig.snapshotWork);
      tick();
    }

    assertThat(rig.offered).as("what was staged anew").isNotNull().isNotEqualTo(damaged);
  }

  @Test
  void anOfferThatNobodyWantsMakesRoom() {
    rig.offered = OWN;
    rig.start();
    runAll(rig.snapshotWork);

    for (int i = 0; i < 60_000; i++) {
      rig.receive(2, new Message.Heartbeat(1, 0, 0));
      rig.node().tick();
    }
    runAll(rig.snapshotWork);

    assertThat(rig.offered).isNull();
  }

  @Test
  void aStagingWaitsForAStateThatIsDurableAsOfNowButNotForEver() {
    rig.log.compact(1);
    rig.withApplied(1, 1).start();
    rig.lead();
    rig.receive(2, new Message.AppendEntriesAccepted(2, 3));
    runAll(rig.logWork);
    runAll(rig.applyWork);
    rig.notDurable = 2;

    rig.receive(3, new Message.AppendEntriesRejected(2, 2, 0, 1)); // Its log is empty.
    for (int i = 0; i < 400; i++) {
      tick();
      runAll(rig.snapshotWork);
    }
    assertThat(rig.offered).isNull();
    rig.notDurable = 0;
    tick();
    runAll(rig.snapshotWork);

    assertThat(rig.offered).isNotNull();
  }

  @Test
  void aStateThatDoesNotBecomeDurableIsStagedAsItIs() {
    rig.log.compact(1);
    rig.withApplied(2, 1).start();
    rig.lead();
    rig.receive(2, new Message.AppendEntriesAccepted(2, 3));
    runAll(rig.logWork);
    runAll(rig.applyWork);
    rig.notDurable = 1;

    rig.receive(3, new Message.AppendEntriesRejected(2, 2, 0, 1));
    for (int i = 0; i < 600; i++) {
      tick();
      runAll(rig.snapshotWork);
    }

    assertThat(rig.offered).isNotNull();
  }

  @Test
  void theLogIsKeptForWhoPullsElsewhere() {
    SnapshotId elsewhere = new SnapshotId(new NodeId(2), 5, 1, 1000, 0);
    NodeRig leader = new NodeRig(3).start(2_000);
    leader.lead();
    for (int i = 0; i < 40; i++) {
      leader.node().propose(new TestProposal());
      runAll(leader.logWork);
      leader.receive(2, new Message.AppendEntriesAccepted(1, leader.node().core().lastIndex()));
    }
    runAll(leader.applyWork);

    for (int i = 0; i < 900; i++) {
      if (i % 50 == 0) {
        leader.receive(3, new PullSnapshot(0, elsewhere, 0, 0));
      }
      leader.receive(2, new Message.HeartbeatReply(1, 0));
      leader.node().tick();
      while (!leader.snapshotWork.isEmpty()) {
        leader.snapshotWork.removeFirst().run();
      }
    }
    assertThat(leader.log.baseIndex()).isPositive().isLessThanOrEqualTo(5);
    assertThat(leader.sent).doesNotContain(new SnapshotChunk(0, elsewhere, 0, null));

    leader.receive(3, new PullSnapshot(0, new SnapshotId(new NodeId(2), 0, 0, 1000, 0), 0, 0));

    assertThat(leader.sent)
        .as("what the log does not follow on is of no use")
        .contains(new SnapshotChunk(0, new SnapshotId(new NodeId(2), 0, 0, 1000, 0), 0, null));
  }

  private void pull(int from, SnapshotId snapshot, long offset) {
    rig.receive(from, new PullSnapshot(0, snapshot, offset, 100));
  }

  private void tick() {
    for (int peer = 2; peer <= 3; peer++) {
      rig.receive(peer, new Message.HeartbeatReply(rig.node().core().currentTerm(), 0));
    }
    rig.node().tick();
    runAll(rig.logWork);
  }

  /** Pieces that left since the last call. */
  private int served() {
    runAll(rig.snapshotWork);
    List<Message> chunks = rig.sent.stream().filter(SnapshotChunk.class::isInstance).toList();
    rig.sent.removeAll(chunks);
    return chunks.size();
  }
}
