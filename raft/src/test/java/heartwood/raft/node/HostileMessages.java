package heartwood.raft.node;

import heartwood.raft.core.RaftCore;
import heartwood.raft.core.SplitMix64;
import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.MalformedException;
import heartwood.raft.message.Message;
import heartwood.raft.message.MessageCodec;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.RandomMessages;
import heartwood.raft.message.SnapshotId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What an ill peer may say to a node, from a seed: any numbers at all; numbers near those of the
 * receiver, where comparisons are off by one; and either with some of their bytes changed.
 */
final class HostileMessages {
  private static final long[] EXTREMES = {
    Long.MIN_VALUE, -1, 0, 1L << 32, 1L << 62, Long.MAX_VALUE - 1, Long.MAX_VALUE
  };

  private final SplitMix64 random;
  private final RandomMessages anything;
  private final NodeRig rig;

  HostileMessages(long seed, NodeRig rig) {
    random = new SplitMix64(seed);
    anything = new RandomMessages(seed);
    this.rig = rig;
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  Message next() {
    Message message = below(4) == 0 ? anything.next() : near();
    return below(4) == 0 ? mutated(message) : message;
  }

  private Message mutated(Message message) {
    ByteBuffer bytes = ByteBuffer.allocate((int) MessageCodec.encodedBytes(message));
    MessageCodec.encode(message, bytes);
    bytes.flip();
    for (int flips = 1 + below(3); flips > 0; flips--) {
      int at = below(bytes.limit());
      bytes.put(at, (byte) (bytes.get(at) ^ (1 << below(8))));
    }
    try {
      return MessageCodec.decode(bytes);
    } catch (MalformedException e) {
      return message; // The connection would have ended there.
    }
  }

  private Message near() {
    RaftCore core = rig.node().core();
    long term = near(core.currentTerm());
    return switch (below(16)) {
      case 0 -> new Message.RequestVote(term, index(), near(core.currentTerm()), flag(), flag());
      case 1 -> new Message.RequestVoteReply(term, flag(), flag());
      case 2, 3 -> append(term);
      case 4 -> new Message.AppendEntriesAccepted(term, index());
      case 5 -> new Message.AppendEntriesRejected(term, index(), term(), index());
      case 6 -> new Message.Heartbeat(term, index(), near(1));
      case 7 -> new Message.HeartbeatReply(term, near(1));
      case 8 -> new Message.InstallSnapshot(term, snapshot());
      case 9 -> new Message.PullSnapshot(term, snapshot(), near(100), (int) near(100));
      case 10 ->
          new Message.SnapshotChunk(
              term, snapshot(), 100L * below(3), flag() ? null : new byte[below(150)]);
      case 11 -> new Message.PullEntries(0, index(), index());
      case 12 -> new Message.PulledEntries(0, index(), entries(index(), term));
      case 13 -> new Message.ReadIndexRequest(term, near(0));
      case 14 -> new Message.ReadIndexReply(term, near(0), index(), index());
      default ->
          flag()
              ? new Message.TimeoutNow(term)
              : new Message.StateDigest(term, index(), NodeRig.digestAt(index()), flag());
    };
  }

  private Message append(long term) {
    RaftCore core = rig.node().core();
    long prevLogIndex = index();
    long prevLogTerm =
        core.holds(prevLogIndex) && below(4) > 0 ? core.termAt(prevLogIndex) : term();
    List<LogEntry> entries = entries(prevLogIndex, term);
    return new Message.AppendEntries(term, prevLogIndex, prevLogTerm, index(), entries);
  }

  private List<LogEntry> entries(long prevLogIndex, long term) {
    List<LogEntry> entries = new ArrayList<>();
    for (int count = below(4); count > 0; count--) {
      long index = prevLogIndex + 1 + entries.size() + (below(20) == 0 ? 1 : 0);
      EntryKind kind = EntryKind.of((byte) below(3));
      byte[] configuration = ConfigurationCodec.encode(rig.configuration);
      byte[] payload =
          kind == EntryKind.CONFIGURATION && flag() ? configuration : new byte[below(9)];
      entries.add(new LogEntry(index, below(10) == 0 ? term() : term, kind, payload));
    }
    return entries;
  }

  private SnapshotId snapshot() {
    SnapshotId offered = rig.offered;
    SnapshotId receiving = rig.receiving;
    if (offered != null && below(3) == 0) {
      return offered;
    }
    if (receiving != null && below(3) > 0) {
      return receiving;
    }
    return new SnapshotId(new NodeId(1 + below(4)), index(), term(), near(200), 0);
  }

  private long index() {
    RaftCore core = rig.node().core();
    return near(flag() ? core.lastIndex() : core.commitIndex());
  }

  private long term() {
    return near(rig.node().core().currentTerm());
  }

  private long near(long value) {
    return below(12) == 0 ? EXTREMES[below(EXTREMES.length)] : value + below(5) - 2;
  }

  private boolean flag() {
    return below(2) == 0;
  }
}
