package heartwood.raft.core;

import static heartwood.raft.core.TestNode.member;
import static heartwood.raft.core.TestNode.node;
import static heartwood.raft.core.TestNode.nodes;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.core.Effect.ProposalRejected.Reason;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.Member;
import heartwood.raft.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Raft §6 and thesis chapter 4, over {@link TestCluster}, which checks safety at each step. */
class MembershipTest {
  private static final int TIMEOUT = TestNode.OPTIONS.electionTimeoutTicks();

  @Test
  void aLearnerGetsTheLogAndDecidesNothing() { // Thesis §4.2.1
    TestCluster cluster = clusterOf(3, 2);
    add(cluster, 4, false);
    add(cluster, 5, false);
    cluster.propose(1, 10);
    cluster.tick(TIMEOUT);
    assertThat(cluster.appliedLengths(4)).containsExactly(10);

    cluster.isolate(1, 4, 5);
    long committed = cluster.core(1).commitIndex();
    cluster.propose(1, 11);
    cluster.tick(TIMEOUT / 2);

    assertThat(cluster.core(1).commitIndex()).isEqualTo(committed);
    assertThat(cluster.core(1).configuration().learners()).isEqualTo(nodes(4, 5));
  }

  @Test
  void aNewMemberVotesOnceItHasCaughtUp() {
    TestCluster cluster = clusterOf(3, 1);
    cluster.isolate(4);
    for (int i = 0; i < 20; i++) {
      cluster.propose(1, 10 + i);
    }

    assertThat(cluster.change(1, new MembershipChange.Add(member(4), true))).isNull();
    cluster.tick(10 * TIMEOUT);
    assertThat(cluster.core(1).configuration().learners()).as("unheard").isEqualTo(nodes(4));
    cluster.heal();
    cluster.tick(10 * TIMEOUT);

    for (int number : cluster.numbers()) {
      Configuration configuration = cluster.core(number).configuration();
      assertThat(configuration.voters()).isEqualTo(nodes(1, 2, 3, 4));
      assertThat(configuration.isJoint()).isFalse();
      assertThat(configuration.learners()).isEmpty();
      assertThat(configuration.joining()).isEmpty();
    }
    assertThat(cluster.appliedLengths(4)).hasSize(20);
  }

  @Test
  void aLearnerThatStaysOneIsPromotedWhenAskedFor() {
    TestCluster cluster = clusterOf(3, 1);
    add(cluster, 4, false);
    cluster.tick(5 * TIMEOUT);
    assertThat(cluster.core(1).configuration().voters()).isEqualTo(nodes(1, 2, 3));

    assertThat(cluster.change(1, new MembershipChange.Promote(node(4)))).isNull();
    cluster.tick(5 * TIMEOUT);

    assertThat(cluster.core(4).configuration().voters()).isEqualTo(nodes(1, 2, 3, 4));
  }

  /** One majority is not enough, neither the old one nor the new one. */
  @Test
  void aJointConfigurationDecidesByBothMajorities() { // Raft §6
    TestCluster cluster = clusterOf(3, 2);
    add(cluster, 4, false);
    add(cluster, 5, false);
    cluster.change(1, new MembershipChange.Promote(node(4)));
    cluster.tick(5 * TIMEOUT);
    Configuration joint = cluster.core(1).configuration().enterJoint(nodes(1, 4, 5));
    RaftCore core = TestNode.leaderOf(3, 2).build().core();

    assertThat(Quorum.agrees(joint, nodes(1, 4, 5)::contains)).isFalse();
    assertThat(Quorum.agrees(joint, nodes(1, 2, 3)::contains)).isFalse();
    assertThat(Quorum.agrees(joint, nodes(1, 2, 3, 4)::contains)).isTrue();
    assertThat(core.isConfigurationSettled()).isTrue();
  }

