package heartwood.raft.message;

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
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages as bytes, big endian: a type byte, the term, then the fields in the order of their
 * record. Stateless.
 *
 * <pre>
 *   type(1) term(8) field…        long, node: 8 · boolean: 1 · bytes: length(4) bytes
 *   entry = index(8) term(8) kind(1) length(4) payload       entries = count(4) entry…
 *   snapshot = node(4) index(8) term(8) byteCount(8) digest(8)
 * </pre>
 *
 * Decoding trusts nothing: a length is checked against what is there before anything is allocated.
 */
public final class MessageCodec {
  private static final long HEAD_BYTES = 1 + 8;
  private static final int ENTRY_HEAD_BYTES = 8 + 8 + 1 + 4;
  private static final long SNAPSHOT_ID_BYTES = 4 + 4 * 8;

  private static final byte REQUEST_VOTE = 1;
  private static final byte REQUEST_VOTE_REPLY = 2;
  private static final byte APPEND_ENTRIES = 3;
  private static final byte APPEND_ENTRIES_ACCEPTED = 4;
  private static final byte APPEND_ENTRIES_REJECTED = 5;
  private static final byte HEARTBEAT = 6;
  private static final byte HEARTBEAT_REPLY = 7;
  private static final byte INSTALL_SNAPSHOT = 8;
  private static final byte TIMEOUT_NOW = 9;
  private static final byte PULL_SNAPSHOT = 10;
  private static final byte SNAPSHOT_CHUNK = 11;
  private static final byte STATE_DIGEST = 12;
  private static final byte READ_INDEX_REQUEST = 13;
  private static final byte READ_INDEX_REPLY = 14;
  private static final byte TIME_REQUEST = 15;
  private static final byte PULL_ENTRIES = 16;
  private static final byte PULLED_ENTRIES = 17;
  private static final byte SNAPSHOT_WANTED = 18;

  private MessageCodec() {}

  /** An upper bound of the bytes that {@link #encode} writes. */
  public static long encodedBytes(Message message) {
    if (message instanceof AppendEntries append) {
      return HEAD_BYTES + 3 * 8 + encodedBytes(append.entries());
    }
    if (message instanceof PulledEntries pulled) {
      return HEAD_BYTES + 8 + encodedBytes(pulled.entries());
    }
    if (message instanceof SnapshotChunk chunk) {
      byte[] bytes = chunk.bytes();
      return HEAD_BYTES + SNAPSHOT_ID_BYTES + 8 + 4 + (bytes == null ? 0 : bytes.length);
    }
    return HEAD_BYTES + SNAPSHOT_ID_BYTES + 8 + 4;
  }

  private static long encodedBytes(List<LogEntry> entries) {
    long bytes = 4;
    for (LogEntry entry : entries) {
      bytes += ENTRY_HEAD_BYTES + entry.payload().length;
    }
    return bytes;
  }

