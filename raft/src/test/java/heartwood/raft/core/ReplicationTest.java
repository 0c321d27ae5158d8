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

import heartwood.raft.message.Message;
import heartwood.raft.message.Message.AppendEntriesRejected;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Raft §5.3: the log of a follower becomes the leader's. */
class ReplicationTest {
  /** The leader of figure 7, of term 8; the first ten entries. */
  private static final long[] FIGURE_7_LEADER = {1, 1, 1, 4, 4, 5, 5, 6, 6, 6};

  @Test
  void newLeaderAppendsAnEntryOfItsTermAndProbesWithTheEntryBeforeIt() { // Raft §5.2, §8
    TestNode node = TestNode.candidateOf(3, term(3)).withLogTerms(1, 2).build();

    List<Effect> effects = node.receive(2, TestNode.granted(3));

    assertThat(node.logTerms()).containsExactly(1L, 2L, 3L);
    assertThat(only(Effect.SendEntries.class, effects))
        .containsExactly(
            new Effect.SendEntries(node(2), 3, 2, 2, 0, 3, 2),
            new Effect.SendEntries(node(3), 3, 2, 2, 0, 3, 2));
  }

  @Test
  void followerAcceptsWhatFitsItsLog() { // Raft §5.3
    TestNode node = followerOf(3, term(2)).withLogTerms(1, 2).build();

    node.receive(2, append(2, 2, 2, 0, 2, 2));

    assertThat(node.logTerms()).containsExactly(1L, 2L, 2L, 2L);
    assertThat(sent(node.persistAll(), 2)).containsExactly(accepted(2, 4));
  }

  @Test
  void followerRejectsWhatLeavesAGapAndTellsWhereItsLogEnds() { // Raft §5.3
    TestNode node = followerOf(3, term(2)).withLogTerms(1, 2).build();

    List<Effect> effects = node.receive(2, append(2, 5, 2, 0, 2));

    assertThat(sent(effects, 2)).containsExactly(new AppendEntriesRejected(2, 5, 0, 3));
    assertThat(node.logTerms()).containsExactly(1L, 2L);
  }

  @Test
  void followerRejectsAnotherPrevTermAndTellsWhereItsOwnBegins() { // Raft §5.3
    TestNode node = followerOf(3, term(4)).withLogTerms(1, 2, 2, 2).build();

    List<Effect> effects = node.receive(2, append(4, 4, 3, 0, 4));

    assertThat(sent(effects, 2)).containsExactly(new AppendEntriesRejected(4, 4, 2, 2));
  }

  @Test
  void followerCutsOnlyWhatConflicts() { // Raft figure 2, AppendEntries 3
    TestNode node = followerOf(3, term(4)).withLogTerms(1, 2, 2, 2).build();

    node.receive(2, append(4, 1, 1, 0, 2, 4));

    assertThat(node.logTerms()).containsExactly(1L, 2L, 4L);
  }

  @Test
  void followerKeepsWhatLiesBehindAMessageThatCameLate() { // Raft §5.3: receivers are idempotent
    TestNode node = followerOf(3, term(2)).withLogTerms(1, 2, 2, 2).build();

    List<Effect> effects = node.receive(2, append(2, 1, 1, 0, 2));

    assertThat(node.logTerms()).containsExactly(1L, 2L, 2L, 2L);
    assertThat(sent(effects, 2)).containsExactly(accepted(2, 2));
  }

  @Test
  void followerTakesTheSameMessageTwiceAsOnce() { // Raft §5.3
    TestNode node = followerOf(3, term(2)).withLogTerms(1).build();
    Message append = append(2, 1, 1, 1, 2, 2);

    node.receive(2, append);
    node.persistAll();
    List<Effect> effects = node.receive(2, append);

    assertThat(node.logTerms()).containsExactly(1L, 2L, 2L);
    assertThat(only(Effect.Persist.class, effects)).isEmpty();
    assertThat(sent(effects, 2)).containsExactly(accepted(2, 3));
  }