  @Test
  void theConfigurationIsInForceFromTheMomentItIsAppended() { // Raft §6
    TestCluster cluster = clusterOf(3, 1);
    cluster.isolate(1);

    assertThat(cluster.change(1, new MembershipChange.Add(member(4), false))).isNull();

    assertThat(cluster.core(1).configuration().learners()).isEqualTo(nodes(4));
    assertThat(cluster.core(1).isConfigurationSettled()).isFalse();
  }

  /** And with it what followed from it. */
  @Test
  void aConfigurationThatIsCutIsInForceNoMore() {
    TestCluster cluster = clusterOf(3, 1);
    cluster.isolate(1);
    cluster.change(1, new MembershipChange.Remove(node(3)));
    assertThat(cluster.core(1).configuration().isJoint()).isTrue();
    cluster.tick(6 * TIMEOUT);
    assertThat(cluster.leaders()).hasSize(1).doesNotContain(1);

    cluster.heal();
    cluster.tick(6 * TIMEOUT);

    assertThat(cluster.core(1).configuration()).isEqualTo(TestNode.configurationOf(3));
    cluster.kill(1);
    cluster.restart(1);
    assertThat(cluster.core(1).configuration()).isEqualTo(TestNode.configurationOf(3));
  }

  @Test
  void aFollowerThatRestartsHasTheLastConfigurationOfItsLog() {
    TestCluster cluster = clusterOf(3, 1);
    add(cluster, 4, true);
    cluster.tick(6 * TIMEOUT);

    cluster.kill(4);
    cluster.restart(4);

    assertThat(cluster.core(4).configuration().voters()).isEqualTo(nodes(1, 2, 3, 4));
    cluster.tick(6 * TIMEOUT);
    assertThat(cluster.core(4).leader()).isNotNull();
  }

  @Test
  void aMemberThatIsRemovedLearnsSoAndDisturbsNobody() { // Raft §6
    TestCluster cluster = clusterOf(3, 0);

    assertThat(cluster.change(1, new MembershipChange.Remove(node(3)))).isNull();
    cluster.tick(4 * TIMEOUT);
    long term = cluster.core(1).currentTerm();
    cluster.tick(40 * TIMEOUT);

    assertThat(cluster.core(3).configuration().isMember(node(3))).isFalse();
    assertThat(cluster.core(1).configuration().voters()).isEqualTo(nodes(1, 2));
    assertThat(cluster.leaders()).containsExactly(1);
    assertThat(cluster.core(1).currentTerm()).isEqualTo(term);
  }

  @Test
  void aMemberThatIsRemovedAndNotToldDisturbsNobody() { // Raft §6, thesis §4.2.3
    TestCluster cluster = clusterOf(4, 0);
    cluster.isolate(4);
    cluster.tick(3 * TIMEOUT);

    assertThat(cluster.change(1, new MembershipChange.Remove(node(4)))).isNull();
    cluster.tick(40 * TIMEOUT); // The leader tells it no more.
    long term = cluster.core(1).currentTerm();
    cluster.heal();
    cluster.tick(40 * TIMEOUT);

    assertThat(cluster.core(4).configuration().isMember(node(4))).isTrue();
    assertThat(cluster.leaders()).containsExactly(1);
    assertThat(cluster.core(1).currentTerm()).isEqualTo(term);
  }

  @Test
  void aLeaderThatIsRemovedLeadsUntilTheOthersCanDoWithoutIt() { // Raft §6
    TestCluster cluster = clusterOf(3, 0);
    cluster.propose(1, 10);

    assertThat(cluster.change(1, new MembershipChange.Remove(node(1)))).isNull();
    assertThat(cluster.leaders()).containsExactly(1);
    cluster.tick(2 * TIMEOUT);

    assertThat(cluster.leaders()).hasSize(1).doesNotContain(1);
    int leader = cluster.leaders().iterator().next();
    assertThat(cluster.core(leader).configuration().voters()).isEqualTo(nodes(2, 3));
    cluster.propose(leader, 11);
    cluster.tick(TIMEOUT);
    assertThat(cluster.appliedLengths(2)).containsExactly(10, 11);
  }

