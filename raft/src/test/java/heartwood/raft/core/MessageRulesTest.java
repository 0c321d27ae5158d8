package heartwood.raft.core;

import static heartwood.raft.core.TestNode.accepted;
import static heartwood.raft.core.TestNode.append;
import static heartwood.raft.core.TestNode.configurationOf;
import static heartwood.raft.core.TestNode.followerOf;
import static heartwood.raft.core.TestNode.granted;
import static heartwood.raft.core.TestNode.heartbeat;
import static heartwood.raft.core.TestNode.leaderOf;
import static heartwood.raft.core.TestNode.node;
import static heartwood.raft.core.TestNode.requestPreVote;
import static heartwood.raft.core.TestNode.requestVote;
import static heartwood.raft.core.TestNode.term;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.message.Configuration;
import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Message;
import heartwood.raft.message.Message.AppendEntriesRejected;
import heartwood.raft.message.Message.Heartbeat;
import heartwood.raft.message.Message.HeartbeatReply;
import heartwood.raft.message.Message.InstallSnapshot;
import heartwood.raft.message.Message.PullSnapshot;
import heartwood.raft.message.Message.SnapshotChunk;
import heartwood.raft.message.Message.StateDigest;
import heartwood.raft.message.Message.TimeoutNow;
import heartwood.raft.message.SnapshotId;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What no node that is in order can have said, a rule a test: each of them made a node stop, or
 * could have (redisraft#643, #645 to #648, #650, #651: an impossible message is a remote crash).
 */
class MessageRulesTest {
  private static final SnapshotId SNAPSHOT = new SnapshotId(node(2), 9, 3, 250, 7);

  /** Holds 1/1 2/2 3/3, of which one is committed, in term 3; knows no leader. */
  private final RaftCore follower =
      followerOf(3, term(3)).withLogTerms(1, 2, 3).withCommitIndex(1).build().core();

  /** Leads term 4 and holds 1/1 2/2 3/3 4/4. */
  private final RaftCore leader = leaderOf(3, term(4)).withLogTerms(1, 2, 3).build().core();

  @Test
  void nobodyWritesToItself() {
    assertThat(MessageRules.objection(follower, node(1), heartbeat(3, 1))).isNotNull();
  }

  @Test
  void aTermComesStepByStep() { // Else one message would leave no term to be elected in.
    takes(follower, heartbeat(1000, 0));
    refuses(follower, heartbeat(Long.MAX_VALUE, 0));
    refuses(follower, heartbeat(3 + MessageRules.MAX_TERM_STEP + 1, 0));
    refuses(follower, requestPreVote(Long.MAX_VALUE, 3, 3));
    refuses(follower, granted(-1));
    refuses(follower, heartbeat(0, 0));
  }

  @Test
  void aCandidatesLogEndsInAnEarlierTermThanItsOwn() { // Raft §5.2
    takes(follower, requestVote(4, 7, 3));
    takes(follower, requestVote(4, 0, 0));
    refuses(follower, requestVote(4, 7, 4));
    refuses(follower, requestVote(4, 7, 0));
    refuses(follower, requestVote(4, 0, 2));
    refuses(follower, requestVote(4, -1, 2));
    refuses(follower, requestVote(4, Long.MAX_VALUE, 2));
  }

  @Test
  void termsDoNotFallAlongALog() {
    takes(follower, append(3, 3, 3, 1, 3, 3));
    refuses(follower, append(3, 1, 1, 1, 3, 2));
    refuses(follower, append(3, 3, 3, 1, 2));
  }

  @Test
  void noEntryIsAheadOfItsLeadersTerm() {
    refuses(follower, append(3, 3, 3, 1, 4));
    refuses(follower, append(3, 4, 4, 1));
  }

  @Test
  void entriesStandAtTheirPlaces() {
    LogEntry early = new LogEntry(3, 3, EntryKind.COMMANDS, new byte[1]);

    refuses(follower, new Message.AppendEntries(3, 3, 3, 1, List.of(early)));
    refuses(follower, append(3, -2, 1, 1, 3));
    refuses(follower, append(3, 3, 0, 1, 3));
    refuses(follower, append(3, 0, 3, 1, 3));
    refuses(follower, append(3, MessageRules.MAX_INDEX, 3, 1, 3));
    refuses(follower, append(3, 3, 3, -1, 3));
    refuses(follower, append(3, 3, 3, Long.MAX_VALUE, 3));
  }

  @Test
  void aConfigurationCanBeReadAndHasVoters() {
    takes(follower, configuration(ConfigurationCodec.encode(configurationOf(3))));
    refuses(follower, configuration(new byte[] {1, 2, 3}));
    refuses(follower, configuration(ConfigurationCodec.encode(Configuration.NONE)));
  }

  @Test
  void aHeartbeatCommitsNoMoreThanWasAcknowledged() {
    takes(follower, heartbeat(3, 3));
    refuses(follower, heartbeat(3, 4));
    refuses(follower, heartbeat(4, 4));
    refuses(follower, heartbeat(3, -1));
    refuses(follower, new Heartbeat(3, 1, -1));
    takes(follower, heartbeat(2, 4)); // It is told the newer term.
  }

  @Test
  void aTermHasOneLeader() { // Raft §5.2
    TestNode node = followerOf(3, term(3)).build();
    node.receive(2, heartbeat(3, 0));

    takes(node.core(), heartbeat(3, 0));
    for (Message said :
        List.of(heartbeat(3, 0), append(3, 0, 0, 0, 3), new TimeoutNow(3), offer(3, SNAPSHOT))) {
      assertThat(MessageRules.objection(node.core(), node(3), said)).isNotNull();
    }
    assertThat(MessageRules.objection(node.core(), node(3), heartbeat(4, 0))).isNull();
  }

  @Test
  void aSnapshotIsOneThatItsLeaderCanHave() {
    SnapshotId ofAnother = new SnapshotId(node(3), 9, 3, 250, 7);

    takes(follower, offer(3, SNAPSHOT));
    refuses(follower, offer(3, ofAnother));
    refuses(follower, offer(3, new SnapshotId(node(2), 9, 4, 250, 7)));
    refuses(follower, offer(3, new SnapshotId(node(2), -9, 3, 250, 7)));
    refuses(follower, offer(3, new SnapshotId(node(2), Long.MAX_VALUE, 3, 250, 7)));
    refuses(follower, offer(3, new SnapshotId(node(2), MessageRules.MAX_INDEX, 3, 250, 7)));
    refuses(follower, offer(3, new SnapshotId(node(2), 9, 3, -250, 7)));
  }

  @Test
  void aFollowerHoldsNoMoreThanItsLeader() {
    takes(leader, accepted(4, 4));
    refuses(leader, accepted(4, 5));
    refuses(leader, accepted(4, -1));
    takes(leader, accepted(3, 9)); // Of an earlier leadership; nobody looks at it.
  }

  @Test
  void aFollowerRejectsWhatItWasSent() {
    takes(leader, new AppendEntriesRejected(4, 3, 2, 2));
    takes(leader, new AppendEntriesRejected(4, 3, 0, 1));
    refuses(leader, new AppendEntriesRejected(4, 5, 0, 5));
    refuses(leader, new AppendEntriesRejected(4, 3, 2, 4));
    refuses(leader, new AppendEntriesRejected(4, 3, 5, 2));
    refuses(leader, new AppendEntriesRejected(4, 3, -2, 2));
    refuses(leader, new AppendEntriesRejected(4, 3, 2, Long.MIN_VALUE));
    refuses(leader, new AppendEntriesRejected(4, -1, 0, -1));
    refuses(leader, new HeartbeatReply(4, -1));
  }

  @Test
  void aPieceLiesWithinItsSnapshot() {
    takes(follower, new PullSnapshot(0, SNAPSHOT, 0, 100));
    takes(follower, new PullSnapshot(0, SNAPSHOT, 250, 0));
    refuses(follower, new PullSnapshot(0, SNAPSHOT, -1, 100));
    refuses(follower, new PullSnapshot(0, SNAPSHOT, 251, 100));
    refuses(follower, new PullSnapshot(0, SNAPSHOT, 0, -1));
    takes(follower, new SnapshotChunk(0, SNAPSHOT, 200, new byte[50]));
    takes(follower, new SnapshotChunk(0, SNAPSHOT, 200, null));
    refuses(follower, new SnapshotChunk(0, SNAPSHOT, 200, new byte[51]));
    refuses(follower, new SnapshotChunk(0, SNAPSHOT, Long.MAX_VALUE, new byte[51]));
    refuses(follower, new SnapshotChunk(0, SNAPSHOT, -50, new byte[50]));
  }

  @Test
  void bytesComeFromWhoStagedThemAndAnybodySaysThatTheyAreOfNoUse() {
    SnapshotChunk bytes = new SnapshotChunk(0, SNAPSHOT, 0, new byte[50]);
    SnapshotChunk none = new SnapshotChunk(0, SNAPSHOT, 0, null);

    assertThat(MessageRules.objection(follower, node(3), bytes)).isNotNull();
    assertThat(MessageRules.objection(follower, node(3), none)).isNull();
  }

  @Test
  void entriesThatMendALogAreWhatWasAskedFor() {
    LogEntry sound = new LogEntry(2, 2, EntryKind.COMMANDS, new byte[1]);
    LogEntry unreadable = new LogEntry(3, 2, EntryKind.CONFIGURATION, new byte[1]);

    takes(follower, new Message.PullEntries(0, 2, 3));
    refuses(follower, new Message.PullEntries(0, 0, 3));
    refuses(follower, new Message.PullEntries(0, 3, 2));
    refuses(follower, new Message.PullEntries(0, Long.MAX_VALUE, Long.MAX_VALUE));
    takes(follower, new Message.PulledEntries(0, 2, List.of(sound)));
    takes(follower, new Message.PulledEntries(0, 2, List.of()));
    refuses(follower, new Message.PulledEntries(0, 1, List.of(sound)));
    refuses(follower, new Message.PulledEntries(0, -1, List.of()));
    refuses(follower, new Message.PulledEntries(0, 3, List.of(unreadable)));
  }

  @Test
  void aReadersAnswerCommitsNoMoreThanWasAcknowledged() {
    takes(follower, new Message.ReadIndexReply(3, 7, 99, 3));
    takes(follower, new Message.ReadIndexReply(3, 7, Message.ReadIndexReply.NONE, 0));
    refuses(follower, new Message.ReadIndexReply(3, 7, 99, 4));
    refuses(follower, new Message.ReadIndexReply(3, 7, 99, -1));
    refuses(follower, new Message.ReadIndexReply(3, 7, -2, 3));
    refuses(follower, new Message.ReadIndexReply(3, 7, Long.MAX_VALUE, 3));
    takes(follower, new Message.ReadIndexRequest(3, Long.MIN_VALUE));
    takes(follower, new Message.TimeRequest(Long.MIN_VALUE));
  }

  @Test
  void aDigestIsOfAnIndex() {
    takes(follower, new StateDigest(0, 1, 7, true));
    refuses(follower, new StateDigest(0, 0, 7, true));
    refuses(follower, new StateDigest(0, Long.MIN_VALUE, 7, true));
    refuses(follower, new StateDigest(0, Long.MAX_VALUE, 7, true));
  }

  private static Message configuration(byte[] payload) {
    LogEntry entry = new LogEntry(4, 3, EntryKind.CONFIGURATION, payload);
    return new Message.AppendEntries(3, 3, 3, 1, List.of(entry));
  }

  private static Message offer(long term, SnapshotId snapshot) {
    return new InstallSnapshot(term, snapshot);
  }

  private static void takes(RaftCore receiver, Message message) {
    assertThat(MessageRules.objection(receiver, node(2), message)).as("%s", message).isNull();
  }

  private static void refuses(RaftCore receiver, Message message) {
    assertThat(MessageRules.objection(receiver, node(2), message)).as("%s", message).isNotNull();
  }
}
