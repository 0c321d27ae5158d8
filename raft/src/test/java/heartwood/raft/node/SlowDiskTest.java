package heartwood.raft.node;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.core.Role;
import org.junit.jupiter.api.Test;

/** A disk that stands still is a state, not an accident. */
class SlowDiskTest {
  private static final int TEN_SECONDS_IN_TICKS = 1000;

  @Test
  void aLeaderWhoseDiskStallsHandsOverWithoutAnElectionByTimeout() {
    RigCluster cluster = new RigCluster(3);
    RigCluster.Each slow = cluster.leader();
    long term = slow.node().core().currentTerm();
    cluster.stall(slow.id.number());

    int executed = 0;
    for (int i = 0; i < TEN_SECONDS_IN_TICKS / 10; i++) {
      executed += cluster.write(RigCluster.MAX_WRITE_TICKS + 10) ? 1 : 0;
      cluster.tick(10);
    }

    assertThat(executed).isEqualTo(TEN_SECONDS_IN_TICKS / 10);
    assertThat(slow.node().isLeader()).isFalse();
    assertThat(cluster.leader().node().core().currentTerm()).isEqualTo(term + 1);
    for (int number = 1; number <= 3; number++) { // A pre-vote would have followed a timeout.
      assertThat(cluster.node(number).roles).doesNotContain("PRE_CANDIDATE/" + term);
    }
  }

  @Test
  void aLeaderWhoseDiskIsOnlySlowLeadsOn() {
    RigCluster cluster = new RigCluster(3);
    RigCluster.Each slow = cluster.leader();
    cluster.stall(slow.id.number());

    assertThat(cluster.write(1)).isTrue(); // By the others' disks.
    cluster.tick(RigCluster.MAX_WRITE_TICKS - 2);

    assertThat(slow.node().isLeader()).isTrue();
  }

  @Test
  void aStalledDiskIsToldAndForgottenWhenItGoesOn() {
    RigCluster cluster = new RigCluster(3);
    RigCluster.Each slow = cluster.otherThan(cluster.leader());
    cluster.stall(slow.id.number());
    cluster.write(10);

    cluster.tick(RigCluster.MAX_WRITE_TICKS - 1);
    assertThat(slow.node().status().diskStalledTicks()).isZero();
    cluster.tick(2);
    assertThat(slow.node().status().diskStalledTicks()).isPositive();
    cluster.goOn(slow.id.number());
    cluster.tick(1);

    assertThat(slow.node().status().diskStalledTicks()).isZero();
    assertThat(slow.applied).isEqualTo(cluster.leader().applied);
  }

  @Test
  void aFollowerWhoseDiskStallsDisturbsNobody() {
    RigCluster cluster = new RigCluster(3);
    RigCluster.Each leader = cluster.leader();
    cluster.stall(cluster.otherThan(leader).id.number());

    for (int i = 0; i < 100; i++) {
      assertThat(cluster.write(2)).isTrue();
      cluster.tick(10);
    }

    assertThat(leader.node().isLeader()).isTrue();
    assertThat(leader.node().core().currentTerm()).isEqualTo(1);
  }

  @Test
  void aNodeWhoseDiskStallsDoesNotStandForElectionWhileItDoes() {
    RigCluster cluster = new RigCluster(3);
    RigCluster.Each leader = cluster.leader();
    RigCluster.Each slow = cluster.otherThan(leader);
    cluster.stall(slow.id.number());
    cluster.write(10);
    cluster.tick(RigCluster.MAX_WRITE_TICKS);
    slow.roles.clear();

    cluster.cutOff(leader.id.number());
    cluster.cutOff(cluster.otherThan(leader, slow).id.number());
    cluster.tick(100);
    assertThat(slow.roles).noneMatch(role -> role.contains("CANDIDATE"));

    cluster.goOn(slow.id.number());
    cluster.tick(100);
    assertThat(slow.node().status().role()).isEqualTo(Role.PRE_CANDIDATE);
  }

  @Test
  void aLeaderDoesNotHandOverWhereAllDisksStandStill() {
    RigCluster cluster = new RigCluster(3);
    RigCluster.Each leader = cluster.leader();
    for (int number = 1; number <= 3; number++) {
      cluster.stall(number);
    }
    cluster.write(1);

    cluster.tick(3 * RigCluster.MAX_WRITE_TICKS);

    assertThat(leader.node().isLeader()).isTrue();
    assertThat(leader.node().core().isTransferring()).isFalse();
  }

  @Test
  void whoCouldNotKeepItsVoteDoesNotPromiseIt() {
    RigCluster cluster = new RigCluster(3);
    RigCluster.Each leader = cluster.leader();
    RigCluster.Each slow = cluster.otherThan(leader);
    RigCluster.Each third = cluster.otherThan(leader, slow);
    cluster.stall(slow.id.number());
    cluster.write(10);
    cluster.tick(RigCluster.MAX_WRITE_TICKS);
    long term = third.node().core().currentTerm();

    leader.kill();
    cluster.tick(300);

    assertThat(third.node().core().currentTerm()).isEqualTo(term); // Pre-votes alone: none rises.
    cluster.goOn(slow.id.number());
    assertThat(cluster.leader()).isNotNull();
  }
}