  /**
   * Of 1 and 2 the second is to leave. The first died before the configuration without it was
   * durable, needs the other's vote, and does not get it: its log is shorter. Simulation seed 73.
   */
  @Test
  void whoIsToLeaveLeadsOnceMoreWhereItAloneHoldsTheConfigurationThatSaysSo() { // Thesis §4.2.2
    Configuration two = TestNode.configurationOf(2);
    Configuration joint = two.enterJoint(nodes(1));
    RaftCore leaving =
        new RaftCore(
            node(2),
            TestNode.OPTIONS,
            7,
            1,
            null,
            TestNode.logOf(1, 1, 1),
            2,
            2,
            new ConfigurationLog(joint, Map.of(3L, joint.leaveJoint())));

    List<Effect> effects = new ArrayList<>();
    for (int i = 0; i < 2 * TIMEOUT; i++) {
      effects.addAll(leaving.step(new Input.Tick()));
    }

    assertThat(TestNode.sent(effects, 1)).isNotEmpty();
    effects.clear();
    leaving.step(new Input.Receive(node(1), new Message.Heartbeat(1, 3, 0)));
    for (int i = 0; i < 3 * TIMEOUT; i++) {
      effects.addAll(leaving.step(new Input.Tick()));
    }
    assertThat(TestNode.sent(effects, 1)).as("once it is committed").isEmpty();
  }

  /** Whoever leads next goes on from the joint configuration. */
  @Test
  void aChangeGoesOnWhenItsLeaderDies() {
    TestCluster cluster = clusterOf(5, 0);
    cluster.isolate(1, 2, 3);
    cluster.change(1, new MembershipChange.Remove(node(5)));
    cluster.tick(1); // It is on its way.
    cluster.tick(1);
    assertThat(cluster.core(2).configuration().isJoint()).isTrue();
    cluster.kill(1);
    cluster.heal();

    int leader = cluster.awaitLeader();
    cluster.tick(4 * TIMEOUT);

    Configuration configuration = cluster.core(leader).configuration();
    boolean wasFound = configuration.voters().equals(nodes(1, 2, 3, 4));
    assertThat(configuration.isJoint()).isFalse();
    assertThat(wasFound || configuration.voters().equals(nodes(1, 2, 3, 4, 5))).isTrue();
    assertThat(wasFound).as("2 or 3 leads, for their logs are longer").isTrue();
  }

  @Test
  void oneChangeAtATime() {
    TestCluster cluster = clusterOf(3, 2);
    cluster.isolate(1);

    assertThat(cluster.change(1, new MembershipChange.Add(member(4), true))).isNull();

    assertThat(cluster.change(1, new MembershipChange.Add(member(5), true)))
        .isEqualTo(Reason.CHANGING);
    assertThat(cluster.change(2, new MembershipChange.Add(member(5), true)))
        .isEqualTo(Reason.NOT_LEADER);
  }

  /** Two majorities might not meet: the flaw of single-server changes that was found in 2015. */
  @Test
  void noChangeBeforeAnEntryOfTheOwnTermIsCommitted() {
    TestNode leader = TestNode.leaderOf(3, 2).build();

    List<Effect> effects =
        leader.step(new Input.ChangeMembership(new MembershipChange.Remove(node(3))));

    assertThat(TestNode.only(Effect.ProposalRejected.class, effects))
        .containsExactly(new Effect.ProposalRejected(Reason.NOT_READY));
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    TestCluster cluster = clusterOf(3, 1);

    assertThat(cluster.change(1, new MembershipChange.Add(member(2), true)))
        .isEqualTo(Reason.MEMBER_ALREADY);
    assertThat(cluster.change(1, new MembershipChange.Remove(node(4))))
        .isEqualTo(Reason.NO_SUCH_MEMBER);
    assertThat(cluster.change(1, new MembershipChange.Promote(node(4))))
        .isEqualTo(Reason.NO_SUCH_MEMBER);
    assertThat(cluster.change(1, new MembershipChange.Promote(node(2))))
        .isEqualTo(Reason.NOTHING_TO_CHANGE);
    assertThat(cluster.change(1, new MembershipChange.Move(member(2))))
        .isEqualTo(Reason.NOTHING_TO_CHANGE);
    assertThat(clusterOf(1, 0).change(1, new MembershipChange.Remove(node(1))))
        .isEqualTo(Reason.NO_QUORUM);
  }

