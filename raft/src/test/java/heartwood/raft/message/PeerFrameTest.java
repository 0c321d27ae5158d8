package heartwood.raft.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.raft.core.CoreOptions;
import heartwood.raft.node.NodeOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PeerFrameTest {
  private static final long CLUSTER = 7;

  @Test
  void everyMessageComesBackAsItWas() {
    RandomMessages messages = new RandomMessages(11);
    for (int i = 0; i < 5_000; i++) {
      Message message = messages.next();

      Frame frame = Frame.open(RandomMessages.frame(message, CLUSTER), CLUSTER);

      Message read = MessageCodec.decode(frame.body());
      assertThat(read).isEqualTo(message);
      assertThat(payloads(read)).isEqualTo(payloads(message));
      assertThat(frame.from()).isEqualTo(new NodeId(2));
    }
  }

  @Test
  void aFullMessageIsOneFrame() {
    List<LogEntry> entries = new ArrayList<>();
    byte[] smallest = new byte[28]; // An entry of commands without a command.
    for (long bytes = 0; bytes < CoreOptions.DEFAULT.maxAppendBytes(); bytes += smallest.length) {
      entries.add(new LogEntry(entries.size() + 1, 1, EntryKind.COMMANDS, smallest));
    }
    Message append = new Message.AppendEntries(1, 0, 0, 0, entries);
    byte[] piece = new byte[NodeOptions.DEFAULT.snapshotChunkBytes()];
    SnapshotId snapshot = new SnapshotId(new NodeId(2), 9, 1, 1 << 30, 0);
    Message chunk = new Message.SnapshotChunk(1, snapshot, 0, piece);

    assertThat(MessageCodec.encodedBytes(append)).isLessThanOrEqualTo(Frame.MAX_BODY_BYTES);
    assertThat(MessageCodec.encodedBytes(chunk)).isLessThanOrEqualTo(Frame.MAX_BODY_BYTES);
  }

  @Test
  void oneFlippedBitAnywhereIsNoticed() {
    byte[] frame = bytesOf(RandomMessages.frame(new Message.Heartbeat(3, 2, 1), CLUSTER));
    for (int bit = 4 * 8; bit < frame.length * 8; bit++) {
      byte[] damaged = frame.clone();
      damaged[bit / 8] ^= (byte) (1 << (bit % 8));

      assertThatThrownBy(() -> Frame.open(ByteBuffer.wrap(damaged), CLUSTER))
          .isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void aFrameOfAnotherClusterIsRefused() {
    ByteBuffer frame = RandomMessages.frame(new Message.TimeoutNow(1), 8);

    assertThatThrownBy(() -> Frame.open(frame, CLUSTER))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("cluster");
  }

  @Test
  void aLengthThatNoFrameHasIsRefusedBeforeAnythingIsAllocated() {
    ByteBuffer huge = ByteBuffer.allocate(8).putInt(0, Frame.MAX_FRAME_BYTES + 1);

    assertThatThrownBy(() -> Frame.frameBytes(huge)).isInstanceOf(MalformedException.class);
  }

  @Test
  void whatIsNotAFrameIsSeenFromItsFirstBytes() {
    ByteBuffer http =
        ByteBuffer.wrap(
            "\0\0\1\0POST / HTTP/1.1".getBytes(java.nio.charset.StandardCharsets.US_ASCII));

    assertThatThrownBy(() -> Frame.frameBytes(http)).hasMessageContaining("magic");
  }

  @Test
  void aConfigurationComesBackAsItWas() {
    Configuration configuration =
        new Configuration(
            List.of(
                new Member(new NodeId(1), "a.example", 1, 2, 3, 4),
                new Member(new NodeId(2), "::1", 5, 6, 7, 8)),
            Set.of(new NodeId(1)),
            Set.of(new NodeId(1), new NodeId(2)),
            Set.of(new NodeId(2)));

    assertThat(ConfigurationCodec.decode(ConfigurationCodec.encode(configuration)))
        .isEqualTo(configuration);
  }

  /**
   * Damaged, cut and hostile frames: nothing but {@link MalformedException}, nothing allocated that
   * is not there. Runs for a moment, or for {@code -Dfuzz.seconds=300}.
   */
  @Test
  void hostileBytesAreRefusedAndDoNoHarm() {
    long seconds = Long.getLong("fuzz.seconds", 1);
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    RandomMessages messages = new RandomMessages(seed);
    long end = System.nanoTime() + seconds * 1_000_000_000;
    long tries = 0;
    while (System.nanoTime() - end < 0) {
      tries++;
      byte[] bytes = damaged(messages);
      try {
        ByteBuffer source = ByteBuffer.wrap(bytes);
        int frameBytes = Frame.frameBytes(source);
        if (frameBytes > 0 && frameBytes <= bytes.length) {
          source.limit(frameBytes);
          MessageCodec.decode(Frame.open(source, CLUSTER).body());
        }
      } catch (MalformedException expected) {
        // What a connection is closed for.
      } catch (RuntimeException | Error e) {
        throw new AssertionError("fuzz.seed=" + seed + " try " + tries, e);
      }
    }
    assertThat(tries).isPositive();
  }

  private static byte[] bytesOf(ByteBuffer frame) {
    byte[] bytes = new byte[frame.remaining()];
    frame.get(bytes);
    return bytes;
  }

  private static byte[] damaged(RandomMessages messages) {
    byte[] bytes = bytesOf(RandomMessages.frame(messages.next(), CLUSTER));
    for (int i = messages.below(4); i > 0; i--) {
      bytes[messages.below(bytes.length)] = (byte) messages.below(256);
    }
    if (messages.below(4) == 0) {
      bytes = Arrays.copyOf(bytes, messages.below(bytes.length + 20));
    }
    if (messages.below(2) == 0 && bytes.length >= Frame.HEADER_BYTES) {
      // A checksum that holds leads the damage into the message itself.
      Frame.seal(ByteBuffer.wrap(bytes), (byte) 4, CLUSTER, new NodeId(2));
    }
    return bytes;
  }

  private static List<String> payloads(Message message) {
    return message instanceof Message.AppendEntries append
        ? append.entries().stream().map(entry -> Arrays.toString(entry.payload())).toList()
        : List.of();
  }
}