  /** Writes a message from the target's position on; there must be room. */
  public static void encode(Message message, ByteBuffer target) {
    if (message instanceof RequestVote request) {
      head(target, REQUEST_VOTE, message)
          .putLong(request.lastLogIndex())
          .putLong(request.lastLogTerm())
          .put(flag(request.preVote()))
          .put(flag(request.transfer()));
    } else if (message instanceof RequestVoteReply reply) {
      head(target, REQUEST_VOTE_REPLY, message)
          .put(flag(reply.preVote()))
          .put(flag(reply.granted()));
    } else if (message instanceof AppendEntries append) {
      head(target, APPEND_ENTRIES, message)
          .putLong(append.prevLogIndex())
          .putLong(append.prevLogTerm())
          .putLong(append.leaderCommit());
      encodeEntries(append.entries(), target);
    } else if (message instanceof PullEntries pull) {
      head(target, PULL_ENTRIES, message).putLong(pull.fromIndex()).putLong(pull.toIndex());
    } else if (message instanceof PulledEntries pulled) {
      head(target, PULLED_ENTRIES, message).putLong(pulled.fromIndex());
      encodeEntries(pulled.entries(), target);
    } else if (message instanceof AppendEntriesAccepted accepted) {
      head(target, APPEND_ENTRIES_ACCEPTED, message).putLong(accepted.matchIndex());
    } else if (message instanceof AppendEntriesRejected rejected) {
      head(target, APPEND_ENTRIES_REJECTED, message)
          .putLong(rejected.prevLogIndex())
          .putLong(rejected.conflictTerm())
          .putLong(rejected.conflictIndex());
    } else if (message instanceof Heartbeat heartbeat) {
      head(target, HEARTBEAT, message).putLong(heartbeat.leaderCommit()).putLong(heartbeat.round());
    } else if (message instanceof HeartbeatReply reply) {
      head(target, HEARTBEAT_REPLY, message).putLong(reply.round());
    } else if (message instanceof InstallSnapshot install) {
      encodeSnapshot(install.snapshot(), head(target, INSTALL_SNAPSHOT, message));
    } else if (message instanceof TimeoutNow) {
      head(target, TIMEOUT_NOW, message);
    } else if (message instanceof StateDigest state) {
      head(target, STATE_DIGEST, message)
          .putLong(state.index())
          .putLong(state.digest())
          .put(flag(state.isQuestion()));
    } else if (message instanceof ReadIndexRequest request) {
      head(target, READ_INDEX_REQUEST, message).putLong(request.requestId());
    } else if (message instanceof ReadIndexReply reply) {
      head(target, READ_INDEX_REPLY, message)
          .putLong(reply.requestId())
          .putLong(reply.readIndex())
          .putLong(reply.leaderCommit());
    } else if (message instanceof TimeRequest) {
      head(target, TIME_REQUEST, message);
    } else if (message instanceof SnapshotWanted wanted) {
      head(target, SNAPSHOT_WANTED, message)
          .putLong(wanted.fromIndex())
          .putLong(wanted.commitIndex());
    } else if (message instanceof PullSnapshot pull) {
      encodeSnapshot(pull.snapshot(), head(target, PULL_SNAPSHOT, message))
          .putLong(pull.offset())
          .putInt(pull.maxBytes());
    } else if (message instanceof SnapshotChunk chunk) {
      encodeSnapshot(chunk.snapshot(), head(target, SNAPSHOT_CHUNK, message))
          .putLong(chunk.offset());
      byte[] bytes = chunk.bytes();
      target.putInt(bytes == null ? -1 : bytes.length);
      if (bytes != null) {
        target.put(bytes);
      }
    } else {
      throw new AssertionError(message);
    }
  }

  /** Reads one message that fills the source from position to limit. */
  public static Message decode(ByteBuffer source) {
    try {
      Message message = decodeOne(source);
      if (source.hasRemaining()) {
        throw new MalformedException("message: " + source.remaining() + " bytes too long");
      }
      return message;
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new MalformedException("message: " + e);
    }
  }

  private static Message decodeOne(ByteBuffer source) {
    byte type = source.get();
    long term = source.getLong();
    return switch (type) {
      case REQUEST_VOTE ->
          new RequestVote(term, source.getLong(), source.getLong(), flag(source), flag(source));
      case REQUEST_VOTE_REPLY -> new RequestVoteReply(term, flag(source), flag(source));
      case APPEND_ENTRIES -> decodeAppendEntries(term, source);
      case APPEND_ENTRIES_ACCEPTED -> new AppendEntriesAccepted(term, source.getLong());
      case APPEND_ENTRIES_REJECTED ->
          new AppendEntriesRejected(term, source.getLong(), source.getLong(), source.getLong());
      case HEARTBEAT -> new Heartbeat(term, source.getLong(), source.getLong());
      case HEARTBEAT_REPLY -> new HeartbeatReply(term, source.getLong());
      case INSTALL_SNAPSHOT -> new InstallSnapshot(term, decodeSnapshot(source));
      case TIMEOUT_NOW -> new TimeoutNow(term);
      case PULL_SNAPSHOT ->
          new PullSnapshot(term, decodeSnapshot(source), source.getLong(), source.getInt());
      case SNAPSHOT_CHUNK -> decodeSnapshotChunk(term, source);
      case STATE_DIGEST -> new StateDigest(term, source.getLong(), source.getLong(), flag(source));
      case READ_INDEX_REQUEST -> new ReadIndexRequest(term, source.getLong());
      case READ_INDEX_REPLY ->
          new ReadIndexReply(term, source.getLong(), source.getLong(), source.getLong());
      case TIME_REQUEST -> new TimeRequest(term);
      case PULL_ENTRIES -> new PullEntries(term, source.getLong(), source.getLong());
      case PULLED_ENTRIES -> decodePulledEntries(term, source);
      case SNAPSHOT_WANTED -> new SnapshotWanted(term, source.getLong(), source.getLong());
      default -> throw new MalformedException("message type: " + type + " (expected: 1..18)");
    };
  }

