package heartwood.server.net;

import heartwood.raft.log.NodeIdentity;
import heartwood.raft.message.Frame;
import heartwood.raft.message.MalformedException;
import heartwood.raft.message.Member;
import heartwood.raft.message.Message;
import heartwood.raft.message.MessageCodec;
import heartwood.raft.message.NodeId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The kinds of frames between peers and how their bodies are written. Stateless.
 *
 * <pre>
 *   HELLO    purpose(1) stream(2) to(4) incarnation(8)   first frame of who connects, with
 *            redirect(4) proxy(4) peer(4) admin(4) host   where it listens itself, UTF-8
 *   WELCOME  incarnation(8)                                first frame of who accepts
 *   REFUSED  reason, UTF-8                                 then the connection is closed
 *   MESSAGE  one Raft message                              see {@code MessageCodec}
 *   FORWARD, REPLIES                                       see {@code ForwardFormat}
 *   FRAGMENT kind(1) isLast(1) bytes                       a body that is longer than a frame
 * </pre>
 */
final class PeerFrames {
  static final byte HELLO = 1;
  static final byte WELCOME = 2;
  static final byte REFUSED = 3;
  static final byte MESSAGE = 4;
  static final byte FORWARD = 5;
  static final byte REPLIES = 6;
  static final byte FRAGMENT = 7;

  private static final int FRAGMENT_HEAD_BYTES = 2;

  /** What a connection is for. */
  enum Purpose {
    ENTRIES(0),
    CONTROL(1),
    FORWARD(2);

    private final byte code;

    Purpose(int code) {
      this.code = (byte) code;
    }

    static Purpose of(byte code) {
      for (Purpose purpose : values()) {
        if (purpose.code == code) {
          return purpose;
        }
      }
      throw new MalformedException("purpose: " + code + " (expected: 0..2)");
    }
  }

  /**
   * The first words of a connection.
   *
   * @param stream tells connections of one purpose apart; of each, only the newest is read
   * @param sender where it listens: who is greeted may not know it yet
   */
  record Hello(NodeId from, Purpose purpose, int stream, int to, long incarnation, Member sender) {}

  private PeerFrames() {}

  static ByteBuf hello(
      ByteBufAllocator alloc,
      NodeIdentity self,
      Member sender,
      Purpose purpose,
      int stream,
      NodeId to) {
    byte[] host = sender.host().getBytes(StandardCharsets.UTF_8);
    ByteBuffer body = ByteBuffer.allocate(31 + host.length);
    body.put(purpose.code).putShort((short) stream).putInt(to.number()).putLong(self.incarnation());
    body.putInt(sender.redirectPort()).putInt(sender.proxyPort());
    body.putInt(sender.peerPort()).putInt(sender.adminPort()).put(host);
    return frame(alloc, self, HELLO, body.flip());
  }

  static Hello readHello(Frame frame) {
    try {
      ByteBuffer body = frame.body();
      Purpose purpose = Purpose.of(body.get());
      int stream = body.getShort();
      int to = body.getInt();
      long incarnation = body.getLong();
      int redirectPort = body.getInt();
      int proxyPort = body.getInt();
      int peerPort = body.getInt();
      int adminPort = body.getInt();
      String host = StandardCharsets.UTF_8.decode(body).toString();
      Member sender = new Member(frame.from(), host, redirectPort, proxyPort, peerPort, adminPort);
      return new Hello(frame.from(), purpose, stream, to, incarnation, sender);
    } catch (BufferUnderflowException e) {
      throw new MalformedException("hello is too short");
    }
  }

  static ByteBuf welcome(ByteBufAllocator alloc, NodeIdentity self) {
    return frame(alloc, self, WELCOME, ByteBuffer.allocate(8).putLong(self.incarnation()).flip());
  }

  static long readWelcome(Frame frame) {
    if (frame.body().remaining() != 8) {
      throw new MalformedException("welcome: " + frame.body().remaining() + " bytes (expected: 8)");
    }
    return frame.body().getLong();
  }

  static ByteBuf refused(ByteBufAllocator alloc, NodeIdentity self, String reason) {
    return frame(alloc, self, REFUSED, ByteBuffer.wrap(reason.getBytes(StandardCharsets.UTF_8)));
  }

  static String readRefused(Frame frame) {
    return StandardCharsets.UTF_8.decode(frame.body()).toString();
  }

  /** Writes a message to a channel, in fragments if it must. */
  static void writeMessage(Channel channel, NodeIdentity self, Message message) {
    long bytes = MessageCodec.encodedBytes(message);
    if (bytes > Frame.MAX_BODY_BYTES) {
      ByteBuffer whole = ByteBuffer.allocate(Math.toIntExact(bytes));
      MessageCodec.encode(message, whole);
      writeFragments(channel, self, MESSAGE, whole.flip());
      return;
    }
    ByteBuf frame = channel.alloc().directBuffer(Frame.HEADER_BYTES + (int) bytes);
    ByteBuffer target = frame.internalNioBuffer(0, Frame.HEADER_BYTES + (int) bytes);
    int start = target.position();
    target.position(start + Frame.HEADER_BYTES);
    MessageCodec.encode(message, target);
    target.flip().position(start);
    Frame.seal(target, MESSAGE, self.clusterId(), self.nodeId());
    channel.write(frame.writerIndex(target.remaining()), channel.voidPromise());
  }

  /** Writes a body of any length. */
  static void writeBody(Channel channel, NodeIdentity self, byte kind, ByteBuffer body) {
    if (body.remaining() <= Frame.MAX_BODY_BYTES) {
      channel.write(frame(channel.alloc(), self, kind, body), channel.voidPromise());
    } else {
      writeFragments(channel, self, kind, body);
    }
  }

  private static void writeFragments(
      Channel channel, NodeIdentity self, byte kind, ByteBuffer whole) {
    while (whole.hasRemaining()) {
      int length = Math.min(whole.remaining(), Frame.MAX_BODY_BYTES - FRAGMENT_HEAD_BYTES);
      boolean isLast = length == whole.remaining();
      ByteBuf frame =
          channel.alloc().directBuffer(Frame.HEADER_BYTES + FRAGMENT_HEAD_BYTES + length);
      frame.writerIndex(Frame.HEADER_BYTES);
      frame.writeByte(kind).writeByte(isLast ? 1 : 0);
      ByteBuffer part = whole.duplicate();
      part.limit(whole.position() + length);
      frame.writeBytes(part);
      whole.position(whole.position() + length);
      channel.write(seal(frame, self, FRAGMENT), channel.voidPromise());
    }
  }

  private static ByteBuf frame(
      ByteBufAllocator alloc, NodeIdentity self, byte kind, ByteBuffer body) {
    ByteBuf frame = alloc.directBuffer(Frame.HEADER_BYTES + body.remaining());
    frame.writerIndex(Frame.HEADER_BYTES).writeBytes(body);
    return seal(frame, self, kind);
  }

  private static ByteBuf seal(ByteBuf frame, NodeIdentity self, byte kind) {
    Frame.seal(
        frame.internalNioBuffer(0, frame.writerIndex()), kind, self.clusterId(), self.nodeId());
    return frame;
  }
}
