package heartwood.raft.message;

import heartwood.raft.core.SplitMix64;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Messages of every type with fields of any value, from a seed. */
public final class RandomMessages {
  private static final int TYPES = 18;

  private final SplitMix64 random;

  public RandomMessages(long seed) {
    random = new SplitMix64(seed);
  }

  public int below(int bound) {
    return random.nextInt(bound);
  }

  public Message next() {
    long term = 1 + (random.nextLong() >>> 2);
    return switch (below(TYPES)) {
      case 0 -> new Message.RequestVote(term, random.nextLong(), random.nextLong(), flag(), flag());
      case 1 -> new Message.RequestVoteReply(term, flag(), flag());
      case 2 -> appendEntries(term);
      case 3 -> new Message.AppendEntriesAccepted(term, random.nextLong());
      case 4 ->
          new Message.AppendEntriesRejected(
              term, random.nextLong(), random.nextLong(), random.nextLong());
      case 5 -> new Message.Heartbeat(term, random.nextLong(), random.nextLong());
      case 6 -> new Message.HeartbeatReply(term, random.nextLong());
      case 7 -> new Message.InstallSnapshot(term, snapshot());
      case 8 -> new Message.TimeoutNow(term);
      case 9 -> new Message.PullSnapshot(term, snapshot(), random.nextLong(), below(1 << 20));
      case 10 -> new Message.StateDigest(term, random.nextLong(), random.nextLong(), flag());
      case 11 -> new Message.ReadIndexRequest(term, random.nextLong());
      case 12 ->
          new Message.ReadIndexReply(term, random.nextLong(), random.nextLong(), random.nextLong());
      case 13 -> new Message.TimeRequest(term);
      case 14 -> new Message.PullEntries(term, random.nextLong(), random.nextLong());
      case 15 -> pulledEntries(term);
      case 16 -> new Message.SnapshotWanted(term, random.nextLong(), random.nextLong());
      default ->
          new Message.SnapshotChunk(
              term, snapshot(), random.nextLong(), flag() ? null : bytes(300));
    };
  }

  private Message pulledEntries(long term) {
    long fromIndex = random.nextLong() >>> 2;
    return new Message.PulledEntries(term, fromIndex, entries(fromIndex, Long.MAX_VALUE));
  }

  private Message appendEntries(long term) {
    long prevLogIndex = random.nextLong() >>> 2;
    List<LogEntry> entries = entries(prevLogIndex + 1, term);
    return new Message.AppendEntries(
        term, prevLogIndex, random.nextLong(), random.nextLong(), entries);
  }

  private List<LogEntry> entries(long fromIndex, long maxTerm) {
    List<LogEntry> entries = new ArrayList<>();
    for (int i = below(5); i > 0; i--) {
      entries.add(
          new LogEntry(
              fromIndex + entries.size(),
              1 + Math.floorMod(random.nextLong(), maxTerm),
              EntryKind.of((byte) below(3)),
              bytes(2000)));
    }
    return entries;
  }

  private SnapshotId snapshot() {
    return new SnapshotId(
        new NodeId(1 + below(9)),
        random.nextLong(),
        random.nextLong(),
        random.nextLong(),
        random.nextLong());
  }

  byte[] bytes(int bound) {
    byte[] bytes = new byte[below(bound)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) random.nextLong();
    }
    return bytes;
  }

  private boolean flag() {
    return (random.nextLong() & 1) == 0;
  }

  /** A message in a sealed frame. */
  static ByteBuffer frame(Message message, long clusterId) {
    int bytes = Math.toIntExact(MessageCodec.encodedBytes(message));
    ByteBuffer frame = ByteBuffer.allocate(Frame.HEADER_BYTES + bytes);
    frame.position(Frame.HEADER_BYTES);
    MessageCodec.encode(message, frame);
    frame.flip();
    Frame.seal(frame, (byte) 4, clusterId, new NodeId(2));
    return frame;
  }
}
