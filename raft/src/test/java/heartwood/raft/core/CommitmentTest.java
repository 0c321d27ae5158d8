package heartwood.raft.core;

import static heartwood.raft.core.TestNode.accepted;
import static heartwood.raft.core.TestNode.leaderOf;
import static heartwood.raft.core.TestNode.only;
import static heartwood.raft.core.TestNode.term;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Raft §5.3 and §5.4.2: when an entry is committed. */
class CommitmentTest {
  @Test
  void leaderDoesNotCommitAnOlderTermsEntryByCounting() { // Raft §5.4.2, figure 8
    TestNode leader = leaderOf(3, term(4)).withLogTerms(1, 2).withCommitIndex(1).build();

    leader.receive(2, accepted(4, 2)); // Now a majority stores entry 2, of term 2.

    assertThat(leader.core().commitIndex()).isEqualTo(1);
  }

  @Test
  void anEntryOfTheOwnTermCommitsAllBeforeIt() { // Raft §5.4.2
    TestNode leader = leaderOf(3, term(4)).withLogTerms(1, 2).withCommitIndex(1).build();

    List<Effect> effects = leader.receive(2, accepted(4, 3));

    assertThat(leader.core().commitIndex()).isEqualTo(3);
    assertThat(only(Effect.Apply.class, effects)).containsExactly(new Effect.Apply(2, 3));
  }

  @Test
  void aMinorityDoesNotCommit() { // Raft §5.3
    TestNode leader = leaderOf(5, term(1)).build();

    leader.receive(2, accepted(1, 1));

    assertThat(leader.core().commitIndex()).isZero();
  }

  @Test
  void aQuorumOfOthersCommitsWithoutTheLeadersDisk() { // Thesis §10.2.1
    TestNode leader = leaderOf(3, term(1)).build();
    leader.propose(10);

    leader.receive(2, accepted(1, 2));
    assertThat(leader.core().commitIndex()).isEqualTo(1);
    leader.receive(3, accepted(1, 2));

    assertThat(leader.core().commitIndex()).isEqualTo(2);
    assertThat(leader.core().durableIndex()).isEqualTo(1);
  }

  @Test
  void aLearnerDoesNotCount() { // Thesis §4.2.1
    TestNode leader = leaderOf(3, term(1)).withLearner(4).build();

    leader.receive(4, accepted(1, 1));

    assertThat(leader.core().commitIndex()).isZero();
  }

  @Test
  void followersHearOfTheCommitWithTheNextTick() {
    TestNode leader = leaderOf(3, term(1)).build();
    leader.receive(2, accepted(1, 1));

    List<Effect> effects = leader.tick(1);

    assertThat(TestNode.sent(effects, 2)).containsExactly(TestNode.heartbeat(1, 1));
  }

  @Test
  void aHeartbeatCommitsNothingThatItsReceiverIsNotKnownToHold() { // Raft §5.3
    TestNode leader = leaderOf(3, term(1)).build();
    leader.receive(2, accepted(1, 1));

    List<Effect> effects = leader.tick(1);

    assertThat(TestNode.sent(effects, 3)).containsExactly(TestNode.heartbeat(1, 0));
  }

  @Test
  void aRestartedNodeAppliesWhatItKnewCommitted() {
    TestNode node =
        TestNode.followerOf(3, term(1)).withLogTerms(1, 1, 1).withCommitIndex(2).build();

    assertThat(node.core().commitIndex()).isEqualTo(2);
    assertThat(node.step(new Input.Start())).isEmpty(); // The builder's state had applied it.
  }
}
