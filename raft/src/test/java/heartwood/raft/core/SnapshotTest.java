package heartwood.raft.core;

import static heartwood.raft.core.TestNode.accepted;
import static heartwood.raft.core.TestNode.append;
import static heartwood.raft.core.TestNode.followerOf;
import static heartwood.raft.core.TestNode.leaderOf;
import static heartwood.raft.core.TestNode.node;
import static heartwood.raft.core.TestNode.only;
import static heartwood.raft.core.TestNode.sent;
import static heartwood.raft.core.TestNode.term;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.message.EntryKind;
import heartwood.raft.message.Message;
import heartwood.raft.message.Message.AppendEntriesRejected;
import heartwood.raft.message.Message.InstallSnapshot;
import heartwood.raft.message.Message.SnapshotWanted;
import heartwood.raft.message.SnapshotId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Raft §7, pulled by the follower. */
class SnapshotTest {
  private static final SnapshotId OFFER = new SnapshotId(node(1), 3, 1, 100, 5);

  @Test
  void leaderStagesASnapshotForWhomItsLogDoesNotReach() {
    TestNode leader = compactedLeader();

    List<Effect> effects = leader.receive(2, new AppendEntriesRejected(2, 4, 0, 1));

    assertThat(only(Effect.StageSnapshot.class, effects)).hasSize(1);
    assertThat(only(Effect.SendEntries.class, effects)).isEmpty();
  }

  @Test
  void leaderStagesNothingForWhoIsGone() {
    TestNode leader = compactedLeader();
    leader.receive(2, new AppendEntriesRejected(2, 4, 0, 1));
    leader.step(new Input.SnapshotStaged(OFFER));
    leader.receive(3, accepted(2, 5));
    for (int i = 0; i < 20; i++) { // Node 2 has died.
      leader.receive(3, new Message.HeartbeatReply(2, 0));
      leader.tick(1);
    }

    leader.step(new Input.Compacted(4));
    assertThat(only(Effect.StageSnapshot.class, leader.tick(1))).isEmpty();

    leader.receive(2, new Message.HeartbeatReply(2, 0));
    assertThat(only(Effect.StageSnapshot.class, leader.tick(1))).hasSize(1);
  }

  @Test
  void leaderOffersWhatIsStagedAndOffersAgainWhenNothingComes() {
    TestNode leader = compactedLeader();
    leader.receive(2, new AppendEntriesRejected(2, 4, 0, 1));

    List<Effect> effects = leader.step(new Input.SnapshotStaged(OFFER));
    assertThat(sent(effects, 2)).containsExactly(new InstallSnapshot(2, OFFER));
    leader.receive(3, new Message.HeartbeatReply(2, 0));
    effects = leader.tick(10);

    assertThat(sent(effects, 2)).contains(new InstallSnapshot(2, OFFER));
  }

  @Test
  void leaderStagesAnewWhenItsLogWasCutBeyondTheOffer() {
    TestNode leader = compactedLeader();
    leader.receive(2, new AppendEntriesRejected(2, 4, 0, 1));
    leader.step(new Input.SnapshotStaged(OFFER));

    leader.receive(3, accepted(2, 5));
    leader.step(new Input.Compacted(4));
    List<Effect> effects = leader.tick(1);

    assertThat(only(Effect.StageSnapshot.class, effects)).hasSize(1);
  }

  @Test
  void leaderReplicatesOnceTheSnapshotIsIn() {
    TestNode leader = compactedLeader();
    leader.receive(2, new AppendEntriesRejected(2, 4, 0, 1));
    leader.step(new Input.SnapshotStaged(OFFER));

    List<Effect> effects = leader.receive(2, accepted(2, 3));

    assertThat(only(Effect.SendEntries.class, effects))
        .extracting(Effect.SendEntries::fromIndex)
        .containsExactly(4L);
  }

