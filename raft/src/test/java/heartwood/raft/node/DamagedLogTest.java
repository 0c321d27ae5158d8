package heartwood.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.log.LogException;
import heartwood.raft.message.Message.PullEntries;
import heartwood.raft.message.Message.PulledEntries;
import heartwood.raft.message.NodeId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An entry that is damaged is mended from others: neither served, nor claimed, nor cut. */
class DamagedLogTest {
  private static final int ENTRIES = 20; // More than the nodes keep at hand.

  private static RigCluster written() {
    RigCluster cluster = new RigCluster(3);
    cluster.leader();
    for (int i = 0; i < ENTRIES; i++) {
      assertThat(cluster.write(10)).isTrue();
    }
    cluster.tick(5);
    return cluster;
  }

  private static void requireWhole(RigCluster.Each each) {
    assertThat(DamageScan.of(each.log, 1 << 20, entry -> {})).isEmpty();
    assertThat(each.node().status().damagedEntries()).isZero();
  }

  @Test
  void aDamagedEntryIsMendedAtTheStartAndApplied() {
    RigCluster cluster = written();
    RigCluster.Each leader = cluster.leader();
    RigCluster.Each follower = cluster.otherThan(leader);
    follower.log.rot(5);
    follower.log.rot(6);
    follower.log.rot(11);

    follower.restart();
    assertThat(follower.log.lastIndex()).isEqualTo(ENTRIES + 1); // Nothing is cut.
    cluster.tick(60);

    requireWhole(follower);
    assertThat(follower.applied).isEqualTo(leader.applied);
    assertThat(leader.node().isLeader()).isTrue();
    assertThat(follower.node().core().matchIndex(leader.id)).isZero();
  }

  @Test
  void aLeaderMendsWhatALaggingFollowerNeeds() {
    RigCluster cluster = new RigCluster(3);
    RigCluster.Each leader = cluster.leader();
    RigCluster.Each lagging = cluster.otherThan(leader);
    lagging.kill();
    for (int i = 0; i < ENTRIES; i++) {
      cluster.write(10);
    }
    leader.log.rot(4);

    lagging.restart();
    cluster.tick(60);

    assertThat(leader.failure).isNull();
    requireWhole(leader);
    assertThat(lagging.applied).isEqualTo(leader.applied);
  }

  @Test
  void whatACheckpointHasIsForgottenAndASnapshotTakesItsPlace() {
    RigCluster cluster = new RigCluster(3);
    RigCluster.Each leader = cluster.leader();
    RigCluster.Each lagging = cluster.otherThan(leader);
    lagging.kill();
    for (int i = 0; i < ENTRIES; i++) {
      cluster.write(10);
    }
    leader.log.rot(4);
    leader.durableIndex = 10;

    lagging.restart();
    cluster.tick(60);

    assertThat(leader.log.baseIndex()).isEqualTo(4);
    requireWhole(leader);
    assertThat(lagging.appliedIndex()).isEqualTo(leader.appliedIndex());
    assertThat(lagging.log.baseIndex()).isPositive();
  }

  @Test
  void whatNobodyHoldsAnyMoreIsCoveredByASnapshot() {
    RigCluster cluster = written();
    RigCluster.Each leader = cluster.leader();
    RigCluster.Each follower = cluster.otherThan(leader);
    for (int number = 1; number <= 3; number++) {
      cluster.node(number).log.rot(5);
    }

    follower.restart();
    cluster.tick(200);

    requireWhole(follower);
    assertThat(follower.log.baseIndex()).isGreaterThanOrEqualTo(5);
    assertThat(follower.appliedIndex()).isEqualTo(leader.appliedIndex());
    assertThat(cluster.write(10)).isTrue();
  }