  @Test
  void followerRejectsALeaderOfAnOlderTerm() { // Raft §5.1
    TestNode node = followerOf(3, term(5)).withLogTerms(1).build();

    List<Effect> effects = node.receive(2, append(4, 1, 1, 1, 4));

    assertThat(node.logTerms()).containsExactly(1L);
    assertThat(node.core().commitIndex()).isZero();
    assertThat(sent(effects, 2)).allMatch(message -> message.term() == 5);
  }

  @Test
  void followerCommitsNoFurtherThanTheMessageProves() { // Raft figure 2, AppendEntries 5
    TestNode node = followerOf(3, term(2)).withLogTerms(1, 1, 1).build();

    node.receive(2, append(2, 1, 1, 9));

    assertThat(node.core().commitIndex()).isEqualTo(1);
  }

  @Test
  void followerNeverCommitsBackwards() {
    TestNode node = followerOf(3, term(2)).withLogTerms(1, 1, 1).withCommitIndex(3).build();

    node.receive(2, append(2, 1, 1, 1));
    node.receive(2, heartbeat(2, 2));

    assertThat(node.core().commitIndex()).isEqualTo(3);
  }

  static Stream<Arguments> figure7() {
    return Stream.of(
        Arguments.of("a: lacks one", terms(1, 1, 1, 4, 4, 5, 5, 6, 6)),
        Arguments.of("b: lacks six", terms(1, 1, 1, 4)),
        Arguments.of("c: has one more of term 6", terms(1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6)),
        Arguments.of("d: has two of term 7", terms(1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7)),
        Arguments.of("e: term 4 went on", terms(1, 1, 1, 4, 4, 4, 4)),
        Arguments.of("f: terms 2 and 3", terms(1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3)),
        Arguments.of("empty", terms()));
  }

