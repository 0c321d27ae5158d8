package heartwood.raft.core;

import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.MalformedException;
import heartwood.raft.message.Message;
import heartwood.raft.message.Message.AppendEntries;
import heartwood.raft.message.Message.AppendEntriesAccepted;
import heartwood.raft.message.Message.AppendEntriesRejected;
import heartwood.raft.message.Message.Heartbeat;
import heartwood.raft.message.Message.HeartbeatReply;
import heartwood.raft.message.Message.InstallSnapshot;
import heartwood.raft.message.Message.PullEntries;
import heartwood.raft.message.Message.PullSnapshot;
import heartwood.raft.message.Message.PulledEntries;
import heartwood.raft.message.Message.ReadIndexReply;
import heartwood.raft.message.Message.ReadIndexRequest;
import heartwood.raft.message.Message.RequestVote;
import heartwood.raft.message.Message.RequestVoteReply;
import heartwood.raft.message.Message.SnapshotChunk;
import heartwood.raft.message.Message.SnapshotWanted;
import heartwood.raft.message.Message.StateDigest;
import heartwood.raft.message.Message.TimeRequest;
import heartwood.raft.message.Message.TimeoutNow;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What no node that is in order can have said. Pure functions.
 *
 * <pre>
 *   bytes ──► Frame, MessageCodec ──► MessageRules ──► RaftCore
 *             is it a message at all   could it be      trusts what comes, and stops where
 *             else the connection ends meant, else it   it proves that safety is lost
 *                                      is passed over
 * </pre>
 *
 * <p>The core stops where an invariant breaks, and so would a cluster in which one ill node says
 * what cannot be: each that hears it stops (redisraft#643 to #651 are such crashes). Hence whoever
 * receives asks here first, and passes over what is objected to; the sender's next message may be
 * in order again. Only numbers are looked at, against themselves and against the receiver's term
 * and log: a lie that could be true is not found, Raft trusts its members (Raft §2).
 *
 * <p>Two things are no matter of numbers. They show that a majority has decided twice, and then the
 * core does stop, since each further answer may be wrong: a leader that hears from another leader
 * of its own term (§5.2, Election Safety), and an entry that differs from one which is committed
 * here (§5.4.3, Leader Completeness). A follower that hears a second leader of one term goes on
 * with the first: what it has acknowledged stays true.
 */
public final class MessageRules {
  /** At one election every 100 ms it takes thirteen years to come so far in one step. */
  static final long MAX_TERM_STEP = 1L << 32;

  /** At ten million entries a second, fourteen thousand years; sums of two do not overflow. */
  static final long MAX_INDEX = 1L << 62;

  /** A snapshot is ahead by no more: at a hundred thousand entries a second, ninety years. */
  static final long MAX_INDEX_STEP = 1L << 48;

  private MessageRules() {}

  /**
   * Why a message cannot be meant.
   *
   * @return null when nothing speaks against it
   */
  public static @Nullable String objection(RaftCore receiver, NodeId from, Message message) {
    if (from.equals(receiver.self())) {
      return "nobody writes to itself";
    }
    if (message instanceof PullSnapshot pull) {
      return objection(pull);
    }
    if (message instanceof SnapshotChunk chunk) {
      return objection(from, chunk);
    }
    if (message instanceof StateDigest told) {
      return isIndex(told.index()) ? null : "no such index";
    }
    if (message instanceof PullEntries pull) {
      boolean isRange = isIndex(pull.fromIndex()) && pull.toIndex() >= pull.fromIndex();
      return isRange ? null : "no such entries";
    }
    if (message instanceof PulledEntries pulled) {
      return isIndex(pulled.fromIndex())
          ? objection(pulled.entries(), pulled.fromIndex(), 1)
          : "no such entries";
    }
    if (message instanceof TimeRequest) {
      return null; // It says nothing but that.
    }
    if (message.term() < 0 || message.term() - receiver.currentTerm() > MAX_TERM_STEP) {
      return "no such term";
    }
    if (message instanceof RequestVote request) {
      return objection(request);
    }
    if (message instanceof RequestVoteReply || message instanceof ReadIndexRequest) {
      return null;
    }
    if (message instanceof ReadIndexReply reply) {
      return objection(receiver, reply);
    }
    return isFromLeader(message)
        ? objectionToLeader(receiver, from, message)
        : objectionToFollower(receiver, message);
  }

  private static boolean isFromLeader(Message message) {
    return message instanceof AppendEntries
        || message instanceof Heartbeat
        || message instanceof InstallSnapshot
        || message instanceof TimeoutNow;
  }

  /** Who campaigns does so in a later term than any of its entries has (Raft §5.2). */
  private static @Nullable String objection(RequestVote request) {
    if (!isPlace(request.lastLogIndex(), request.lastLogTerm())) {
      return "no log ends there";
    }
    return request.lastLogTerm() >= request.term() ? "the log is ahead of the term" : null;
  }

  // ---- From leaders ----

  private static @Nullable String objectionToLeader(
      RaftCore receiver, NodeId from, Message message) {
    if (message.term() < 1) {
      return "nobody leads term 0";
    }
    if (message.term() < receiver.currentTerm()) {
      return null; // Whatever it says: it is told the newer term.
    }
    boolean isOfThisTerm = message.term() == receiver.currentTerm();
    NodeId leader = receiver.leader();
    if (isOfThisTerm && !receiver.isLeader() && leader != null && !leader.equals(from)) {
      return leader + " leads that term"; // Raft §5.2: one leader a term.
    }
    if (message instanceof AppendEntries append) {
      return objection(append);
    }
    if (message instanceof Heartbeat heartbeat) {
      return objection(receiver, heartbeat);
    }
    return message instanceof InstallSnapshot install ? objection(receiver, from, install) : null;
  }

  private static @Nullable String objection(AppendEntries append) {
    if (!isPlace(append.prevLogIndex(), append.prevLogTerm())) {
      return "no entry before it stands there";
    }
    if (append.leaderCommit() < 0 || append.leaderCommit() > MAX_INDEX) {
      return "no such commit index";
    }
    String objection = objection(append.entries(), append.prevLogIndex() + 1, append.prevLogTerm());
    if (objection != null) {
      return objection;
    }
    int count = append.entries().size();
    long lastTerm = count == 0 ? append.prevLogTerm() : append.entries().get(count - 1).term();
    return lastTerm > append.term() ? "an entry is ahead of its leader's term" : null;
  }

  /** Entries follow one another, their terms do not fall, and configurations can be read. */
  private static @Nullable String objection(
      List<LogEntry> entries, long fromIndex, long leastTerm) {
    long index = fromIndex;
    long term = Math.max(1, leastTerm);
    for (LogEntry entry : entries) {
      if (entry.index() != index || index > MAX_INDEX) {
        return "entry " + entry + " is out of its place " + index;
      }
      if (entry.term() < term) {
        return "terms do not fall along a log, not to " + entry;
      }
      if (entry.kind() == EntryKind.CONFIGURATION && !isConfiguration(entry.payload())) {
        return "entry " + entry + " makes no configuration";
      }
      index++;
      term = entry.term();
    }
    return null;
  }

  private static boolean isConfiguration(byte[] payload) {
    try {
      return ConfigurationCodec.decode(payload).isConsistent();
    } catch (MalformedException e) {
      return false;
    }
  }

  /**
   * A heartbeat tells no more to be committed than its receiver has said to hold. To take less of
   * it would not do: then it is not known whether these entries are the leader's.
   */
  private static @Nullable String objection(RaftCore receiver, Heartbeat heartbeat) {
    if (!isHeld(receiver, heartbeat.leaderCommit())) {
      return "its commit index was never acknowledged";
    }
    return heartbeat.round() < 0 ? "no such round" : null;
  }

  /** The answer to a reader carries the same as a heartbeat, if it is this term's leader's. */
  private static @Nullable String objection(RaftCore receiver, ReadIndexReply reply) {
    if (reply.term() == receiver.currentTerm() && !isHeld(receiver, reply.leaderCommit())) {
      return "its commit index was never acknowledged";
    }
    boolean isIndex = reply.readIndex() >= ReadIndexReply.NONE && reply.readIndex() <= MAX_INDEX;
    return isIndex ? null : "no such read index";
  }

  private static boolean isHeld(RaftCore receiver, long commitIndex) {
    return commitIndex >= 0 && commitIndex <= receiver.lastIndex();
  }

  private static @Nullable String objection(
      RaftCore receiver, NodeId from, InstallSnapshot install) {
    SnapshotId snapshot = install.snapshot();
    if (!isSnapshot(snapshot) || !snapshot.node().equals(from)) {
      return "it has no such snapshot";
    }
    if (snapshot.lastIncludedIndex() - receiver.lastIndex() > MAX_INDEX_STEP) {
      return "no log is so long";
    }
    return snapshot.lastIncludedTerm() > install.term()
        ? "the snapshot is ahead of the term"
        : null;
  }

  // ---- From followers ----

  /** What answers a leader of this term can speak of nothing that its log does not have. */
  private static @Nullable String objectionToFollower(RaftCore receiver, Message message) {
    boolean isToLeader = receiver.isLeader() && message.term() == receiver.currentTerm();
    long lastIndex = isToLeader ? receiver.lastIndex() : MAX_INDEX;
    if (message instanceof AppendEntriesAccepted accepted) {
      return accepted.matchIndex() < 0 || accepted.matchIndex() > lastIndex
          ? "it holds more than its leader"
          : null;
    }
    if (message instanceof AppendEntriesRejected rejected) {
      return objection(rejected, lastIndex);
    }
    if (message instanceof HeartbeatReply reply) {
      return reply.round() < 0 ? "no such round" : null;
    }
    if (message instanceof SnapshotWanted wanted) {
      return objection(wanted, lastIndex);
    }
    throw new AssertionError(message);
  }

  /** Leader completeness (Raft §5.4.3): what is committed stands in the leader's log. */
  private static @Nullable String objection(SnapshotWanted wanted, long lastIndex) {
    if (wanted.fromIndex() < 0 || wanted.fromIndex() > MAX_INDEX) {
      return "no such index";
    }
    boolean isHeld = wanted.commitIndex() >= 0 && wanted.commitIndex() <= lastIndex;
    return isHeld ? null : "more is committed than its leader holds";
  }

  private static @Nullable String objection(AppendEntriesRejected rejected, long lastIndex) {
    if (rejected.prevLogIndex() < 0 || rejected.prevLogIndex() > lastIndex) {
      return "nothing was sent that it could reject";
    }
    if (rejected.conflictIndex() < 0 || rejected.conflictIndex() > rejected.prevLogIndex()) {
      return "a conflict begins at what was rejected or before it";
    }
    boolean isTerm = rejected.conflictTerm() >= 0 && rejected.conflictTerm() <= rejected.term();
    return isTerm ? null : "no such conflicting term";
  }

  // ---- Beside the core ----

  private static @Nullable String objection(PullSnapshot pull) {
    if (!isSnapshot(pull.snapshot())) {
      return "no such snapshot";
    }
    boolean isPiece =
        pull.offset() >= 0 && pull.offset() <= pull.snapshot().byteCount() && pull.maxBytes() >= 0;
    return isPiece ? null : "a snapshot has no such piece";
  }

  /** Anybody may say that a snapshot is of no use; its bytes come from who staged it. */
  private static @Nullable String objection(NodeId from, SnapshotChunk chunk) {
    SnapshotId snapshot = chunk.snapshot();
    byte[] bytes = chunk.bytes();
    if (!isSnapshot(snapshot) || (bytes != null && !snapshot.node().equals(from))) {
      return "it has no such snapshot";
    }
    int length = bytes == null ? 0 : bytes.length;
    boolean isPiece = chunk.offset() >= 0 && chunk.offset() <= snapshot.byteCount() - length;
    return isPiece ? null : "a snapshot has no such piece";
  }

  private static boolean isSnapshot(SnapshotId snapshot) {
    return isPlace(snapshot.lastIncludedIndex(), snapshot.lastIncludedTerm())
        && snapshot.byteCount() >= 0;
  }

  private static boolean isIndex(long index) {
    return index >= 1 && index <= MAX_INDEX;
  }

  /** Before the first entry there is index 0, of term 0. */
  private static boolean isPlace(long index, long term) {
    return index == 0 ? term == 0 : index > 0 && index <= MAX_INDEX && term > 0;
  }
}
