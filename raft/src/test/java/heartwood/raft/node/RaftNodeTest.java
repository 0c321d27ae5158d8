package heartwood.raft.node;

import static heartwood.raft.node.NodeRig.append;
import static heartwood.raft.node.NodeRig.runAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.raft.core.Effect.ProposalRejected.Reason;
import heartwood.raft.core.MembershipChange;
import heartwood.raft.log.HardState;
import heartwood.raft.log.LogBatch;
import heartwood.raft.log.LogException;
import heartwood.raft.log.MemoryLog;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import heartwood.raft.node.NodeRig.TestProposal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RaftNodeTest {
  // ---- Applying ----

  @Test
  void whatTheDiskStillHoldsOfACutLogIsNotApplied() { // Simulation seed 1398
    NodeRig rig = new NodeRig(3).withLogTerms(1, 1, 2, 2).start();

    rig.receive(2, append(3, 2, 1, 4, 3, 3)); // Entries 3 and 4 are new, their write is under way.
    runAll(rig.applyWork);

    assertThat(rig.applied).containsExactly("1/1", "2/1", "3/3", "4/3");
  }

  // ---- Proposals: each is answered once ----

  @Test
  void aProposalIsExecutedOnceItIsCommitted() {
    NodeRig rig = new NodeRig(3).start();
    rig.lead();
    TestProposal proposal = new TestProposal();

    rig.node().propose(proposal);
    rig.receive(2, new Message.AppendEntriesAccepted(1, 2));
    runAll(rig.logWork);
    runAll(rig.applyWork);

    assertThat(proposal.outcomes).containsExactly("committed", "executed");
  }

  @Test
  void aProposalInWhosePlaceAnotherEntryIsCommittedIsNotExecuted() {
    NodeRig rig = new NodeRig(3).start();
    rig.lead();
    TestProposal proposal = new TestProposal();
    rig.node().propose(proposal);

    rig.receive(3, append(2, 1, 1, 1, 2));
    assertThat(proposal.outcomes).isEmpty(); // Overwritten here: not enough to say so.
    rig.receive(3, append(2, 2, 2, 2));
    runAll(rig.applyWork);

    assertThat(proposal.outcomes).containsExactly("not executed");
  }

  @Test
  void aProposalWhosePlaceALaterProposalTakesIsUnknown() {
    NodeRig rig = new NodeRig(3).start();
    rig.lead();
    TestProposal first = new TestProposal();
    rig.node().propose(new TestProposal());
    rig.node().propose(first); // Entry 3 of term 1.
    rig.receive(3, append(2, 0, 0, 0, 2)); // Cuts all, down to entry 1.
    runAll(rig.logWork);
    rig.lead(); // Entry 2 is this leadership's first.

    rig.node().propose(new TestProposal()); // Entry 3 of term 3.

    assertThat(first.outcomes).containsExactly("unknown");
  }

  @Test
  void aProposalThatASnapshotPassedIsUnknown() {
    NodeRig rig = new NodeRig(3).start();
    rig.lead();
    TestProposal proposal = new TestProposal();
    rig.node().propose(proposal);
    rig.receiveSnapshot(new SnapshotId(new NodeId(3), 9, 2, 50, 0));
    runAll(rig.applyWork);
    runAll(rig.logWork);

    rig.receive(3, append(2, 9, 2, 10, 2));
    runAll(rig.logWork);
    runAll(rig.applyWork);

    assertThat(proposal.outcomes).containsExactly("unknown");
  }

  @Test
  void aCommittedProposalThatASnapshotOvertakesOnItsWayToTheStateIsUnknown() {
    NodeRig rig = new NodeRig(3).start();
    rig.lead();
    TestProposal proposal = new TestProposal();
    rig.node().propose(proposal); // Entry 2 of term 1.
    runAll(rig.logWork);
    rig.receiveSnapshot(new SnapshotId(new NodeId(3), 9, 2, 50, 0));

    rig.receive(3, new Message.Heartbeat(2, 2, 0)); // Committed, and behind the installation.
    runAll(rig.applyWork);
    runAll(rig.logWork);

    assertThat(rig.appliedIndex()).isEqualTo(9);
    assertThat(rig.applied).isEmpty();
    assertThat(proposal.outcomes).containsExactly("committed", "unknown");
  }

  @Test
  void aProposalOfALostLeadershipIsGivenUpThoughTheNodeLeadsAgain() {
    NodeRig rig = new NodeRig(3).start();
    rig.lead();
    rig.node().propose(new TestProposal());
    rig.node().propose(new TestProposal());
    TestProposal last = new TestProposal();
    rig.node().propose(last);
    rig.receive(3, append(2, 0, 0, 0, 2));
    runAll(rig.logWork);
    rig.lead();

    for (int i = 0; i < 150; i++) {
      rig.receive(2, new Message.HeartbeatReply(rig.node().core().currentTerm(), 0));
      rig.node().tick();
    }

    assertThat(rig.node().isLeader()).isTrue();
    assertThat(last.outcomes).containsExactly("unknown");
  }

  // ---- Starting ----

  @Test
  void aLogThatASnapshotOutranIsBegunAnewAtTheStart() { // Simulation seed 120
    NodeRig rig = new NodeRig(3).withLogTerms(1, 1).withApplied(9, 1).start();

    assertThat(rig.log.baseIndex()).isEqualTo(9);
    assertThat(rig.node().core().commitIndex()).isEqualTo(9);
  }

  @Test
  void aLogThatHoldsAnotherEntryThanTheStateIsBegunAnewAtTheStart() {
    NodeRig rig = new NodeRig(3).withLogTerms(1, 1, 2, 2).withApplied(3, 3).start();

    assertThat(rig.log.baseIndex()).isEqualTo(3);
    assertThat(rig.log.lastIndex()).isEqualTo(3);
  }

  @Test
  void aLogThatReachesTheStateIsKeptAtTheStart() {
    NodeRig rig = new NodeRig(3).withLogTerms(1, 1, 2, 2).withApplied(3, 2).start();

    assertThat(rig.log.lastIndex()).isEqualTo(4);
  }

  @Test
  void theTermOfASnapshotIsTakenUpAtTheStart() { // Simulation seed 143
    NodeRig rig = new NodeRig(3).withLogTerms(1, 1).withApplied(9, 5).start();

    assertThat(rig.node().core().currentTerm()).isEqualTo(5);
    assertThat(rig.log.hardState().currentTerm()).isEqualTo(5);
  }

  @Test
  void aLogThatBeginsBehindTheStateRefusesToStart() {
    NodeRig rig = new NodeRig(3).withLogTerms(1, 1, 1);
    rig.log.write(new LogBatch(List.of(), new HardState(1, null, 3)));
    rig.log.compact(2);

    assertThatThrownBy(rig::start).isInstanceOf(LogException.class);
  }

  @Test
  void whatIsToBeProposedGrowsWhileAnEntryIsOnItsWay() {
    NodeRig rig = new NodeRig(3).start();
    rig.lead();
    rig.receive(2, new Message.AppendEntriesAccepted(1, 1));
    assertThat(rig.node().hasProposalSlot()).isTrue();

    rig.node().propose(new TestProposal());
    runAll(rig.logWork);
    assertThat(rig.node().hasProposalSlot()).isFalse();
    rig.slots = 0;
    rig.receive(2, new Message.AppendEntriesAccepted(1, 2));

    assertThat(rig.node().hasProposalSlot()).isTrue();
    assertThat(rig.slots).isPositive();
  }

  @Test
  void whereARoundTripIsLongAnotherEntryFollowsEachTick() {
    NodeRig rig = new NodeRig(3).start();
    rig.lead();
    rig.receive(2, new Message.AppendEntriesAccepted(1, 1));
    rig.node().propose(new TestProposal());
    runAll(rig.logWork);
    rig.slots = 0;

    rig.node().tick();

    assertThat(rig.slots).isPositive();
    assertThat(rig.node().hasProposalSlot()).isTrue();
  }

  @Test
  void whatIsToBeProposedWaitsWhileLeadershipIsHandedOver() { // Thesis §3.10
    NodeRig rig = new NodeRig(3).start();
    rig.lead();
    rig.receive(2, new Message.AppendEntriesAccepted(1, 1));
    rig.slots = 0;

    rig.node().transferLeadership(null);
    assertThat(rig.node().hasProposalSlot()).isFalse();
    assertThat(rig.slots).isZero();
    rig.receive(2, new Message.RequestVote(2, 1, 1, false, true));
    runAll(rig.logWork);

    assertThat(rig.node().isLeader()).isFalse();
    assertThat(rig.slots).isPositive(); // Now what waited hears that it is not executed.
  }

  @Test
  void whileTheDiskIsBehindNothingFollows() {
    NodeRig rig = new NodeRig(3).start();
    rig.lead();
    rig.node().propose(new TestProposal());
    rig.node().tick();
    rig.node().propose(new TestProposal()); // The first is being written, this one waits.
    rig.node().tick();

    assertThat(rig.node().hasProposalSlot()).isFalse();
  }

  @Test
  void anErrorOfTheTransportStopsTheNode() {
    NodeRig rig = new NodeRig(3).start();
    rig.lead();
    rig.receive(2, new Message.AppendEntriesAccepted(1, 1));
    rig.transportError = new OutOfMemoryError("direct");
    TestProposal proposal = new TestProposal();

    rig.node().propose(proposal);

    assertThat(rig.failure).isSameAs(rig.transportError);
    assertThat(proposal.outcomes).containsExactly("unknown");
  }

  // ---- The log ----

  @Test
  void aBusyLogDoesNotPutCompactionOff() {
    NodeRig rig = new NodeRig(1).start(1_000);
    rig.lead();

    for (int i = 0; i < 200; i++) {
      rig.node().propose(new TestProposal()); // A write is always under way, another waits.
      if (rig.logWork.size() > 0 && i % 2 == 0) {
        rig.logWork.removeFirst().run();
        runAll(rig.applyWork);
      }
      rig.node().tick();
      runAll(rig.snapshotWork);
    }

    assertThat(rig.log.baseIndex()).isPositive();
  }

  @Test
  void whatTheOwnLogDoesNotHoldYetIsNotCompacted() { // Simulation seed 4793
    NodeRig rig = new NodeRig(3).start(100);
    long[] terms = new long[40];
    Arrays.fill(terms, 1);
    rig.receive(2, append(1, 0, 0, 0, 1, 1));
    runAll(rig.logWork);
    rig.receive(2, append(1, 2, 1, 2, terms)); // On its way to the disk.
    rig.withApplied(30, 1);

    for (int i = 0; i < 100; i++) {
      rig.receive(2, new Message.Heartbeat(1, 2, 0));
      rig.node().tick();
    }
    runAll(rig.snapshotWork);

    assertThat(rig.failure).isNull();
  }

  @Test
  void anOfferThatNobodyPullsHoldsTheLogNoLonger() {
    NodeRig rig = new NodeRig(3).start(2_000);
    rig.lead();
    commit(rig, 20);
    for (int i = 0; i < 60; i++) {
      tickAsLeader(rig); // Compacts; node 3 needs a snapshot, and it is staged and offered.
    }
    long offeredIndex = rig.appliedIndex();
    assertThat(rig.node().core().baseIndex()).isPositive();

    commit(rig, 20);
    for (int i = 0; i < 900; i++) {
      tickAsLeader(rig);
    }
    assertThat(rig.log.baseIndex()).isLessThanOrEqualTo(offeredIndex);
    for (int i = 0; i < 400; i++) {
      tickAsLeader(rig);
    }

    assertThat(rig.log.baseIndex()).isGreaterThan(offeredIndex);
  }

  private static void tickAsLeader(NodeRig rig) {
    for (int peer = 2; peer <= 3; peer++) { // Node 3 is there, and takes nothing.
      rig.receive(peer, new Message.HeartbeatReply(rig.node().core().currentTerm(), 0));
    }
    rig.node().tick();
    runAll(rig.logWork);
    runAll(rig.snapshotWork);
  }

  private static void commit(NodeRig rig, int entryCount) {
    for (int i = 0; i < entryCount; i++) {
      rig.node().propose(new TestProposal());
      runAll(rig.logWork);
      rig.receive(2, new Message.AppendEntriesAccepted(1, rig.node().core().lastIndex()));
    }
    runAll(rig.applyWork);
  }

  // ---- Reads ----

  /** redisraft#316, #326: the index was committed, and the state did not have it yet. */
  @Test
  void aReadComesBehindTheEntriesThatItsIndexCovers() { // Thesis §6.4, step 4
    NodeRig rig = new NodeRig(3).start();
    rig.lead();
    rig.receive(2, new Message.AppendEntriesAccepted(1, 1));
    rig.node().propose(new TestProposal());
    runAll(rig.logWork);
    rig.receive(2, new Message.AppendEntriesAccepted(1, 2));
    List<String> appliedWhenRead = new ArrayList<>();

    rig.node().readIndex(new AppliedRead(rig, appliedWhenRead));
    rig.receive(2, new Message.HeartbeatReply(1, 1));
    assertThat(appliedWhenRead).as("nothing is applied yet").isEmpty();
    runAll(rig.applyWork);

    assertThat(appliedWhenRead).containsExactly("1/1", "2/1");
  }

  private record AppliedRead(NodeRig rig, List<String> applied) implements ReadRequest {
    @Override
    public void ready() {
      applied.addAll(rig.applied);
    }

    @Override
    public void failed() {
      throw new AssertionError("failed");
    }
  }

  // ---- Changes of the membership: each is answered once ----

  @Test
  void aChangeIsDoneOnceItIsCommitted() {
    NodeRig rig = new NodeRig(3).start();
    rig.lead();
    rig.receive(2, new Message.AppendEntriesAccepted(1, 1));
    TestChange change = new TestChange();

    rig.node().changeMembership(new MembershipChange.Add(NodeRig.member(4), false), change);
    assertThat(change.outcomes).isEmpty();
    rig.receive(2, new Message.AppendEntriesAccepted(1, 2));
    runAll(rig.logWork);

    assertThat(change.outcomes).containsExactly("done");
  }

  /** redisraft#28: a leader that was cut off took a removal, and said that it was done. */
  @Test
  void aChangeOfALeaderThatIsCutOffIsNotDoneAndMayYetBe() {
    NodeRig rig = new NodeRig(3).start();
    rig.lead();
    rig.receive(2, new Message.AppendEntriesAccepted(1, 1));
    rig.receive(3, new Message.AppendEntriesAccepted(1, 1));
    TestChange change = new TestChange();

    rig.node().changeMembership(new MembershipChange.Remove(new NodeId(3)), change);
    runAll(rig.logWork);
    for (int i = 0; i < 20; i++) { // Nobody answers: it gives up.
      rig.node().tick();
    }

    assertThat(rig.node().isLeader()).isFalse();
    assertThat(change.outcomes).containsExactly("unknown");
  }

  private static final class TestChange implements ChangeRequest {
    final List<String> outcomes = new ArrayList<>();

    @Override
    public void done() {
      outcomes.add("done");
    }

    @Override
    public void refused(Reason reason) {
      outcomes.add("refused");
    }

    @Override
    public void unknown() {
      outcomes.add("unknown");
    }
  }

  // ---- Disks that fail ----

  /** RaftKeeper#287: the log's append failed, and the node went on as if it had not. */
  @ParameterizedTest
  @EnumSource(MemoryLog.Fault.class)
  void whatTheDiskRefusedIsAcknowledgedToNobody(MemoryLog.Fault fault) {
    NodeRig rig = new NodeRig(3).start();
    rig.receive(2, new Message.Heartbeat(1, 0, 0));
    runAll(rig.logWork);
    rig.log.failNextWrite(fault);

    rig.receive(2, append(1, 0, 0, 0, 1));
    runAll(rig.logWork);
    rig.receive(2, append(1, 0, 0, 0, 1));
    runAll(rig.logWork);

    assertThat(rig.failure).isInstanceOf(LogException.class);
    assertThat(rig.sent).noneMatch(Message.AppendEntriesAccepted.class::isInstance);
  }
}
