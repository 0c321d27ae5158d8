package heartwood.raft.core;

import static heartwood.raft.core.TestNode.candidateOf;
import static heartwood.raft.core.TestNode.followerOf;
import static heartwood.raft.core.TestNode.granted;
import static heartwood.raft.core.TestNode.heartbeat;
import static heartwood.raft.core.TestNode.leaderOf;
import static heartwood.raft.core.TestNode.node;
import static heartwood.raft.core.TestNode.only;
import static heartwood.raft.core.TestNode.refused;
import static heartwood.raft.core.TestNode.requestPreVote;
import static heartwood.raft.core.TestNode.requestVote;
import static heartwood.raft.core.TestNode.sent;
import static heartwood.raft.core.TestNode.term;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.message.Configuration;
import heartwood.raft.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Raft §5.1, §5.2 and §5.4.1; pre-vote of thesis §9.6, check-quorum of §6.2, §4.2.3. */
class ElectionTest {
  @Test
  void startsAsFollower() { // Raft §5.2
    assertThat(followerOf(3, term(1)).build().core().role()).isEqualTo(Role.FOLLOWER);
  }

  @Test
  void followerThatHearsHeartbeatsStaysFollower() { // Raft §5.2
    TestNode node = followerOf(3, term(1)).build();

    for (int i = 0; i < 50; i++) {
      node.tick(9);
      node.receive(2, heartbeat(1, 0));
    }

    assertThat(node.core().role()).isEqualTo(Role.FOLLOWER);
    assertThat(node.core().currentTerm()).isEqualTo(1);
  }

  @Test
  void electionTimeoutsAreDrawnFromOneToTwoTimeouts() { // Raft §5.2, §9.3
    List<Integer> timeouts = new ArrayList<>();
    TestNode node = followerOf(3, term(1)).build();
    for (int round = 0; round < 100; round++) {
      int ticks = 0;
      while (node.core().role() == Role.FOLLOWER) {
        node.tick(1);
        ticks++;
      }
      timeouts.add(ticks);
      node.receive(2, heartbeat(1, 0));
      node.receive(2, heartbeat(1, 0));
    }

    assertThat(timeouts).allMatch(ticks -> ticks >= 10 && ticks < 20);
    assertThat(timeouts.stream().distinct().count()).isGreaterThan(5);
  }

  @Test
  void candidateVotesForItselfInTheNextTermAndAsksAllOthers() { // Raft §5.2
    TestNode node = followerOf(3, term(4)).withLogTerms(1, 3).build();

    List<Effect> effects = node.campaign();

    assertThat(node.core().currentTerm()).isEqualTo(5);
    assertThat(node.core().votedFor()).isEqualTo(node(1));
    assertThat(sent(effects, 2)).containsExactly(requestVote(5, 2, 3));
    assertThat(sent(effects, 3)).containsExactly(requestVote(5, 2, 3));
  }

  @Test
  void candidateWithAMajorityLeads() { // Raft §5.2
    TestNode node = candidateOf(5, term(2)).build();

    node.receive(2, granted(2));
    assertThat(node.core().role()).isEqualTo(Role.CANDIDATE);
    node.receive(3, granted(2));

    assertThat(node.core().role()).isEqualTo(Role.LEADER);
  }

  @Test
  void aVoteCountsOnceHoweverOftenItComes() { // Raft §5.2
    TestNode node = candidateOf(5, term(2)).build();

    node.receive(2, granted(2));
    node.receive(2, granted(2));

    assertThat(node.core().role()).isEqualTo(Role.CANDIDATE);
  }

  @Test
  void aVoteOfAnotherTermDoesNotCount() {
    TestNode node = candidateOf(3, term(5)).build();

    node.receive(2, granted(4));

    assertThat(node.core().role()).isEqualTo(Role.CANDIDATE);
  }

  @Test
  void candidateThatIsRefusedByAMajorityGivesUp() {
    TestNode node = candidateOf(3, term(2)).build();

    node.receive(2, refused(2));
    node.receive(3, refused(2));

    assertThat(node.core().role()).isEqualTo(Role.FOLLOWER);
  }

