package heartwood.raft.core;

import static heartwood.raft.core.TestNode.accepted;
import static heartwood.raft.core.TestNode.append;
import static heartwood.raft.core.TestNode.followerOf;
import static heartwood.raft.core.TestNode.granted;
import static heartwood.raft.core.TestNode.heartbeat;
import static heartwood.raft.core.TestNode.only;
import static heartwood.raft.core.TestNode.requestVote;
import static heartwood.raft.core.TestNode.sent;
import static heartwood.raft.core.TestNode.term;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a message claims is durable before the message leaves (Raft figure 2). */
class DurabilityTest {
  @Test
  void aVoteLeavesOnceItIsDurable() {
    TestNode node = followerOf(3, term(1)).build();

    assertThat(sent(node.receive(2, requestVote(2, 0, 0)))).isEmpty();

    assertThat(sent(node.persistOne(), 2)).containsExactly(granted(2));
  }

  @Test
  void aRequestForVotesLeavesOnceTheOwnVoteIsDurable() {
    TestNode node = followerOf(3, term(1)).build();
    node.tickUntilRoleChanges();

    List<Effect> effects = node.receive(2, new Message.RequestVoteReply(2, true, true));
    assertThat(node.core().role()).isEqualTo(Role.CANDIDATE);
    assertThat(sent(effects)).isEmpty();

    assertThat(sent(node.persistOne(), 2)).containsExactly(requestVote(2, 0, 0));
  }

  @Test
  void anAnswerInANewTermWaitsForTheTerm() {
    TestNode node = followerOf(3, term(1)).build();

    assertThat(sent(node.receive(2, heartbeat(3, 0)))).isEmpty();

    assertThat(sent(node.persistOne(), 2)).containsExactly(new Message.HeartbeatReply(3, 0));
  }

  @Test
  void aHeartbeatIsAnsweredWhileEntriesAreBeingWritten() {
    TestNode node = followerOf(3, term(1)).build();
    node.receive(2, append(1, 0, 0, 0, 1));

    List<Effect> effects = node.receive(2, heartbeat(1, 0));

    assertThat(sent(effects, 2)).containsExactly(new Message.HeartbeatReply(1, 0));
  }

  @Test
  void anAppendIsAcknowledgedOnceItIsDurable() {
    TestNode node = followerOf(3, term(1)).build();

    assertThat(sent(node.receive(2, append(1, 0, 0, 0, 1)))).isEmpty();

    assertThat(sent(node.persistOne(), 2)).containsExactly(accepted(1, 1));
  }

  @Test
  void aDuplicateIsNotAcknowledgedWhileTheFirstIsBeingWritten() {
    TestNode node = followerOf(3, term(1)).build();
    node.receive(2, append(1, 0, 0, 0, 1));

    assertThat(sent(node.receive(2, append(1, 0, 0, 0, 1)))).isEmpty();

    assertThat(sent(node.persistOne(), 2)).containsExactly(accepted(1, 1));
    assertThat(sent(node.persistOne(), 2)).containsExactly(accepted(1, 1));
  }

  @Test
  void aProbeBelowWhatIsBeingWrittenIsAcknowledgedAtOnce() {
    TestNode node = followerOf(3, term(1)).withLogTerms(1, 1).build();
    node.receive(2, append(1, 2, 1, 0, 1));

    assertThat(sent(node.receive(2, append(1, 2, 1, 0)), 2)).containsExactly(accepted(1, 2));
  }

  @Test
  void aSnapshotThatIsAlreadyCommittedHereIsAcknowledgedOnceItsEntriesAreDurable() {
    TestNode node = followerOf(3, term(1)).build();
    node.receive(2, append(1, 0, 0, 1, 1));
    SnapshotId snapshot = new SnapshotId(new NodeId(2), 1, 1, 10, 0);

    assertThat(sent(node.receive(2, new Message.InstallSnapshot(1, snapshot)))).isEmpty();

    assertThat(sent(node.persistAll(), 2)).contains(accepted(1, 1));
  }

  /**
   * The golden ABA case: an entry is cut and comes back, alike in index and term, while the write
   * of its first life is still under way. That write proves nothing about the second life: what cut
   * it is behind it in the disk's queue.
   */
  @Test
  void theWriteOfAnEntrysFirstLifeDoesNotProveItsSecond() {
    TestNode node = followerOf(5, term(2)).withLogTerms(1).build();
    node.receive(2, append(2, 1, 1, 0, 2, 2)); // First life of 2/2 and 3/2: write 1.
    node.receive(3, append(3, 1, 1, 0, 3)); // Cut by 2/3: write 2.
    node.receive(4, append(4, 1, 1, 0, 2, 2)); // Second life under another leader: write 3.
    assertThat(node.logTerms()).containsExactly(1L, 2L, 2L);

    node.persistOne();
    assertThat(node.core().durableIndex()).isEqualTo(1);
    node.persistOne();
    assertThat(node.core().durableIndex()).isEqualTo(1);
    assertThat(sent(node.persistOne(), 4)).containsExactly(accepted(4, 3));

    assertThat(node.core().durableIndex()).isEqualTo(3);
  }

  @Test
  void duringTheSecondLifeADuplicateAppendWaitsForTheSecondWrite() { // ABA, asked again
    TestNode node = followerOf(5, term(2)).withLogTerms(1).build();
    node.receive(2, append(2, 1, 1, 0, 2));
    node.receive(3, append(3, 1, 1, 0, 3));
    node.receive(4, append(4, 1, 1, 0, 2));
    node.persistOne();
    node.persistOne();

    assertThat(sent(node.receive(4, append(4, 1, 1, 0, 2)))).isEmpty();

    assertThat(sent(node.persistAll(), 4)).containsExactly(accepted(4, 2), accepted(4, 2));
  }

  @Test
  void writesUnderWayProveNothingAboutALogThatASnapshotReplaced() {
    TestNode node = followerOf(3, term(2)).withLogTerms(1).build();
    node.receive(2, append(2, 1, 1, 0, 2, 2, 2));
    SnapshotId snapshot = new SnapshotId(new NodeId(3), 3, 3, 10, 0);
    node.receive(3, new Message.InstallSnapshot(3, snapshot));
    node.step(new Input.SnapshotInstalled(snapshot, node.core().configuration()));

    node.persistAll();

    assertThat(node.core().durableIndex()).isEqualTo(3);
    assertThat(node.core().lastIndex()).isEqualTo(3);
  }

  @Test
  void aLeaderCountsItselfOnceItsWriteIsDurable() {
    TestNode leader = TestNode.leaderOf(3, term(1)).build();
    leader.propose(10);

    leader.receive(2, accepted(1, 2));
    assertThat(leader.core().commitIndex()).isEqualTo(1);
    List<Effect> effects = leader.persistOne();

    assertThat(only(Effect.Apply.class, effects)).containsExactly(new Effect.Apply(2, 2));
  }
}
