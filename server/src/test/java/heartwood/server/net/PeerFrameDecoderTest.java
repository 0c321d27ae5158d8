package heartwood.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.log.NodeIdentity;
import heartwood.raft.message.Frame;
import heartwood.raft.message.NodeId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Frames of one connection, however its bytes arrive and wherever they end. */
class PeerFrameDecoderTest {
  private static final NodeIdentity PEER = new NodeIdentity(7, new NodeId(2), 1);
  private static final List<String> BODIES = List.of("first", "", "the third and last");

  private final List<String> heard = new ArrayList<>();

  @Test
  void everySplitOfTheBytesGivesTheSameFrames() {
    byte[] bytes = bytesOf(BODIES);

    for (int split = 0; split <= bytes.length; split++) {
      EmbeddedChannel channel = open();
      receive(channel, Arrays.copyOfRange(bytes, 0, split));
      receive(channel, Arrays.copyOfRange(bytes, split, bytes.length));

      assertThat(heard).as("split at %d", split).isEqualTo(BODIES);
      channel.finishAndReleaseAll();
    }
  }

  /** redisraft#25 to #27: a reply that had come half way was given to whoever asked next. */
  @Test
  void aConnectionThatEndsAnywhereHasGivenWholeFramesOnly() {
    byte[] bytes = bytesOf(BODIES);
    int first = bytesOf(BODIES.subList(0, 1)).length;
    int second = bytesOf(BODIES.subList(0, 2)).length;

    for (int end = 0; end < bytes.length; end++) {
      EmbeddedChannel channel = open();
      receive(channel, Arrays.copyOf(bytes, end));
      channel.finishAndReleaseAll();

      int whole = end >= second ? 2 : end >= first ? 1 : 0;
      assertThat(heard).as("ended at %d", end).isEqualTo(BODIES.subList(0, whole));
    }
  }

  @Test
  void aBodyInFragmentsIsHandedOnOnceItIsWhole() {
    String body = "x".repeat(Frame.MAX_BODY_BYTES + 1000);
    byte[] bytes = bytesOf(List.of(body, "next"));
    EmbeddedChannel channel = open();

    receive(channel, Arrays.copyOf(bytes, Frame.MAX_BODY_BYTES + 100));
    assertThat(heard).isEmpty();
    receive(channel, Arrays.copyOfRange(bytes, Frame.MAX_BODY_BYTES + 100, bytes.length));

    assertThat(heard).containsExactly(body, "next");
    channel.finishAndReleaseAll();
  }

  @Test
  void nothingIsHeardBehindAFrameThatIsDamaged() {
    byte[] bytes = bytesOf(BODIES);
    bytes[Frame.HEADER_BYTES] ^= 1; // In the first body.
    EmbeddedChannel channel = open();

    receive(channel, bytes);

    assertThat(heard).isEmpty();
    assertThat(channel.isOpen()).isFalse();
    channel.finishAndReleaseAll();
  }

  private EmbeddedChannel open() {
    heard.clear();
    return new EmbeddedChannel(
        new PeerFrameDecoder(PEER.clusterId()) {
          @Override
          void onFrame(ChannelHandlerContext ctx, Frame frame) {
            heard.add(StandardCharsets.UTF_8.decode(frame.body()).toString());
          }
        });
  }

  private static void receive(EmbeddedChannel channel, byte[] bytes) {
    if (channel.isOpen()) {
      channel.writeInbound(Unpooled.copiedBuffer(bytes));
    }
  }

  private static byte[] bytesOf(List<String> bodies) {
    EmbeddedChannel sender = new EmbeddedChannel();
    for (String body : bodies) {
      ByteBuffer bytes = ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8));
      PeerFrames.writeBody(sender, PEER, PeerFrames.MESSAGE, bytes);
    }
    sender.flush();
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf part = sender.readOutbound(); part != null; part = sender.readOutbound()) {
      all.writeBytes(part);
      part.release();
    }
    byte[] bytes = new byte[all.readableBytes()];
    all.readBytes(bytes);
    return bytes;
  }
}
