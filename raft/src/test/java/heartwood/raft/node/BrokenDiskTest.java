package heartwood.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.log.LogException;
import heartwood.raft.log.MemoryLog.Fault;
import heartwood.raft.node.NodeRig.TestProposal;
import org.junit.jupiter.api.Test;

/** A disk that takes nothing any more ends its node, and nothing else. */
class BrokenDiskTest {
  @Test
  void aLeaderWhoseDiskIsFullHandsOverBeforeItStops() {
    RigCluster cluster = new RigCluster(3);
    RigCluster.Each full = cluster.leader();
    long term = full.node().core().currentTerm();
    full.log.failNextWrite(Fault.FULL);

    boolean executed = cluster.write(20);
    cluster.tick(1);
    RigCluster.Each next = cluster.leader();

    assertThat(executed).isTrue(); // By the others' disks, and told before the node stops.
    assertThat(full.failure).isInstanceOf(LogException.Full.class);
    assertThat(next.node().core().currentTerm()).isEqualTo(term + 1);
    assertThat(next.roles).doesNotContain("PRE_CANDIDATE/" + term); // No election by timeout.
  }

  @Test
  void whatAFailedDiskShouldHaveHeldIsNotTold() {
    RigCluster cluster = new RigCluster(3);
    RigCluster.Each broken = cluster.otherThan(cluster.leader());
    broken.log.failNextWrite(Fault.BEFORE_COMMIT);
    cluster.stall(cluster.otherThan(cluster.leader(), broken).id.number());

    assertThat(cluster.write(20)).isFalse(); // Only the leader's disk has it.
    assertThat(broken.failure).isInstanceOf(LogException.class);
  }

  @Test
  void aLeaderWithNobodyToLeadInsteadStopsAtOnce() {
    RigCluster cluster = new RigCluster(1);
    RigCluster.Each alone = cluster.leader();
    alone.log.failNextWrite(Fault.FULL);
    TestProposal proposal = new TestProposal();

    alone.node().propose(proposal);
    cluster.runOn();

    assertThat(alone.failure).isInstanceOf(LogException.Full.class);
    assertThat(proposal.outcomes).containsExactly("unknown");
  }

  @Test
  void aLeaderWhomNobodyFollowsStopsAfterAnElectionTimeout() {
    RigCluster cluster = new RigCluster(3);
    RigCluster.Each full = cluster.leader();
    full.log.failNextWrite(Fault.FULL);
    for (int number = 1; number <= 3; number++) {
      if (number != full.id.number()) {
        cluster.stall(number);
      }
    }

    assertThat(cluster.write(30)).isFalse();

    assertThat(full.failure).isInstanceOf(LogException.Full.class);
  }

  @Test
  void aLeaderThatStopsForAnotherReasonTellsAnHeir() {
    RigCluster cluster = new RigCluster(3);
    RigCluster.Each leader = cluster.leader();
    long term = leader.node().core().currentTerm();

    leader.node().fail(new IllegalStateException("the state cannot go on"));
    cluster.runOn();

    RigCluster.Each next = cluster.leader();
    assertThat(next.node().core().currentTerm()).isEqualTo(term + 1);
    assertThat(next.roles).doesNotContain("PRE_CANDIDATE/" + term);
  }

  @Test
  void aNodeWithLittleRoomIsNobodysHeir() {
    RigCluster cluster = new RigCluster(3);
    RigCluster.Each leader = cluster.leader();
    RigCluster.Each low = cluster.otherThan(leader);
    low.node().setDiskLow(true);

    leader.node().transferLeadership(low.id);
    cluster.tick(15);
    assertThat(leader.node().isLeader()).isTrue();
    assertThat(leader.node().hasProposalSlot()).isTrue(); // Given up, it serves on.

    low.node().setDiskLow(false);
    leader.node().transferLeadership(low.id);
    cluster.tick(2);
    assertThat(low.node().isLeader()).isTrue();
  }

  @Test
  void aNodeWithLittleRoomLeadsWhereNobodyElseDoes() {
    RigCluster cluster = new RigCluster(3);
    RigCluster.Each leader = cluster.leader();
    for (int number = 1; number <= 3; number++) {
      cluster.node(number).node().setDiskLow(true);
    }

    leader.kill();

    assertThat(cluster.leader()).isNotSameAs(leader);
  }
}