  /** etcd: a member that was added and never started could not be taken out again. */
  @Test
  void aMemberThatNeverCameIsTakenOutAgain() {
    TestCluster cluster = clusterOf(3, 1);
    cluster.kill(4);
    add(cluster, 4, true);
    cluster.tick(5 * TIMEOUT);
    assertThat(cluster.core(1).configuration().voters()).as("it never came").hasSize(3);

    assertThat(cluster.change(1, new MembershipChange.Remove(node(4)))).isNull();
    cluster.tick(TIMEOUT);

    assertThat(cluster.core(2).configuration().isMember(node(4))).isFalse();
    assertThat(cluster.core(1).isConfigurationSettled()).isTrue();
  }

  /** redisraft#94: what a leader that leaves holds is no part of the new majority. */
  @Test
  void aLeaderThatLeavesDoesNotCountItselfAmongThoseWhoStay() { // Raft §6
    TestCluster cluster = clusterOf(3, 0);
    assertThat(cluster.change(1, new MembershipChange.Remove(node(1)))).isNull();
    long joint = cluster.core(1).lastIndex();
    cluster.isolate(3);

    cluster.tick(TIMEOUT / 2);

    assertThat(cluster.core(2).lastIndex()).as("two of three hold it").isEqualTo(joint);
    assertThat(cluster.core(1).commitIndex()).as("but one of 2 and 3").isLessThan(joint);
    cluster.heal();
    cluster.tick(4 * TIMEOUT);
    assertThat(cluster.leaders()).hasSize(1).doesNotContain(1);
  }

  /** Of three, one of which is dead, the other two are all that there is. */
  @Test
  void noMemberIsRemovedThatTheMajorityNeeds() {
    TestCluster cluster = clusterOf(3, 0);
    cluster.kill(3);
    cluster.tick(TIMEOUT + 2);

    assertThat(cluster.change(1, new MembershipChange.Remove(node(2)))).isEqualTo(Reason.NO_QUORUM);
    assertThat(cluster.change(1, new MembershipChange.Remove(node(3)))).isNull();
  }

  /** It must have answered in this leadership: else one that is long dead seems to be heard. */
  @Test
  void aNewLeaderCountsOnNobodyItHasNotHeard() {
    TestCluster cluster = clusterOf(3, 0);
    cluster.kill(3);
    cluster.tick(TIMEOUT + 2);
    cluster.transfer(1, 2);
    while (!cluster.leaders().contains(2) || !cluster.core(2).knowsCommitted()) {
      cluster.tick();
    }

    assertThat(cluster.change(2, new MembershipChange.Remove(node(1)))).isEqualTo(Reason.NO_QUORUM);
    assertThat(cluster.core(2).whyNotChange(new MembershipChange.Remove(node(1))))
        .isEqualTo(Reason.NO_QUORUM);
    assertThat(cluster.core(2).whyNotChange(new MembershipChange.Remove(node(3)))).isNull();
  }

  @Test
  void aLearnerNoticesThatItsLeaderIsSilent() {
    TestCluster cluster = clusterOf(3, 1);
    add(cluster, 4, false);
    cluster.isolate(4);

    cluster.tick(3 * TIMEOUT);

    assertThat(cluster.core(4).leader()).isNull();
    assertThat(cluster.core(4).role()).isEqualTo(Role.FOLLOWER);
  }

