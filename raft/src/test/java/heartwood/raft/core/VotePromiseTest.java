package heartwood.raft.core;

import static heartwood.raft.core.TestNode.followerOf;
import static heartwood.raft.core.TestNode.granted;
import static heartwood.raft.core.TestNode.heartbeat;
import static heartwood.raft.core.TestNode.requestPreVote;
import static heartwood.raft.core.TestNode.requestVote;
import static heartwood.raft.core.TestNode.sent;
import static heartwood.raft.core.TestNode.term;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.message.Message;
import heartwood.raft.message.Message.RequestVoteReply;
import org.junit.jupiter.api.Test;

/** What a leader's lease rests upon: thesis §4.2.3 and §6.4.1. */
class VotePromiseTest {
  private static final int TIMEOUT = TestNode.OPTIONS.electionTimeoutTicks();

  @Test
  void whoHeardALeaderVotesForNobodyElseForAnElectionTimeout() {
    TestNode voter = followerOf(3, term(2)).build();
    voter.receive(2, heartbeat(2, 0));

    voter.tick(TIMEOUT - 1);
    assertThat(sent(voter.receive(3, requestPreVote(3, 0, 0)), 3))
        .containsExactly(new RequestVoteReply(2, true, false));
    assertThat(sent(voter.receive(3, requestVote(3, 0, 0)), 3))
        .containsExactly(new RequestVoteReply(2, false, false));
    voter.tick(1);
    voter.receive(3, requestVote(3, 0, 0));

    assertThat(sent(voter.persistAll(), 3)).containsExactly(granted(3));
  }

  @Test
  void aNewerTermDoesNotReleaseWhoHeardTheLeader() {
    TestNode voter = followerOf(3, term(2)).build();
    voter.receive(2, heartbeat(2, 0));
    voter.receive(3, new RequestVoteReply(4, false, false)); // Late, and of a later term.
    voter.persistAll();
    assertThat(voter.core().leader()).isNull();

    assertThat(sent(voter.receive(3, requestVote(4, 0, 0)), 3)).as("of its own term").isNotEmpty();
    assertThat(voter.core().votedFor()).isNull();
    voter.receive(3, requestVote(5, 0, 0));

    assertThat(voter.core().currentTerm()).isEqualTo(4);
    assertThat(voter.core().votedFor()).isNull();
  }

  @Test
  void aRestartedVoterMayHaveHeardALeaderAndWaits() {
    TestNode voter = followerOf(3, term(2)).build();
    voter.step(new Input.Start());

    voter.tick(TIMEOUT - 1);
    voter.receive(3, requestVote(3, 0, 0));
    assertThat(voter.core().votedFor()).isNull();
    voter.tick(1);
    voter.receive(3, requestVote(3, 0, 0));

    assertThat(sent(voter.persistAll(), 3)).containsExactly(granted(3));
  }

  @Test
  void aNodeOfANewClusterHasHeardNobodyAndVotesAtOnce() {
    TestNode voter = followerOf(3, term(0)).build();
    voter.step(new Input.Start());

    voter.receive(3, requestVote(1, 0, 0));

    assertThat(sent(voter.persistAll(), 3)).containsExactly(granted(1));
  }

  @Test
  void whoCampaignsAtTheLeadersWishIsGrantedAVote() {
    TestNode voter = followerOf(3, term(2)).build();
    voter.receive(2, heartbeat(2, 0));

    voter.receive(3, new Message.RequestVote(3, 0, 0, false, true));

    assertThat(sent(voter.persistAll(), 3)).containsExactly(granted(3));
  }
}
