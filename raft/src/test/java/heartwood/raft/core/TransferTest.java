package heartwood.raft.core;

import static heartwood.raft.core.TestNode.accepted;
import static heartwood.raft.core.TestNode.followerOf;
import static heartwood.raft.core.TestNode.granted;
import static heartwood.raft.core.TestNode.heartbeat;
import static heartwood.raft.core.TestNode.leaderOf;
import static heartwood.raft.core.TestNode.node;
import static heartwood.raft.core.TestNode.sent;
import static heartwood.raft.core.TestNode.term;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.core.Effect.ProposalRejected;
import heartwood.raft.core.Effect.ProposalRejected.Reason;
import heartwood.raft.message.Message;
import heartwood.raft.message.Message.TimeoutNow;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Leadership transfer: thesis §3.10. */
class TransferTest {
  @Test
  void leaderHandsOverAtOnceToWhoHoldsItsWholeLog() { // Thesis §3.10
    TestNode leader = leaderOf(3, term(2)).build();
    leader.receive(3, accepted(2, 1));

    List<Effect> effects = leader.step(new Input.TransferLeadership(null));

    assertThat(sent(effects, 3)).containsExactly(new TimeoutNow(2));
  }

  @Test
  void leaderWaitsUntilItsHeirHasCaughtUp() { // Thesis §3.10
    TestNode leader = leaderOf(3, term(2)).build();

    assertThat(sent(leader.step(new Input.TransferLeadership(node(3))))).isEmpty();

    assertThat(sent(leader.receive(3, accepted(2, 1)), 3)).containsExactly(new TimeoutNow(2));
  }

  @Test
  void leaderTakesNoProposalsWhileItHandsOver() { // Thesis §3.10
    TestNode leader = leaderOf(3, term(2)).build();
    leader.step(new Input.TransferLeadership(node(3)));

    assertThat(leader.propose(1)).contains(new ProposalRejected(Reason.TRANSFERRING));
  }

  @Test
  void leaderServesOnWhenItsHeirDoesNotTakeOver() { // Thesis §3.10
    TestNode leader = leaderOf(3, term(2)).build();
    leader.step(new Input.TransferLeadership(node(3)));

    leader.receive(2, new Message.HeartbeatReply(2, 0));
    leader.tick(10);

    assertThat(leader.propose(1)).doesNotContain(new ProposalRejected(Reason.TRANSFERRING));
  }

  @Test
  void leaderPrefersAnHeirThatAnswers() {
    TestNode leader = leaderOf(3, term(2)).build();
    leader.receive(2, accepted(2, 1));
    leader.receive(3, accepted(2, 1));
    leader.tick(8);
    leader.receive(3, new Message.HeartbeatReply(2, 0));

    List<Effect> effects = leader.step(new Input.TransferLeadership(null));

    assertThat(sent(effects, 3)).containsExactly(new TimeoutNow(2));
  }

  @Test
  void leaderDoesNotHandOverToALearner() {
    TestNode leader = leaderOf(3, term(2)).withLearner(4).build();
    leader.receive(4, accepted(2, 1));

    assertThat(sent(leader.step(new Input.TransferLeadership(node(4))))).isEmpty();
  }

  @Test
  void heirCampaignsAtOnceWithoutPreVote() { // Thesis §3.10
    TestNode heir = followerOf(3, term(2)).withLogTerms(1).build();
    heir.receive(2, heartbeat(2, 0));

    heir.receive(2, new TimeoutNow(2));

    assertThat(sent(heir.persistAll(), 3))
        .containsExactly(new Message.RequestVote(3, 1, 1, false, true));
  }

  @Test
  void voterGrantsTheHeirThoughItHearsTheLeader() { // Thesis §4.2.3
    TestNode voter = followerOf(3, term(2)).build();
    voter.receive(2, heartbeat(2, 0));

    voter.receive(3, new Message.RequestVote(3, 0, 0, false, true));

    assertThat(sent(voter.persistAll(), 3)).containsExactly(granted(3));
  }

  @Test
  void aTimeoutNowOfAnOlderTermIsIgnored() {
    TestNode node = followerOf(3, term(5)).build();

    node.receive(2, new TimeoutNow(4));

    assertThat(node.core().role()).isEqualTo(Role.FOLLOWER);
    assertThat(node.core().currentTerm()).isEqualTo(5);
  }
}