  @Test
  void addressesChangeWithTheConfiguration() {
    TestCluster cluster = clusterOf(3, 0);
    var moved = new Member(node(2), "elsewhere", 1, 2, 3, 4);

    assertThat(cluster.change(1, new MembershipChange.Move(moved))).isNull();
    cluster.tick(TIMEOUT);

    assertThat(cluster.core(3).configuration().member(node(2))).isEqualTo(moved);
    assertThat(cluster.core(3).configuration().voters()).isEqualTo(nodes(1, 2, 3));
  }

  /** 1, 2, 3 → 4, 5, 6, each by one that takes its place, and every entry is with all of them. */
  @Test
  void everyMemberIsReplaced() {
    TestCluster cluster = clusterOf(3, 3);
    for (int leaving = 1; leaving <= 3; leaving++) {
      int leader = cluster.awaitLeader();
      cluster.propose(leader, 10 + leaving);
      assertThat(cluster.change(leader, new MembershipChange.Add(member(leaving + 3), true)))
          .isNull();
      cluster.tick(6 * TIMEOUT);
      cluster.change(cluster.awaitLeader(), new MembershipChange.Remove(node(leaving)));
      cluster.tick(6 * TIMEOUT);
      cluster.kill(leaving);
    }

    int leader = cluster.awaitLeader();
    cluster.propose(leader, 20);
    cluster.tick(2 * TIMEOUT);
    for (int number : List.of(4, 5, 6)) {
      assertThat(cluster.core(number).configuration().voters()).isEqualTo(nodes(4, 5, 6));
      assertThat(cluster.appliedLengths(number)).containsExactly(11, 12, 13, 20);
    }
  }

  /** Whatever happens meanwhile: safety at every step, and in the end a leader who commits. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void changesAmongFaults(int block) {
    for (int seed = block * 50; seed < block * 50 + 50; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      TestCluster cluster = new TestCluster(3, 4);
      Set<Integer> down = new TreeSet<>();
      int changes = 0;
      for (int i = 0; i < 60; i++) {
        int number = 1 + random.nextInt(7);
        switch (random.nextInt(8)) {
          case 0 -> cluster.heal();
          case 1 -> cluster.isolate(number, 1 + random.nextInt(7));
          case 2 -> {
            if (down.size() < 2 && down.add(number)) {
              cluster.kill(number);
            }
          }
          case 3 -> {
            down.forEach(cluster::restart);
            down.clear();
          }
          default -> {
            for (int leader : cluster.leaders()) {
              cluster.propose(leader, 2 + i);
              changes += cluster.change(leader, anyChange(random, number)) == null ? 1 : 0;
            }
          }
        }
        cluster.tick(random.nextInt(3 * TIMEOUT));
      }
      down.forEach(cluster::restart);
      cluster.heal();
      int leader = cluster.awaitLeader();
      cluster.tick(20 * TIMEOUT);
      leader = cluster.awaitLeader();
      assertThat(cluster.core(leader).isConfigurationSettled()).as("seed %d", seed).isTrue();
      assertThat(changes).as("seed %d", seed).isPositive();
    }
  }

  private static MembershipChange anyChange(SplittableRandom random, int number) {
    return switch (random.nextInt(4)) {
      case 0 -> new MembershipChange.Remove(node(number));
      case 1 -> new MembershipChange.Promote(node(number));
      default -> new MembershipChange.Add(member(number), random.nextInt(3) > 0);
    };
  }

  /** Node 1 leads, and everybody knows. */
  private static TestCluster clusterOf(int voters, int spare) {
    TestCluster cluster = new TestCluster(voters, spare);
    cluster.elect(1);
    return cluster;
  }

  private static void add(TestCluster cluster, int number, boolean joins) {
    assertThat(cluster.change(1, new MembershipChange.Add(member(number), joins))).isNull();
    cluster.tick(TIMEOUT);
  }
}