  @Test
  void whoIsDamagedDoesNotStandForElectionAndElectsNobodyWhoLacksWhatItHeld() {
    RigCluster cluster = new RigCluster(3);
    RigCluster.Each leader = cluster.leader();
    RigCluster.Each lagging = cluster.otherThan(leader);
    RigCluster.Each damaged = cluster.otherThan(leader, lagging);
    lagging.kill();
    for (int i = 0; i < ENTRIES; i++) {
      cluster.write(10);
    }
    leader.kill(); // The only sound copy of what is committed.
    damaged.log.rot(ENTRIES);
    damaged.restart();
    lagging.restart();

    cluster.tick(500);
    assertThat(lagging.roles).noneMatch(role -> role.startsWith("LEADER"));
    assertThat(damaged.node().isLeader()).isFalse();
    assertThat(damaged.log.lastIndex()).isEqualTo(ENTRIES + 1);

    leader.restart();
    cluster.tick(100);
    cluster.leader();
    cluster.tick(100);
    requireWhole(damaged);
    assertThat(lagging.applied).hasSizeGreaterThanOrEqualTo(ENTRIES + 1);
    assertThat(damaged.applied).isEqualTo(lagging.applied);
  }

  @Test
  void aLeaderThatIsNotMendedSoonHandsOver() {
    RigCluster cluster = written();
    RigCluster.Each leader = cluster.leader();

    for (int number = 1; number <= 3; number++) {
      cluster.node(number).log.rot(7); // Nobody has it any more.
    }
    leader.node().foundDamage(new LogException.Corrupt("entry 7", 7));
    cluster.tick(30);

    assertThat(leader.node().isLeader()).isFalse();
    assertThat(cluster.leader()).isNotSameAs(leader);
  }

  @Test
  void anAnswerOfAnotherTermMendsNothing() {
    RigCluster cluster = written();
    RigCluster.Each follower = cluster.otherThan(cluster.leader());
    follower.log.rot(5);
    cluster.cutOff(follower.id.number());
    follower.restart();

    follower.node().receive(new NodeId(9), new PulledEntries(0, 5, List.of(NodeRig.entry(5, 77))));
    cluster.runOn();

    assertThat(follower.node().status().damagedEntries()).isZero(); // As of the last tick.
    cluster.tick(1);
    assertThat(follower.node().status().damagedEntries()).isEqualTo(1);
    assertThat(DamageScan.of(follower.log, 1 << 20, entry -> {})).containsExactly(5L);
  }

  @Test
  void whoHasNobodyToAskStopsAndSaysWhy() {
    RigCluster cluster = new RigCluster(1);
    RigCluster.Each alone = cluster.leader();
    for (int i = 0; i < ENTRIES; i++) {
      cluster.write(10);
    }
    alone.log.rot(5);

    alone.restart();
    cluster.tick(60);

    assertThat(alone.failure)
        .isInstanceOf(LogException.Corrupt.class)
        .hasMessageContaining("entry 5 of the log is damaged, and nobody else holds it");
  }

  @Test
  void whatStandsBeforeAnEntryThatIsDamagedThereTooIsSent() {
    NodeRig rig = new NodeRig(3).withLogTerms(1, 1, 1);
    rig.log.rot(3);
    rig.start();

    rig.receive(2, new PullEntries(0, 1, 3));
    NodeRig.runAll(rig.snapshotWork);

    assertThat(rig.sent)
        .filteredOn(PulledEntries.class::isInstance)
        .containsExactly(new PulledEntries(0, 1, rig.log.read(1, 2, 1 << 20)));
  }

  @Test
  void aNodeThatHasFailedAsksForNothing() {
    NodeRig rig = new NodeRig(3).withLogTerms(1, 1);
    rig.log.rot(2);
    rig.start();
    rig.node().tick();
    assertThat(rig.sent).hasAtLeastOneElementOfType(PullEntries.class);

    rig.node().fail(new IllegalStateException("the state cannot go on"));
    rig.sent.clear();
    for (int i = 0; i < 60; i++) {
      rig.node().tick();
    }

    assertThat(rig.sent).doesNotHaveAnyElementsOfTypes(PullEntries.class);
  }
}