  @Test
  void whoAsksForASnapshotIsOfferedOneThoughTheLogReachesIt() {
    TestNode leader = compactedLeader();
    leader.receive(2, accepted(2, 5));
    leader.receive(3, accepted(2, 5));

    List<Effect> effects = leader.receive(2, new SnapshotWanted(2, 3, 0));
    assertThat(only(Effect.StageSnapshot.class, effects)).hasSize(1);
    effects = leader.step(new Input.SnapshotStaged(OFFER));
    assertThat(sent(effects, 2)).containsExactly(new InstallSnapshot(2, OFFER));

    assertThat(sent(leader.tick(1), 2)).doesNotContain(new InstallSnapshot(2, OFFER));
    effects = leader.receive(2, new SnapshotWanted(2, 3, 0));
    assertThat(sent(effects, 2)).as("asked again").containsExactly(new InstallSnapshot(2, OFFER));
    effects = leader.step(new Input.Propose(EntryKind.COMMANDS, new byte[4]));
    assertThat(only(Effect.SendEntries.class, effects)).as("the log goes on").hasSize(2);
  }

  @Test
  void anOfferOfAnEarlierIndexIsNotForWhoAsksForALaterOne() {
    TestNode leader = compactedLeader();
    leader.receive(3, accepted(2, 5));
    leader.step(new Input.SnapshotStaged(OFFER)); // At 3.

    List<Effect> effects = leader.receive(2, new SnapshotWanted(2, 5, 0));
    assertThat(only(Effect.StageSnapshot.class, effects)).hasSize(1);
    assertThat(only(Effect.StageSnapshot.class, leader.step(new Input.SnapshotStaged(OFFER))))
        .as("nor is it staged without end")
        .isEmpty();

    SnapshotId later = new SnapshotId(node(1), 5, 2, 100, 6);
    effects = leader.step(new Input.SnapshotStaged(later));
    assertThat(sent(effects, 2)).containsExactly(new InstallSnapshot(2, later));
    assertThat(leader.receive(2, new SnapshotWanted(2, 6, 0))).as("not applied").isEmpty();
  }

  @Test
  void whatWhoAsksKnowsToBeCommittedIsCommitted() { // Raft §5.4.3
    TestNode leader = compactedLeader();
    long known = leader.core().commitIndex();
    assertThat(known).isLessThan(5);

    List<Effect> effects = leader.receive(2, new SnapshotWanted(2, 5, 5));

    assertThat(leader.core().commitIndex()).isEqualTo(5);
    assertThat(only(Effect.StageSnapshot.class, effects)).as("nothing to stage yet").isEmpty();
    effects = leader.receive(2, new SnapshotWanted(2, 5, 5)); // Asked again, and applied by now.
    assertThat(only(Effect.StageSnapshot.class, effects)).hasSize(1);
  }

  /** redisraft#42: a snapshot came to its end when another led, and the node died of that. */
  @Test
  void whatIsStagedOnceLeadershipIsLostIsOfferedToNobody() {
    TestNode node = compactedLeader();
    List<Effect> effects = node.receive(2, new AppendEntriesRejected(2, 4, 0, 1));
    assertThat(only(Effect.StageSnapshot.class, effects)).hasSize(1);
    node.receive(3, new Message.Heartbeat(3, 0, 0));
    node.persistAll();

    assertThat(node.step(new Input.SnapshotStaged(OFFER))).isEmpty();
    assertThat(node.step(new Input.SnapshotNotStaged())).isEmpty();
  }

  @Test
  void anOfferOfAnOlderTermIsAnsweredWithTheNewer() { // Raft figure 13, step 1
    TestNode node = followerOf(3, term(3)).build();

    List<Effect> effects = node.receive(2, new InstallSnapshot(2, OFFER));

    assertThat(sent(effects, 2)).containsExactly(new AppendEntriesRejected(3, 0, 0, 0));
    assertThat(only(Effect.PullSnapshot.class, effects)).isEmpty();
  }

