package heartwood.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node whose state is lost, and whose log is not, comes back by a snapshot of its leader. */
@Timeout(60)
class LostStateTest {
  private static final int ENTRIES = 10;

  private static RigCluster written() {
    RigCluster cluster = new RigCluster(3);
    cluster.leader();
    write(cluster, ENTRIES);
    cluster.tick(5);
    return cluster;
  }

  private static void write(RigCluster cluster, int entries) {
    for (int i = 0; i < entries; i++) {
      assertThat(cluster.write(10)).isTrue();
    }
  }

  @Test
  void whoHasLostItsStateGetsThatOfItsLeader() {
    RigCluster cluster = written();
    RigCluster.Each leader = cluster.leader();
    RigCluster.Each follower = cluster.otherThan(leader);

    follower.restartWithoutState();
    assertThat(follower.log.lastIndex()).as("nothing is cut").isEqualTo(leader.log.lastIndex());
    cluster.tick(50);

    assertThat(follower.appliedIndex()).isEqualTo(leader.appliedIndex());
    assertThat(follower.applied).as("by the snapshot, not from the log").isEmpty();
    write(cluster, 3);
    cluster.tick(5);
    assertThat(follower.appliedIndex()).isEqualTo(leader.appliedIndex());
    assertThat(follower.applied).hasSize(3);
  }

  @Test
  void theSameWhereTheLogDoesNotReachBackToTheBeginning() {
    RigCluster cluster = written();
    RigCluster.Each leader = cluster.leader();
    RigCluster.Each follower = cluster.otherThan(leader);
    follower.log.compact(7);

    follower.restartWithoutState();
    cluster.tick(50);

    assertThat(follower.appliedIndex()).isEqualTo(leader.appliedIndex());
  }

  /** Simulation, mode core, seed 1026865: installed twice. */
  @Test
  void theSnapshotThatWasInstalledIsNotWantedAgain() {
    RigCluster cluster = written();
    RigCluster.Each lost = cluster.otherThan(cluster.leader());
    lost.restartWithoutState();

    while (lost.appliedIndex() == StateMachine.LOST) {
      assertThat(lost.node().wantsSnapshot(lost.log.lastIndex())).isTrue();
      cluster.tick(1);
    }

    assertThat(lost.node().wantsSnapshot(lost.appliedIndex())).isFalse();
  }

  @Test
  void whatIsCommittedMeanwhileIsAppliedBehindTheSnapshot() {
    RigCluster cluster = written();
    RigCluster.Each leader = cluster.leader();
    RigCluster.Each lost = cluster.otherThan(leader);
    cluster.holdBackSnapshots(true);
    lost.restartWithoutState();
    cluster.tick(10);

    write(cluster, ENTRIES);
    assertThat(lost.appliedIndex()).isEqualTo(StateMachine.LOST);

    cluster.holdBackSnapshots(false);
    cluster.tick(200);
    assertThat(lost.appliedIndex()).isEqualTo(leader.appliedIndex());
  }

  /** It would have to have them: who has no state cannot lead instead. */
  @Test
  void whoHasAStateIsElectedWithoutTheEntriesThatCameMeanwhile() {
    RigCluster cluster = written();
    RigCluster.Each leader = cluster.leader();
    RigCluster.Each lost = cluster.otherThan(leader);
    RigCluster.Each third = cluster.otherThan(leader, lost);
    cluster.holdBackSnapshots(true);
    lost.restartWithoutState();
    cluster.tick(10);
    cluster.cutOff(third.id.number());
    leader.node().propose(new NodeRig.TestProposal()); // Reaches who has lost its state.
    cluster.runOn();

    leader.kill();
    cluster.heal();
    assertThat(cluster.electedWithin(300)).isSameAs(third);

    cluster.holdBackSnapshots(false);
    cluster.tick(1100); // So long it waits for the one that it was offered first.
    assertThat(cluster.leader()).isSameAs(third);
    assertThat(cluster.write(50)).isTrue();
    cluster.tick(50);
    assertThat(lost.appliedIndex()).isEqualTo(third.appliedIndex());
  }

  /**
   * The one with a state does not know how far it is committed, and could learn it only by the
   * acknowledgement of the other, who takes no entries before it has a state.
   */
  @Test
  void twoWhoNeedEachOtherGoOn() {
    RigCluster cluster = new RigCluster(3);
    RigCluster.Each leader = cluster.leader();
    RigCluster.Each lost = cluster.otherThan(leader);
    RigCluster.Each third = cluster.otherThan(leader, lost);
    write(cluster, ENTRIES);
    cluster.tick(5);
    lost.log.compact(lost.appliedIndex());
    third.forgetCommitIndex();
    leader.kill();
    third.kill();
    lost.restartWithoutState();

    third.restart();
    cluster.tick(300);

    assertThat(third.node().isLeader()).isTrue();
    assertThat(lost.appliedIndex()).isEqualTo(third.appliedIndex());
    assertThat(cluster.write(50)).isTrue();
  }

  @Test
  void whoHasLostItsStateVotesButDoesNotLead() {
    RigCluster cluster = written();
    RigCluster.Each leader = cluster.leader();
    RigCluster.Each lost = cluster.otherThan(leader);
    RigCluster.Each other = cluster.otherThan(leader, lost);
    leader.kill();
    other.kill();

    lost.roles.clear();
    lost.restartWithoutState();
    cluster.tick(200);
    assertThat(lost.roles).noneMatch(role -> role.contains("CANDIDATE"));

    other.restart();
    assertThat(cluster.leader()).isSameAs(other);
    cluster.tick(100);
    assertThat(lost.appliedIndex()).isEqualTo(other.appliedIndex());

    other.kill();
    leader.restart();
    cluster.tick(200); // With a state it may lead again, for all that it knows.
    assertThat(cluster.write(100)).isTrue();
  }

  @Test
  void aSnapshotThatEndsBeforeTheLogBeginsIsOfNoUse() {
    RigCluster cluster = written();
    RigCluster.Each leader = cluster.leader();
    RigCluster.Each follower = cluster.otherThan(leader);
    follower.log.compact(7);
    follower.restartWithoutState();

    assertThat(follower.node().wantsSnapshot(6)).isFalse();
    assertThat(follower.node().wantsSnapshot(7)).isTrue();
  }
}
