package heartwood.raft.node;

import static heartwood.raft.node.NodeRig.runAll;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.core.RaftCore;
import heartwood.raft.log.LogException;
import heartwood.raft.message.Message;
import heartwood.raft.message.Message.PullSnapshot;
import heartwood.raft.message.Message.SnapshotChunk;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Raft §7, pulled by the follower in pieces of 100 bytes. */
class SnapshotPullTest {
  private static final SnapshotId SNAPSHOT = new SnapshotId(new NodeId(2), 9, 1, 1000, 0);
  private static final SnapshotId OTHER = new SnapshotId(new NodeId(3), 12, 2, 1000, 0);

  private final NodeRig rig = new NodeRig(3).withLogTerms(1, 1);

  @Test
  void aWindowOfPiecesIsAskedForAndOneMoreWhenOneIsStored() {
    rig.start();

    offer(SNAPSHOT);
    assertThat(asked())
        .containsExactly(
            ask(SNAPSHOT, 0), ask(SNAPSHOT, 100), ask(SNAPSHOT, 200), ask(SNAPSHOT, 300));

    rig.receive(2, piece(SNAPSHOT, 0));
    rig.receive(2, piece(SNAPSHOT, 100));
    assertThat(asked()).as("before it is stored").isEmpty();
    runAll(rig.snapshotWork);

    assertThat(asked()).containsExactly(ask(SNAPSHOT, 400), ask(SNAPSHOT, 500));
    assertThat(rig.receivedBytes).isEqualTo(200);
  }

  @Test
  void aDoubledPieceIsFollowedByOneQuestion() {
    rig.start();
    offer(SNAPSHOT);
    asked();

    for (int i = 0; i < 3; i++) {
      rig.receive(2, piece(SNAPSHOT, 0));
      runAll(rig.snapshotWork);
    }

    assertThat(asked()).containsExactly(ask(SNAPSHOT, 400));
  }

  @Test
  void piecesThatOvertakeEachOtherAreStoredInOrder() { // Simulation of whole nodes, seed 76
    rig.start();
    offer(SNAPSHOT);
    asked();

    rig.receive(2, piece(SNAPSHOT, 200));
    rig.receive(2, piece(SNAPSHOT, 100));
    runAll(rig.snapshotWork);
    assertThat(rig.receivedBytes).isZero();
    rig.receive(2, piece(SNAPSHOT, 0));
    runAll(rig.snapshotWork);

    assertThat(rig.receivedBytes).isEqualTo(300);
    assertThat(asked()).hasSize(3);
  }

  @Test
  void aPieceThatIsLostIsAskedForAgainAndWhatCameIsKept() {
    rig.start();
    offer(SNAPSHOT);
    rig.receive(2, piece(SNAPSHOT, 0));
    runAll(rig.snapshotWork);
    rig.receive(2, piece(SNAPSHOT, 200)); // The one before it is lost.
    runAll(rig.snapshotWork);
    asked();

    offer(SNAPSHOT);
    assertThat(asked()).as("it may only be late").isEmpty();
    tick(100);
    asked();
    offer(SNAPSHOT);

    assertThat(asked()).startsWith(ask(SNAPSHOT, 100)).hasSize(4);
  }

  @Test
  void aNewLeadersOfferDoesNotEndWhatComesOn() {
    rig.start();
    offer(SNAPSHOT);
    rig.receive(2, piece(SNAPSHOT, 0));
    runAll(rig.snapshotWork);
    asked();

    rig.receive(3, new Message.InstallSnapshot(2, OTHER));
    runAll(rig.logWork);

    assertThat(asked())
        .as("the new leader hears behind what it must keep its log")
        .containsExactly(new PullSnapshot(0, SNAPSHOT, 100, 0));
    receiveAll(SNAPSHOT, 100);
    assertThat(rig.appliedIndex()).isEqualTo(9);
  }

  @Test
  void anotherOfferIsTakenWhenNothingComesAnyMore() {
    rig.start();
    offer(SNAPSHOT);
    rig.receive(2, piece(SNAPSHOT, 0));
    runAll(rig.snapshotWork);

    tick(1000);
    asked();
    offer(OTHER);

    assertThat(asked()).startsWith(ask(OTHER, 0)).hasSize(4);
  }

  @Test
  void whatOneSnapshotHadIsNotTakenForAnothers() { // Simulation seed 38: a piece beyond its end
    rig.start();
    offer(SNAPSHOT);
    rig.receive(2, piece(SNAPSHOT, 0));
    runAll(rig.snapshotWork);
    tick(1000);
    rig.receive(3, offered(OTHER));
    asked();

    rig.receive(2, offered(SNAPSHOT)); // Before it is known what is stored of the other.

    assertThat(asked()).containsExactly(new PullSnapshot(0, OTHER, 0, 0));
  }

  @Test
  void whatIsNoLongerOnOfferIsGivenUp() {
    rig.start();
    offer(SNAPSHOT);
    asked();

    rig.receive(2, new SnapshotChunk(0, SNAPSHOT, 0, null));
    offer(OTHER);

    assertThat(asked()).startsWith(ask(OTHER, 0));
  }