  @Test
  void followerPullsWhatItIsOffered() {
    TestNode node = followerOf(3, term(2)).build();

    List<Effect> effects = node.receive(2, new InstallSnapshot(2, OFFER));

    assertThat(effects).contains(new Effect.PullSnapshot(OFFER));
  }

  @Test
  void anInstalledSnapshotReplacesALogThatDoesNotHoldItsEntry() { // Raft figure 13, step 7
    TestNode node = followerOf(3, term(2)).withLogTerms(1, 1, 2, 2, 2).build();
    node.receive(2, new InstallSnapshot(2, OFFER));

    List<Effect> effects =
        node.step(new Input.SnapshotInstalled(OFFER, node.core().configuration()));

    assertThat(node.logTerms()).isEmpty();
    assertThat(node.core().lastIndex()).isEqualTo(3);
    assertThat(node.core().commitIndex()).isEqualTo(3);
    assertThat(sent(effects, 2)).containsExactly(accepted(2, 3));
  }

  @Test
  void anInstalledSnapshotKeepsTheEntriesBehindItsOwn() { // Raft figure 13, step 6
    TestNode node = followerOf(3, term(2)).withLogTerms(1, 1, 1, 2, 2).build();

    node.step(new Input.SnapshotInstalled(OFFER, node.core().configuration()));

    assertThat(node.logTerms()).containsExactly(2L, 2L);
    assertThat(node.core().baseIndex()).isEqualTo(3);
  }

  @Test
  void anInstalledSnapshotThatTheLogHasPassedChangesNothing() {
    TestNode node = followerOf(3, term(2)).withLogTerms(1, 1, 1, 1, 2).withCommitIndex(5).build();
    node.step(new Input.Compacted(4));

    node.step(new Input.SnapshotInstalled(OFFER, node.core().configuration()));

    assertThat(node.core().baseIndex()).isEqualTo(4);
    assertThat(node.core().lastIndex()).isEqualTo(5);
  }

  @Test
  void entriesBelowTheBaseMatchByThemselves() {
    TestNode node = followerOf(3, term(2)).withLogTerms(1, 1, 1, 2).withCommitIndex(3).build();
    node.step(new Input.Compacted(3));

    List<Effect> effects = node.receive(2, append(2, 1, 1, 3, 1, 1));

    assertThat(sent(effects, 2)).containsExactly(accepted(2, 3));
    assertThat(node.logTerms()).containsExactly(2L);
  }

  /** A leader of term 2 whose log begins behind entry 3. */
  private static TestNode compactedLeader() {
    TestNode leader = leaderOf(3, term(2)).withLogTerms(1, 1, 1, 1).withCommitIndex(4).build();
    leader.step(new Input.Compacted(3));
    return leader;
  }

  @Test
  void aSnapshotThatCannotBeStagedIsAskedForAgainAfterAWhile() {
    TestNode leader =
        leaderOf(3, term(2)).withLogTerms(1, 1, 1, 1, 1, 1).withCommitIndex(6).build();
    leader.step(new Input.Compacted(6));
    leader.receive(2, new Message.AppendEntriesRejected(2, 6, 0, 1));
    leader.receive(2, new Message.HeartbeatReply(2, 0));
    List<Effect> asked = leader.tick(5);
    assertThat(only(Effect.StageSnapshot.class, asked)).isEmpty();

    leader.step(new Input.SnapshotNotStaged());

    int pause = 10 * TestNode.OPTIONS.electionTimeoutTicks();
    for (int i = 1; i < pause; i++) {
      leader.receive(2, new Message.HeartbeatReply(2, 0));
      leader.receive(3, new Message.HeartbeatReply(2, 0));
      assertThat(only(Effect.StageSnapshot.class, leader.tick(1))).isEmpty();
    }
    leader.receive(2, new Message.HeartbeatReply(2, 0));
    assertThat(only(Effect.StageSnapshot.class, leader.tick(2))).hasSize(1);
  }
}