  @Test
  void aSplitVoteEndsInANewElectionOfALaterTerm() { // Raft §5.2
    TestNode node = candidateOf(5, term(2)).build();
    node.receive(2, granted(2));
    node.receive(3, refused(2));

    List<Effect> effects = node.campaign();

    assertThat(node.core().role()).isEqualTo(Role.CANDIDATE);
    assertThat(sent(effects, 2)).containsExactly(requestVote(3, 0, 0));
  }

  @Test
  void aNewLeaderShowsItselfAtOnceAndThenRegularly() { // Raft §5.2
    TestNode node = candidateOf(3, term(2)).build();

    assertThat(sent(node.receive(2, granted(2)), 3)).containsExactly(heartbeat(2, 0));

    assertThat(sent(node.tick(1), 3)).isEmpty();
    assertThat(sent(node.tick(1), 3)).containsExactly(heartbeat(2, 0));
  }

  @Test
  void candidateThatHearsALeaderOfItsTermFollows() { // Raft §5.2
    TestNode node = candidateOf(3, term(2)).build();

    node.receive(3, heartbeat(2, 0));

    assertThat(node.core().role()).isEqualTo(Role.FOLLOWER);
    assertThat(node.core().leader()).isEqualTo(node(3));
  }

  @Test
  void candidateRejectsALeaderOfAnOlderTerm() { // Raft §5.2
    TestNode node = candidateOf(3, term(5)).build();

    List<Effect> effects = node.receive(3, heartbeat(4, 0));

    assertThat(node.core().role()).isEqualTo(Role.CANDIDATE);
    assertThat(sent(effects, 3)).allMatch(message -> message.term() == 5);
  }

  @Test
  void anyoneWhoSeesANewerTermFollows() { // Raft §5.1
    TestNode leader = leaderOf(3, term(2)).build();

    leader.receive(3, new Message.HeartbeatReply(9, 0));

    assertThat(leader.core().role()).isEqualTo(Role.FOLLOWER);
    assertThat(leader.core().currentTerm()).isEqualTo(9);
    assertThat(leader.core().votedFor()).isNull();
  }

  // ---- Votes ----

  @Test
  void voterGivesOneVoteATermFirstComeFirstServed() { // Raft §5.2
    TestNode node = followerOf(3, term(1)).build();

    node.receive(2, requestVote(2, 0, 0));
    node.receive(3, requestVote(2, 0, 0));
    List<Effect> effects = node.persistAll();

    assertThat(sent(effects, 2)).containsExactly(granted(2));
    assertThat(sent(effects, 3)).containsExactly(refused(2));
  }

  @Test
  void voterRepeatsItsVoteForTheSameCandidate() {
    TestNode node = followerOf(3, term(2)).withVoteFor(2).build();

    assertThat(sent(node.receive(2, requestVote(2, 0, 0)), 2)).containsExactly(granted(2));
  }

  @Test
  void voterRemembersItsVoteOverARestart() { // Raft figure 2, "Persistent state"
    TestNode node = followerOf(3, term(2)).withVoteFor(2).build();

    assertThat(sent(node.receive(3, requestVote(2, 9, 2)), 3)).containsExactly(refused(2));
  }

  @Test
  void voterRefusesACandidateWhoseLogIsLessUpToDate() { // Raft §5.4.1
    TestNode node = followerOf(3, term(3)).withLogTerms(1, 2, 2).build();

    assertThat(votes(node, requestVote(4, 9, 1))).containsExactly(refused(4));
    assertThat(votes(node, requestVote(5, 2, 2))).containsExactly(refused(5));
    assertThat(votes(node, requestVote(6, 3, 2))).containsExactly(granted(6));
    assertThat(votes(node, requestVote(7, 1, 3))).containsExactly(granted(7));
  }

  private static List<Message> votes(TestNode node, Message request) {
    List<Effect> effects = new ArrayList<>(node.receive(2, request));
    effects.addAll(node.persistAll());
    return sent(effects, 2);
  }

  @Test
  void voterRefusesAnOlderTerm() { // Raft §5.1
    TestNode node = followerOf(3, term(5)).build();

    assertThat(sent(node.receive(2, requestVote(4, 9, 4)), 2)).containsExactly(refused(5));
  }

  // ---- Pre-vote (thesis §9.6) and stickiness (§4.2.3) ----

