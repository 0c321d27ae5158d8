package heartwood.raft.core;

import static heartwood.raft.core.TestNode.accepted;
import static heartwood.raft.core.TestNode.append;
import static heartwood.raft.core.TestNode.followerOf;
import static heartwood.raft.core.TestNode.heartbeat;
import static heartwood.raft.core.TestNode.leaderOf;
import static heartwood.raft.core.TestNode.node;
import static heartwood.raft.core.TestNode.only;
import static heartwood.raft.core.TestNode.sent;
import static heartwood.raft.core.TestNode.term;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.core.Effect.ReadFailed;
import heartwood.raft.core.Effect.ReadReady;
import heartwood.raft.message.Message.HeartbeatReply;
import heartwood.raft.message.Message.ReadIndexReply;
import heartwood.raft.message.Message.ReadIndexRequest;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Linearizable reads of followers: thesis §6.4. */
class FollowerReadsTest {
  // ---- Who asks ----

  @Test
  void aFollowerAnswersOnceItHasAppliedWhatItsLeaderTold() {
    TestNode follower = follower();
    long requestId = ask(follower, 1);
    follower.receive(2, append(3, 0, 0, 0, 3, 3));
    follower.persistAll();

    List<Effect> effects = follower.receive(2, new ReadIndexReply(3, requestId, 2, 0));
    assertThat(only(ReadReady.class, effects)).as("nothing is applied").isEmpty();
    assertThat(only(ReadReady.class, follower.receive(2, heartbeat(3, 1)))).isEmpty();
    effects = follower.receive(2, heartbeat(3, 2));

    assertThat(effects).containsSubsequence(new Effect.Apply(2, 2), new ReadReady(1, 2));
  }

  @Test
  void anAnswerTellsWhatIsCommittedAsAHeartbeatDoes() {
    TestNode follower = follower();
    follower.receive(2, append(3, 0, 0, 0, 3, 3));
    follower.persistAll();
    long requestId = ask(follower, 1);

    List<Effect> effects = follower.receive(2, new ReadIndexReply(3, requestId, 2, 2));

    assertThat(effects).containsSubsequence(new Effect.Apply(1, 2), new ReadReady(1, 2));
  }

  @Test
  void readsThatComeWhileAQuestionIsOutShareTheNext() {
    TestNode follower = follower();
    long first = ask(follower, 1);
    assertThat(sent(read(follower, 2))).isEmpty();
    assertThat(sent(read(follower, 3))).isEmpty();

    List<Effect> effects = follower.receive(2, new ReadIndexReply(3, first, 0, 0));

    assertThat(only(ReadReady.class, effects)).containsExactly(new ReadReady(1, 0));
    assertThat(sent(effects, 2)).containsExactly(new ReadIndexRequest(3, first + 1));
    effects = follower.receive(2, new ReadIndexReply(3, first + 1, 0, 0));
    assertThat(only(ReadReady.class, effects)).containsExactly(new ReadReady(3, 0));
  }

  @Test
  void anAnswerToAnEarlierQuestionIsOfNoAccount() {
    TestNode follower = follower();
    long first = ask(follower, 1);
    follower.receive(2, new ReadIndexReply(3, first, 0, 0));
    read(follower, 2);

    List<Effect> effects = follower.receive(2, new ReadIndexReply(3, first, 0, 0));

    assertThat(only(ReadReady.class, effects)).isEmpty();
  }

  @Test
  void questionsOfTwoProcessesOfANodeAreNotTakenForEachOther() {
    assertThat(new FollowerReads(new SplitMix64(~1).nextLong()).requestId())
        .isNotCloseTo(
            new FollowerReads(new SplitMix64(~2).nextLong()).requestId(),
            Offset.offset(1_000_000L));
  }

  @Test
  void aLostQuestionIsAskedAgainUnderItsNumber() {
    TestNode follower = follower();
    long requestId = ask(follower, 1);

    assertThat(sent(follower.tick(1))).isEmpty();
    assertThat(sent(follower.tick(1), 2)).containsExactly(new ReadIndexRequest(3, requestId));
  }

  @Test
  void whoKnowsNoLeaderFailsAtOnce() {
    TestNode follower = followerOf(3, term(3)).build();

    assertThat(read(follower, 1)).containsExactly(new ReadFailed(1));
  }

  @Test
  void readsFailWithAnotherTermWhateverIsAnsweredThen() {
    TestNode follower = follower();
    follower.receive(2, append(3, 0, 0, 0, 3));
    follower.persistAll();
    long requestId = ask(follower, 1);
    follower.receive(2, new ReadIndexReply(3, requestId, 1, 0)); // Waits for entry 1.
    read(follower, 2);

    List<Effect> effects = follower.receive(3, heartbeat(4, 0));

    assertThat(only(ReadFailed.class, effects)).containsExactly(new ReadFailed(2));
    effects = follower.receive(2, new ReadIndexReply(3, requestId + 1, 0, 0));
    assertThat(only(ReadReady.class, effects)).isEmpty();
    effects = follower.receive(3, heartbeat(4, 1));
    assertThat(only(ReadReady.class, effects)).isEmpty();
  }

  @Test
  void readsFailWhenTheLeaderIsSilent() {
    TestNode follower = follower();
    ask(follower, 1);

    assertThat(only(ReadFailed.class, follower.tickUntilRoleChanges()))
        .containsExactly(new ReadFailed(1));
  }

  @Test
  void readsFailWhenWhoWasAskedLeadsNoMore() {
    TestNode follower = follower();
    long requestId = ask(follower, 1);

    List<Effect> effects =
        follower.receive(2, new ReadIndexReply(3, requestId, ReadIndexReply.NONE, 0));

    assertThat(only(ReadFailed.class, effects)).containsExactly(new ReadFailed(1));
  }

