package heartwood.raft.core;

import static heartwood.raft.core.TestNode.accepted;
import static heartwood.raft.core.TestNode.followerOf;
import static heartwood.raft.core.TestNode.leaderOf;
import static heartwood.raft.core.TestNode.only;
import static heartwood.raft.core.TestNode.sent;
import static heartwood.raft.core.TestNode.term;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.message.Message;
import heartwood.raft.message.Message.Heartbeat;
import heartwood.raft.message.Message.HeartbeatReply;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Linearizable reads: thesis §6.4. */
class ReadIndexTest {
  @Test
  void noReadBeforeAnEntryOfTheOwnTermIsCommitted() { // Thesis §6.4, step 1
    TestNode leader = leaderOf(3, term(4)).withLogTerms(1, 2).withCommitIndex(1).build();

    List<Effect> effects = read(leader, 1);
    assertThat(sent(effects)).isEmpty();
    effects = leader.receive(2, accepted(4, 3));

    assertThat(only(Effect.ReadReady.class, effects)).isEmpty();
    assertThat(sent(effects, 2)).containsExactly(new Heartbeat(4, 3, 1));
  }

  @Test
  void aReadIsReadyWhenAMajorityConfirmsTheLeaderWithinItsRound() { // Thesis §6.4, steps 2 and 3
    TestNode leader = readyLeader(5);
    read(leader, 1);

    assertThat(only(Effect.ReadReady.class, confirm(leader, 2, 1))).isEmpty();
    List<Effect> effects = confirm(leader, 3, 1);

    assertThat(only(Effect.ReadReady.class, effects)).containsExactly(new Effect.ReadReady(1, 1));
  }

  @Test
  void anAnswerFromBeforeTheReadDoesNotConfirmIt() { // Thesis §6.4: else a stale leader reads
    TestNode leader = readyLeader(3);
    read(leader, 1);
    confirm(leader, 2, 1);
    read(leader, 2);

    assertThat(only(Effect.ReadReady.class, confirm(leader, 3, 1))).isEmpty();
    assertThat(only(Effect.ReadReady.class, confirm(leader, 3, 2)))
        .containsExactly(new Effect.ReadReady(2, 1));
  }

  @Test
  void theSameAnswerTwiceIsOneConfirmation() {
    TestNode leader = readyLeader(5);
    read(leader, 1);

    confirm(leader, 2, 1);

    assertThat(only(Effect.ReadReady.class, confirm(leader, 2, 1))).isEmpty();
  }

  @Test
  void aLearnerConfirmsNothing() {
    TestNode leader = leaderOf(3, term(1)).withLearner(4).build();
    leader.receive(2, accepted(1, 1));
    read(leader, 1);

    assertThat(only(Effect.ReadReady.class, confirm(leader, 4, 1))).isEmpty();
  }

  @Test
  void readsThatComeWhileARoundIsOutShareTheNext() { // Thesis §6.4, amortized
    TestNode leader = readyLeader(3);
    read(leader, 1);
    read(leader, 2);
    read(leader, 3);

    List<Effect> effects = confirm(leader, 2, 1);
    assertThat(only(Effect.ReadReady.class, effects)).containsExactly(new Effect.ReadReady(1, 1));
    assertThat(sent(effects, 2)).containsExactly(new Heartbeat(1, 1, 2));

    assertThat(only(Effect.ReadReady.class, confirm(leader, 3, 2)))
        .containsExactly(new Effect.ReadReady(3, 1));
  }

  @Test
  void theIndexIsTheCommitIndexWhenTheRoundBegan() {
    TestNode leader = readyLeader(3);
    read(leader, 1);
    leader.propose(10);
    leader.receive(2, accepted(1, 2));
    leader.persistAll();

    assertThat(only(Effect.ReadReady.class, confirm(leader, 2, 1)))
        .containsExactly(new Effect.ReadReady(1, 1));
  }

  @Test
  void aLostRoundIsAskedForAgainWithTheNextHeartbeat() {
    TestNode leader = readyLeader(3);
    read(leader, 1);

    assertThat(sent(leader.tick(2), 2)).contains(new Heartbeat(1, 1, 1));
  }

  @Test
  void aRoundAsksThoseWhoConfirmedTheLastAndAllAfterATickOfSilence() {
    TestNode leader = readyLeader(5);
    read(leader, 1);
    confirm(leader, 4, 1);
    confirm(leader, 2, 1);

    List<Effect> effects = read(leader, 2);
    assertThat(sent(effects, 2)).containsExactly(new Heartbeat(1, 1, 2));
    assertThat(sent(effects, 4)).hasSize(1);
    assertThat(sent(effects)).hasSize(2);
    effects = leader.step(new Input.Tick());

    assertThat(sent(effects)).hasSize(4);
    assertThat(only(Effect.ReadReady.class, confirm(leader, 3, 2))).isEmpty();
    assertThat(only(Effect.ReadReady.class, confirm(leader, 5, 2)))
        .containsExactly(new Effect.ReadReady(2, 1));
  }

  @Test
  void whoLosesLeadershipFailsItsReads() {
    TestNode leader = readyLeader(3);
    read(leader, 1);
    read(leader, 2);

    List<Effect> effects = leader.receive(2, new Message.HeartbeatReply(7, 0));

    assertThat(only(Effect.ReadFailed.class, effects)).containsExactly(new Effect.ReadFailed(2));
  }

  @Test
  void aFollowerFailsReadsAtOnce() {
    assertThat(read(followerOf(3, term(1)).build(), 1)).containsExactly(new Effect.ReadFailed(1));
  }

  @Test
  void aLoneVotersReadComesBehindWhatItHasJustCommitted() {
    TestNode leader = leaderOf(1, term(1)).build();
    leader.propose(10);

    List<Effect> effects = new java.util.ArrayList<>(read(leader, 1));
    assertThat(only(Effect.ReadReady.class, effects)).containsExactly(new Effect.ReadReady(1, 1));
    leader.propose(10);
    TestNode fresh = followerOf(1, term(1)).withLogTerms(1, 1).build();
    fresh.tickUntilRoleChanges();
    fresh.persistOne(); // Leads; its first entry is being written.
    read(fresh, 1);
    effects = fresh.persistOne();

    assertThat(effects).containsSubsequence(new Effect.Apply(1, 3), new Effect.ReadReady(1, 3));
  }

  private static TestNode readyLeader(int voterCount) {
    TestNode leader = leaderOf(voterCount, term(1)).build();
    for (int peer = 2; peer <= voterCount; peer++) {
      leader.receive(peer, accepted(1, 1));
    }
    leader.tick(1);
    return leader;
  }

  private static List<Effect> read(TestNode node, long readId) {
    return node.step(new Input.ReadIndex(readId));
  }

  private static List<Effect> confirm(TestNode leader, int peer, long round) {
    return leader.receive(peer, new HeartbeatReply(leader.core().currentTerm(), round));
  }
}
