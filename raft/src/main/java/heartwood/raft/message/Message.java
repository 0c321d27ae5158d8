package heartwood.raft.message;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What peers say to each other (Raft figure 2, thesis §3–§6). The sender travels with the frame.
 * All are immutable.
 */
public sealed interface Message {
  /** The sender's term; a pre-vote request carries the term it would campaign in. */
  long term();

  /**
   * A candidate asks for a vote (Raft §5.2); with {@code preVote}, asks whether it would get one
   * (thesis §9.6).
   *
   * @param transfer the present leader wants this election: voters need not protect it
   */
  record RequestVote(
      long term, long lastLogIndex, long lastLogTerm, boolean preVote, boolean transfer)
      implements Message {}

  record RequestVoteReply(long term, boolean preVote, boolean granted) implements Message {}

  /** A leader replicates, or probes with no entries (Raft §5.3). */
  record AppendEntries(
      long term, long prevLogIndex, long prevLogTerm, long leaderCommit, List<LogEntry> entries)
      implements Message {
    @Override
    public String toString() {
      return "AppendEntries[term="
          + term
          + ", prev="
          + prevLogIndex
          + "/"
          + prevLogTerm
          + ", leaderCommit="
          + leaderCommit
          + ", entries="
          + entries
          + "]";
    }
  }

  /**
   * The follower holds durably everything up to {@code matchIndex}, equal to the leader's log.
   *
   * @param term of the follower, and of the leader it answers
   */
  record AppendEntriesAccepted(long term, long matchIndex) implements Message {}

  /**
   * The follower has no entry (prevLogIndex, prevLogTerm), or the sender's term is over.
   *
   * @param prevLogIndex as sent
   * @param conflictTerm term of the follower's entry at {@code prevLogIndex}; 0: its log ends
   *     before
   * @param conflictIndex first index of {@code conflictTerm}, or one beyond the follower's log
   */
  record AppendEntriesRejected(long term, long prevLogIndex, long conflictTerm, long conflictIndex)
      implements Message {}

  /**
   * A leader's sign of life, apart from entries so that it waits for no disk.
   *
   * @param leaderCommit never beyond what the leader knows this follower to hold
   * @param round the read round that an answer confirms (thesis §6.4)
   */
  record Heartbeat(long term, long leaderCommit, long round) implements Message {}

  record HeartbeatReply(long term, long round) implements Message {}

  /**
   * A leader whose log no longer reaches a follower offers its snapshot, to be pulled (Raft §7).
   */
  record InstallSnapshot(long term, SnapshotId snapshot) implements Message {}

  /**
   * A follower cannot come to the state by its log, and asks its leader for a snapshot.
   *
   * @param fromIndex a snapshot of an earlier index is of no use
   * @param commitIndex what the follower knows to be committed, which its leader may not, yet: it
   *     is to commit nothing with the help of who has no state
   */
  record SnapshotWanted(long term, long fromIndex, long commitIndex) implements Message {}

  /**
   * A node asks for entries that are damaged in its own log; the term is not looked at, and any
   * node answers.
   */
  record PullEntries(long term, long fromIndex, long toIndex) implements Message {}

  /**
   * What a node holds of the entries that were asked for, sound: consecutive, the first at {@code
   * fromIndex}, maybe none.
   */
  record PulledEntries(long term, long fromIndex, List<LogEntry> entries) implements Message {}

  /** A leader that hands over asks its heir to campaign at once (thesis §3.10). */
  record TimeoutNow(long term) implements Message {}

  /**
   * A follower that has reads to answer asks its leader for an index at which they are linearizable
   * (thesis §6.4).
   *
   * @param requestId never used before by any process of the sender, within the term: an answer to
   *     an earlier question must not pass for one to this
   */
  record ReadIndexRequest(long term, long requestId) implements Message {}

  /**
   * The answer, once a majority has confirmed the leader behind the question.
   *
   * @param readIndex what was committed then; {@link #NONE}: who was asked does not lead
   * @param leaderCommit never beyond what the leader knows this follower to hold
   */
  record ReadIndexReply(long term, long requestId, long readIndex, long leaderCommit)
      implements Message {
    public static final long NONE = -1;
  }

  /**
   * Reads at the sender depend on time that the log has not reached: asks whoever leads to move it
   * on. The term is not looked at.
   */
  record TimeRequest(long term) implements Message {}

  /**
   * What the sender's state came to at an index (DESIGN §8); the term is not looked at.
   *
   * @param index that is applied, and so committed
   * @param digest rolling hash of all that was written up to there
   * @param isQuestion whether the receiver is to tell what it has there
   */
  record StateDigest(long term, long index, long digest, boolean isQuestion) implements Message {}

  /**
   * A follower asks for a piece of a snapshot that was offered; the term is not looked at.
   *
   * @param maxBytes 0 asks for nothing: it says, to the leader too, that the snapshot is being
   *     pulled and that the log must be kept behind it
   */
  record PullSnapshot(long term, SnapshotId snapshot, long offset, int maxBytes)
      implements Message {}

  /**
   * A piece of a snapshot.
   *
   * @param bytes null: the snapshot is no longer on offer, or the log does not go on behind it
   */
  record SnapshotChunk(long term, SnapshotId snapshot, long offset, byte @Nullable [] bytes)
      implements Message {
    @Override
    public boolean equals(Object other) {
      return other instanceof SnapshotChunk that
          && snapshot.equals(that.snapshot)
          && offset == that.offset;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(offset);
    }

    @Override
    public String toString() {
      return "SnapshotChunk[" + snapshot + " at " + offset + "]";
    }
  }
}