  private static SnapshotChunk decodeSnapshotChunk(long term, ByteBuffer source) {
    SnapshotId snapshot = decodeSnapshot(source);
    long offset = source.getLong();
    int length = source.getInt();
    return new SnapshotChunk(
        term, snapshot, offset, length == -1 ? null : decodeBytes(source, length));
  }

  private static AppendEntries decodeAppendEntries(long term, ByteBuffer source) {
    long prevLogIndex = source.getLong();
    long prevLogTerm = source.getLong();
    long leaderCommit = source.getLong();
    List<LogEntry> entries = decodeEntries(prevLogIndex + 1, term, source);
    return new AppendEntries(term, prevLogIndex, prevLogTerm, leaderCommit, entries);
  }

  private static PulledEntries decodePulledEntries(long term, ByteBuffer source) {
    long fromIndex = source.getLong();
    List<LogEntry> entries = decodeEntries(fromIndex, Long.MAX_VALUE, source);
    return new PulledEntries(term, fromIndex, entries);
  }

  /** Consecutive entries of terms up to one. */
  private static List<LogEntry> decodeEntries(long fromIndex, long maxTerm, ByteBuffer source) {
    int count = source.getInt();
    if (count < 0 || count > source.remaining() / ENTRY_HEAD_BYTES) {
      throw new MalformedException("entry count: " + count);
    }
    List<LogEntry> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      LogEntry entry = decodeEntry(source);
      if (entry.index() != fromIndex + i || entry.term() > maxTerm || entry.term() < 1) {
        throw new MalformedException("entry " + entry + " (expected: " + (fromIndex + i) + ")");
      }
      entries.add(entry);
    }
    return entries;
  }

  private static void encodeEntries(List<LogEntry> entries, ByteBuffer target) {
    target.putInt(entries.size());
    entries.forEach(entry -> encodeEntry(entry, target));
  }

  private static void encodeEntry(LogEntry entry, ByteBuffer target) {
    target
        .putLong(entry.index())
        .putLong(entry.term())
        .put(entry.kind().code())
        .putInt(entry.payload().length)
        .put(entry.payload());
  }

  private static LogEntry decodeEntry(ByteBuffer source) {
    long index = source.getLong();
    long term = source.getLong();
    EntryKind kind = EntryKind.of(source.get());
    return new LogEntry(index, term, kind, decodeBytes(source, source.getInt()));
  }

  private static ByteBuffer encodeSnapshot(SnapshotId snapshot, ByteBuffer target) {
    return target
        .putInt(snapshot.node().number())
        .putLong(snapshot.lastIncludedIndex())
        .putLong(snapshot.lastIncludedTerm())
        .putLong(snapshot.byteCount())
        .putLong(snapshot.digest());
  }

  private static SnapshotId decodeSnapshot(ByteBuffer source) {
    return new SnapshotId(
        new NodeId(source.getInt()),
        source.getLong(),
        source.getLong(),
        source.getLong(),
        source.getLong());
  }

  private static byte[] decodeBytes(ByteBuffer source, int length) {
    if (length < 0 || length > source.remaining()) {
      throw new MalformedException(
          "length: " + length + " (there are: " + source.remaining() + ")");
    }
    byte[] bytes = new byte[length];
    source.get(bytes);
    return bytes;
  }

  private static ByteBuffer head(ByteBuffer target, byte type, Message message) {
    return target.put(type).putLong(message.term());
  }

  private static byte flag(boolean value) {
    return (byte) (value ? 1 : 0);
  }

  private static boolean flag(ByteBuffer source) {
    return source.get() != 0;
  }
}