  @Test
  void preVoteChangesNeitherTermNorVote() { // Thesis §9.6
    TestNode node = followerOf(3, term(4)).build();

    List<Effect> effects = node.tickUntilRoleChanges();

    assertThat(node.core().role()).isEqualTo(Role.PRE_CANDIDATE);
    assertThat(node.core().currentTerm()).isEqualTo(4);
    assertThat(node.core().votedFor()).isNull();
    assertThat(sent(effects, 2)).containsExactly(requestPreVote(5, 0, 0));
    assertThat(only(Effect.Persist.class, effects)).isEmpty();
  }

  @Test
  void cutOffNodeNeverRaisesItsTerm() { // Thesis §9.6
    TestNode node = followerOf(3, term(4)).build();

    node.tick(1000);

    assertThat(node.core().currentTerm()).isEqualTo(4);
  }

  @Test
  void voterPromisesAPreVoteToManyAndKeepsItsVote() { // Thesis §9.6
    TestNode node = followerOf(3, term(4)).build();

    List<Effect> effects = node.receive(2, requestPreVote(5, 0, 0));
    effects.addAll(node.receive(3, requestPreVote(5, 0, 0)));

    Message yes = new Message.RequestVoteReply(5, true, true);
    assertThat(sent(effects)).containsExactly(yes, yes);
    assertThat(node.core().currentTerm()).isEqualTo(4);
    assertThat(node.core().votedFor()).isNull();
  }

  @Test
  void whoHearsALeaderDoesNotHelpToDeposeIt() { // Thesis §4.2.3
    TestNode node = followerOf(3, term(4)).build();
    node.receive(2, heartbeat(4, 0));

    List<Effect> effects = node.receive(3, requestVote(9, 9, 8));

    assertThat(sent(effects, 3)).containsExactly(refused(4));
    assertThat(node.core().currentTerm()).isEqualTo(4);
  }

  @Test
  void whoHasNotHeardTheLeaderForATimeoutVotes() { // Thesis §4.2.3
    TestNode node = followerOf(3, term(4)).build();
    node.receive(2, heartbeat(4, 0));
    node.tick(10);

    node.receive(3, requestVote(9, 9, 8));

    assertThat(sent(node.persistAll(), 3)).containsExactly(granted(9));
  }

  @Test
  void leaderThatHearsNoMajorityStepsDown() { // Thesis §6.2
    TestNode leader = leaderOf(5, term(2)).build();
    leader.tick(10);

    leader.receive(2, new Message.HeartbeatReply(2, 0));
    leader.tick(10);

    assertThat(leader.core().role()).isEqualTo(Role.FOLLOWER);
    assertThat(leader.core().currentTerm()).isEqualTo(2);
  }

  @Test
  void leaderThatHearsAMajorityServesOn() { // Thesis §6.2
    TestNode leader = leaderOf(5, term(2)).build();

    for (int i = 0; i < 10; i++) {
      leader.receive(2, new Message.HeartbeatReply(2, 0));
      leader.receive(3, new Message.HeartbeatReply(2, 0));
      leader.tick(10);
    }

    assertThat(leader.core().role()).isEqualTo(Role.LEADER);
  }

  @Test
  void learnerNeverCampaigns() { // Thesis §4.2.1
    RaftCore learner =
        new RaftCore(
            node(4),
            TestNode.OPTIONS,
            7,
            1,
            null,
            RaftLog.empty(),
            0,
            0,
            new ConfigurationLog(
                new Configuration(
                    TestNode.configurationOf(4).members(),
                    TestNode.nodes(1, 2, 3),
                    Set.of(),
                    TestNode.nodes(4))));

    for (int i = 0; i < 100; i++) {
      learner.step(new Input.Tick());
    }

    assertThat(learner.role()).isEqualTo(Role.FOLLOWER);
  }

  @Test
  void loneVoterLeadsOnceItsVoteIsDurableAndNotBefore() { // Raft §5.2
    TestNode node = followerOf(1, term(2)).withLearner(2).build();

    List<Effect> effects = node.tickUntilRoleChanges();
    assertThat(node.core().role()).isEqualTo(Role.CANDIDATE);
    assertThat(only(Effect.SendEntries.class, effects)).isEmpty();
    node.persistOne();

    assertThat(node.core().role()).isEqualTo(Role.LEADER);
  }
}