  @Test
  void aRestartGoesOnFromWhatWasReceived() {
    rig.receiving = SNAPSHOT;
    rig.receivedBytes = 700;
    rig.start();

    offer(OTHER); // Whoever leads by now.

    assertThat(asked())
        .containsExactly(
            new PullSnapshot(0, SNAPSHOT, 0, 0),
            ask(SNAPSHOT, 700),
            ask(SNAPSHOT, 800),
            ask(SNAPSHOT, 900));
    receiveAll(SNAPSHOT, 700);
    assertThat(rig.appliedIndex()).isEqualTo(9);
  }

  @Test
  void whatWasReceivedToItsEndBeforeARestartIsInstalled() {
    rig.receiving = SNAPSHOT;
    rig.receivedBytes = 1000;
    rig.start();

    offer(SNAPSHOT);
    runAll(rig.applyWork);
    runAll(rig.logWork);

    assertThat(rig.appliedIndex()).isEqualTo(9);
  }

  @Test
  void whileItIsPulledAndInstalledAllKeepTheirLogs() {
    rig.start();
    offer(SNAPSHOT);
    asked();
    tick(100);
    PullSnapshot word = new PullSnapshot(0, SNAPSHOT, 0, 0);
    assertThat(asked()).as("to each of the others").containsExactly(word, word);

    receiveAll(SNAPSHOT, 0);
    assertThat(rig.appliedIndex()).isEqualTo(9);
    asked();
    tick(200);
    assertThat(asked()).isEmpty();
  }

  @Test
  void anInstallationThatTakesLongKeepsTheLogsToo() {
    rig.start();
    rig.receiveSnapshot(SNAPSHOT);
    tick(1900);
    asked();
    tick(100);

    assertThat(asked()).contains(new PullSnapshot(0, SNAPSHOT, 1000, 0));
  }

  @Test
  void aSnapshotIsPulledInPiecesAndInstalled() {
    rig.start();

    install(SNAPSHOT);

    assertThat(rig.appliedIndex()).isEqualTo(9);
    assertThat(rig.log.baseIndex()).isEqualTo(9);
    assertThat(rig.sent).contains(new Message.AppendEntriesAccepted(1, 9));
  }

  /** To the core all that is committed is there; the state knows better. */
  @Test
  void aNodeWhoseDamagedLogHoldsItUpTakesASnapshotOfWhatIsCommitted() {
    NodeRig held = new NodeRig(3).withLogTerms(1, 1, 1, 1, 1);
    held.log.rot(3);
    held.start();
    held.receive(2, new Message.Heartbeat(1, 5, 0));
    runAll(held.applyWork);
    assertThat(held.applied).containsExactly("1/1", "2/1");

    held.receiveSnapshot(new SnapshotId(new NodeId(2), 4, 1, 250, 0));
    runAll(held.applyWork);
    runAll(held.logWork);
    for (int i = 0; i < 3; i++) {
      held.node().tick();
      runAll(held.applyWork);
    }

    assertThat(held.applied).containsExactly("1/1", "2/1", "5/1");
    assertThat(held.appliedIndex()).isEqualTo(5);
  }

  @Test
  void aSnapshotThatIsNotSoundIsPulledAnew() {
    rig.start();
    rig.installFailure = new LogException.Corrupt("digest");
    install(SNAPSHOT);
    rig.installFailure = null;

    install(SNAPSHOT);

    assertThat(rig.failure).isNull();
    assertThat(rig.appliedIndex()).isEqualTo(9);
  }

  @Test
  void aNodeWhoseStateIsGoneHalfWayThroughAnInstallationStops() {
    rig.start();
    rig.installFailure = new IllegalStateException("no state");

    install(SNAPSHOT);

    assertThat(rig.failure).isSameAs(rig.installFailure);
  }

  private void offer(SnapshotId snapshot) {
    rig.receive(snapshot.node().number(), offered(snapshot));
    runAll(rig.logWork);
    runAll(rig.snapshotWork);
  }

  /** Another leader has another term, and none behind its snapshot's. */
  private Message offered(SnapshotId snapshot) {
    RaftCore core = rig.node().core();
    NodeId leader = core.leader();
    boolean isAnother = leader != null && !leader.equals(snapshot.node());
    long term = isAnother ? core.currentTerm() + 1 : core.currentTerm();
    return new Message.InstallSnapshot(Math.max(term, snapshot.lastIncludedTerm()), snapshot);
  }

  private void receiveAll(SnapshotId snapshot, long from) {
    for (long offset = from; offset < snapshot.byteCount(); offset += 100) {
      rig.receive(snapshot.node().number(), piece(snapshot, offset));
      runAll(rig.snapshotWork);
    }
    runAll(rig.applyWork);
    runAll(rig.logWork);
  }

  private void install(SnapshotId snapshot) {
    offer(snapshot);
    receiveAll(snapshot, 0);
  }

  private void tick(int count) {
    for (int i = 0; i < count; i++) {
      rig.receive(2, new Message.Heartbeat(rig.node().core().currentTerm(), 0, 0));
      rig.node().tick();
    }
  }

  private static SnapshotChunk piece(SnapshotId snapshot, long offset) {
    int bytes = (int) Math.min(100, snapshot.byteCount() - offset);
    return new SnapshotChunk(0, snapshot, offset, new byte[bytes]);
  }

  private static PullSnapshot ask(SnapshotId snapshot, long offset) {
    return new PullSnapshot(0, snapshot, offset, 100);
  }

  /** What was asked since the last call. */
  private List<Message> asked() {
    List<Message> asked = rig.sent.stream().filter(PullSnapshot.class::isInstance).toList();
    rig.sent.clear();
    return asked;
  }
}