  @Test
  void onlyTheLeaderIsBelieved() {
    TestNode follower = follower();
    long requestId = ask(follower, 1);

    List<Effect> effects = follower.receive(3, new ReadIndexReply(3, requestId, 0, 0));

    assertThat(only(ReadReady.class, effects)).isEmpty();
  }

  @Test
  void whoseLogStaysBehindFailsItsReads() {
    TestNode follower = follower();
    long requestId = ask(follower, 1);
    follower.receive(2, new ReadIndexReply(3, requestId, 100, 0));

    List<Effect> effects = new ArrayList<>();
    for (int ticks = 0; ticks < 41; ticks++) {
      effects.addAll(follower.receive(2, heartbeat(3, 0)));
      effects.addAll(follower.tick(1));
    }

    assertThat(only(ReadFailed.class, effects)).containsExactly(new ReadFailed(1));
    assertThat(follower.core().leader()).isEqualTo(node(2));
  }

  // ---- Who is asked ----

  @Test
  void aLeaderAnswersWhenAMajorityHasConfirmedIt() {
    TestNode leader = readyLeader();

    List<Effect> effects = leader.receive(3, new ReadIndexRequest(1, 77));
    assertThat(sent(effects, 3)).as("the round alone").hasSize(1);
    assertThat(sent(effects)).noneMatch(ReadIndexReply.class::isInstance);
    effects = leader.receive(2, new HeartbeatReply(1, 1));

    assertThat(sent(effects, 3)).containsExactly(new ReadIndexReply(1, 77, 1, 1));
    assertThat(only(ReadReady.class, effects)).isEmpty();
  }

  @Test
  void aLeaderTellsTheCommitIndexOfWhenTheRoundBeganAndWhatTheFollowerHolds() {
    TestNode leader = readyLeader();
    leader.receive(3, new ReadIndexRequest(1, 77));
    leader.propose(10);
    leader.receive(2, accepted(1, 2));
    leader.persistAll();

    List<Effect> effects = leader.receive(2, new HeartbeatReply(1, 1));

    assertThat(sent(effects, 3)).containsExactly(new ReadIndexReply(1, 77, 1, 1));
  }

  @Test
  void noAnswerBeforeAnEntryOfTheOwnTermIsCommitted() {
    TestNode leader = leaderOf(3, term(4)).withLogTerms(1, 2).withCommitIndex(1).build();

    List<Effect> effects = leader.receive(3, new ReadIndexRequest(4, 77));
    assertThat(sent(effects)).isEmpty();
    leader.receive(2, accepted(4, 3));
    effects = leader.receive(2, new HeartbeatReply(4, 1));

    assertThat(sent(effects, 3)).containsExactly(new ReadIndexReply(4, 77, 3, 0));
  }

  @Test
  void aRoundServesOwnReadsAndThoseOfFollowers() {
    TestNode leader = readyLeader();
    read(leader, 1);
    leader.receive(2, new ReadIndexRequest(1, 66));
    leader.receive(3, new ReadIndexRequest(1, 77));
    read(leader, 2);
    assertThat(only(ReadReady.class, leader.receive(2, new HeartbeatReply(1, 1)))).hasSize(1);

    List<Effect> effects = leader.receive(3, new HeartbeatReply(1, 2));

    assertThat(only(ReadReady.class, effects)).containsExactly(new ReadReady(2, 1));
    assertThat(sent(effects, 2)).containsExactly(new ReadIndexReply(1, 66, 1, 1));
    assertThat(sent(effects, 3)).containsExactly(new ReadIndexReply(1, 77, 1, 1));
  }

  @Test
  void aQuestionThatIsAskedAgainIsAnsweredOnce() {
    TestNode leader = readyLeader();
    leader.receive(3, new ReadIndexRequest(1, 77));
    leader.receive(3, new ReadIndexRequest(1, 77));

    List<Effect> effects = leader.receive(2, new HeartbeatReply(1, 1));

    assertThat(sent(effects)).containsExactly(new ReadIndexReply(1, 77, 1, 1));
  }

  @Test
  void whoDoesNotLeadSaysSo() {
    assertThat(sent(follower().receive(3, new ReadIndexRequest(3, 77)), 3))
        .containsExactly(new ReadIndexReply(3, 77, ReadIndexReply.NONE, 0));
  }

  @Test
  void aStrangerIsToldNothing() {
    assertThat(sent(readyLeader().receive(9, new ReadIndexRequest(1, 77)), 9))
        .containsExactly(new ReadIndexReply(1, 77, ReadIndexReply.NONE, 0));
  }

  @Test
  void whoLosesLeadershipAnswersNobody() {
    TestNode leader = readyLeader();
    leader.receive(3, new ReadIndexRequest(1, 77));
    leader.receive(2, heartbeat(2, 0));
    leader.persistAll();

    assertThat(sent(leader.receive(2, new HeartbeatReply(1, 1)), 3)).isEmpty();
  }

  private static TestNode follower() {
    TestNode follower = followerOf(3, term(3)).build();
    follower.receive(2, heartbeat(3, 0));
    return follower;
  }

  private static TestNode readyLeader() {
    TestNode leader = leaderOf(3, term(1)).build();
    leader.receive(2, accepted(1, 1));
    leader.receive(3, accepted(1, 1));
    leader.tick(1);
    return leader;
  }

  /** Reads, and returns the number of the question that this makes the follower ask. */
  private static long ask(TestNode follower, long readId) {
    ReadIndexRequest request = (ReadIndexRequest) sent(read(follower, readId), 2).get(0);
    return request.requestId();
  }

  private static List<Effect> read(TestNode node, long readId) {
    return node.step(new Input.ReadIndex(readId));
  }
}