  private static long[] terms(long... terms) {
    return terms;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void figure7(String name, long[] followerTerms) { // Raft figure 7
    TestNode leader = leaderOf(2, term(8)).withLogTerms(FIGURE_7_LEADER).build();
    TestNode follower = followerOf(2, term(8)).withLogTerms(followerTerms).build();

    int probes = 0;
    List<Effect> effects = leader.receive(2, new Message.HeartbeatReply(8, 0));
    while (leader.core().commitIndex() < 11) {
      assertThat(++probes).as(leader.core().describe()).isLessThan(8);
      List<Message> answers = new ArrayList<>();
      for (Effect.SendEntries send : only(Effect.SendEntries.class, effects)) {
        answers.addAll(sent(follower.receive(2, appendOf(leader, send)), 2));
        answers.addAll(sent(follower.persistAll(), 2));
      }
      effects = new ArrayList<>();
      for (Message answer : answers) {
        effects.addAll(leader.receive(2, answer));
      }
    }

    assertThat(follower.logTerms()).isEqualTo(leader.logTerms());
  }

  private static Message appendOf(TestNode leader, Effect.SendEntries send) {
    long[] terms =
        LongStream.rangeClosed(send.fromIndex(), send.toIndex())
            .map(leader.core()::termAt)
            .toArray();
    return append(send.term(), send.prevLogIndex(), send.prevLogTerm(), send.leaderCommit(), terms);
  }

  @Test
  void leaderSkipsAWholeTermOfTheFollowersInOneStep() { // Raft §5.3, the optimization at its end
    TestNode leader = leaderOf(3, term(9)).withLogTerms(1, 5, 5, 5, 5, 5, 5).build();

    List<Effect> effects = leader.receive(2, new AppendEntriesRejected(9, 7, 2, 2));

    assertThat(only(Effect.SendEntries.class, effects))
        .extracting(Effect.SendEntries::prevLogIndex)
        .containsExactly(1L);
  }

  @Test
  void leaderStepsBackToItsOwnLastEntryOfTheFollowersTerm() { // Raft §5.3
    TestNode leader = leaderOf(3, term(9)).withLogTerms(1, 2, 2, 5, 5, 5, 5).build();

    List<Effect> effects = leader.receive(2, new AppendEntriesRejected(9, 7, 2, 2));

    assertThat(only(Effect.SendEntries.class, effects))
        .extracting(Effect.SendEntries::prevLogIndex)
        .containsExactly(3L);
  }

  @Test
  void leaderIgnoresARejectionThatCameLate() {
    TestNode leader = leaderOf(3, term(3)).withLogTerms(1, 2).build();
    leader.receive(2, accepted(3, 3));

    List<Effect> effects = leader.receive(2, new AppendEntriesRejected(3, 2, 0, 1));

    assertThat(only(Effect.SendEntries.class, effects)).isEmpty();
    assertThat(leader.core().matchIndex(node(2))).isEqualTo(3);
  }

  /** redisraft#42: a late answer's error was taken for one of its own. */
  @Test
  void whoLeadsNoMorePassesOverWhatAnswersItsLeadership() {
    TestNode node = leaderOf(3, term(2)).build();
    node.receive(3, heartbeat(3, 0));
    String before = node.core().describe();

    for (long term = 2; term <= 3; term++) {
      assertThat(node.receive(2, accepted(term, 1))).isEmpty();
      assertThat(node.receive(2, new AppendEntriesRejected(term, 1, 0, 1))).isEmpty();
      assertThat(node.receive(2, new Message.HeartbeatReply(term, 1))).isEmpty();
      assertThat(node.receive(2, new Message.RequestVoteReply(term, false, true))).isEmpty();
      assertThat(node.receive(2, new Message.RequestVoteReply(term, true, false))).isEmpty();
    }

    assertThat(node.core().describe()).isEqualTo(before);
  }

  @Test
  void leaderNeverForgetsAMatch() { // Acks may overtake each other.
    TestNode leader = leaderOf(3, term(3)).withLogTerms(1, 2).build();

    leader.receive(2, accepted(3, 3));
    leader.receive(2, accepted(3, 1));

    assertThat(leader.core().matchIndex(node(2))).isEqualTo(3);
  }

  @Test
  void leaderSendsWithoutWaitingForAnswers() { // Thesis §10.2.1
    TestNode leader = leaderOf(3, term(1)).build();
    leader.receive(2, accepted(1, 1));

    List<Effect> effects = leader.propose(10);
    effects.addAll(leader.propose(10));

    assertThat(only(Effect.SendEntries.class, effects))
        .filteredOn(send -> send.to().equals(node(2)))
        .extracting(Effect.SendEntries::fromIndex)
        .containsExactly(2L, 3L);
  }

  @Test
  void leaderProbesAgainAfterALinkBroke() {
    TestNode leader = leaderOf(3, term(1)).build();
    leader.receive(2, accepted(1, 1));
    leader.propose(10);

    leader.step(new Input.Unreachable(node(2)));
    List<Effect> effects = leader.receive(2, new Message.HeartbeatReply(1, 0));

    assertThat(only(Effect.SendEntries.class, effects))
        .contains(new Effect.SendEntries(node(2), 1, 1, 1, 1, 2, 1));
  }

  @Test
  void leaderRejectsWhatExceedsItsLimitAndTakesItLater() {
    CoreOptions options = TestNode.OPTIONS.withMaxUncommittedBytes(100);
    TestNode leader = leaderOf(3, term(1)).withOptions(options).build();

    leader.propose(90);
    assertThat(leader.propose(20))
        .contains(new Effect.ProposalRejected(Effect.ProposalRejected.Reason.FULL));
    leader.receive(2, accepted(1, 2));
    leader.persistAll();

    assertThat(only(Effect.Proposed.class, leader.propose(20))).hasSize(1);
  }

  @Test
  void followerRejectsProposals() {
    assertThat(followerOf(3, term(1)).build().propose(1))
        .containsExactly(new Effect.ProposalRejected(Effect.ProposalRejected.Reason.NOT_LEADER));
  }
}
