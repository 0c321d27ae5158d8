package heartwood.server.net;

import heartwood.raft.message.Frame;
import heartwood.raft.message.MalformedException;
import heartwood.raft.message.Member;
import heartwood.resp.Request;
import heartwood.resp.netty.ByteBufReplySink;
import heartwood.server.command.CommandSpec;
import heartwood.server.command.CommandSpec.Kind;
import heartwood.server.dispatch.DispatchedClient;
import heartwood.server.dispatch.ErrorReplies;
import heartwood.server.dispatch.Forwarding;
import heartwood.server.dispatch.Leadership;
import heartwood.server.dispatch.LeadershipView;
import heartwood.server.replication.CommandBatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends the commands of an event loop's clients to the leader, and their replies back. One per
 * event loop, confined to it.
 *
 * <p>A link belongs to one leader. When it breaks, or another leads, a write that was sent on it
 * and is unanswered has an unknown end. What was not sent yet was not executed, and a read has no
 * effect: both are sent again, to whoever leads then, for as long as a request may wait for a
 * leader. (A read behind such a write is told that it was not executed: its turn has come.) The
 * leader discards what it has not read of a link as soon as a newer one of the same stream is
 * there.
 */
final class Forwarder implements Forwarding {
  private static final int MAX_FRAME_COMMANDS_BYTES = 256 * 1024;

  private final PeerNetwork network;
  private final EventLoop loop;
  private final int stream;
  private final LeadershipView leadership;
  private final LongSupplier leaderWaitMillis;
  private final Map<Long, Forwarded> clients = new HashMap<>();
  private final ByteBuf unsent = Unpooled.buffer(4096);
  private final List<Operation> unsentOperations = new ArrayList<>();
  private @Nullable Link link;

  /** Since when there is no link that could send. */
  private long notReadySinceNanos = System.nanoTime();

  private boolean isSendDue;
  private LoopContext context;

  @SuppressWarnings("NullAway") // The context is handed in before anything else happens.
  Forwarder(
      PeerNetwork network,
      EventLoop loop,
      int stream,
      LeadershipView leadership,
      LongSupplier leaderWaitMillis) {
    this.network = network;
    this.loop = loop;
    this.stream = stream;
    this.leadership = leadership;
    this.leaderWaitMillis = leaderWaitMillis;
    leadership.onChange(() -> loop.execute(this::onLeadership));
    this.context = null;
  }

  void attachTo(LoopContext loopContext) {
    context = loopContext;
  }

  /** A command that is not answered yet. */
  private static final class Operation {
    final boolean isWrite;
    boolean isSent;

    /** A read as it was sent, to be sent again; empty for a write. */
    byte[] bytes = {};

    Operation(boolean isWrite) {
      this.isWrite = isWrite;
    }
  }

  /** A client with something on its way. */
  private record Forwarded(NettyClient client, ArrayDeque<Operation> operations) {}

  @Override
  public void forward(DispatchedClient client, CommandSpec spec, Request request) {
    NettyClient from = (NettyClient) client;
    Operation operation =
        new Operation(spec.kind() == Kind.WRITE || spec.kind() == Kind.MEMBERSHIP);
    clients
        .computeIfAbsent(from.id(), id -> new Forwarded(from, new ArrayDeque<>()))
        .operations()
        .addLast(operation);
    int start = unsent.writerIndex();
    int room = ForwardFormat.COMMAND_HEAD_BYTES + (int) CommandBatch.commandBytes(request);
    unsent.ensureWritable(room);
    unsent.writeInt(0).writeLong(from.id()).writeByte(ForwardFormat.flags(client.version()));
    int position = unsent.arrayOffset() + unsent.writerIndex();
    int end = CommandBatch.encode(spec, client.database(), request, unsent.array(), position);
    unsent.writerIndex(end - unsent.arrayOffset());
    unsent.setInt(start, unsent.writerIndex() - start - 4);
    unsentOperations.add(operation);
    if (!operation.isWrite) {
      operation.bytes = ByteBufUtil.getBytes(unsent, start, unsent.writerIndex() - start);
    }
    if (unsent.readableBytes() >= MAX_FRAME_COMMANDS_BYTES) {
      send();
    } else if (!isSendDue) {
      isSendDue = true;
      loop.execute(
          () -> {
            isSendDue = false;
            send();
          });
    }
  }

  /** The client has left: nobody waits for its replies. */
  void forget(NettyClient client) {
    Forwarded forwarded = clients.remove(client.id());
    Link open = link;
    if (forwarded != null && open != null && open.ready() != null) {
      unsent.writeInt(9).writeLong(client.id()).writeByte(ForwardFormat.GONE);
      send();
    }
  }

  /** To be called now and then: what has waited too long ends. */
  void onTick() {
    Leadership present = leadership.present();
    long now = System.nanoTime();
    long leaderWaitNanos = TimeUnit.MILLISECONDS.toNanos(leaderWaitMillis.getAsLong());
    if (link != null && !present.isKnown() && now - present.sinceNanos() >= leaderWaitNanos) {
      loseLink();
    }
    boolean isWaiting = !unsentOperations.isEmpty() && (link == null || link.ready() == null);
    if (isWaiting && now - notReadySinceNanos >= leaderWaitNanos) {
      failUnsent();
    }
  }

  private void onLeadership() {
    Member leader = leadership.present().leader();
    Link open = link;
    if (leader == null) {
      return; // The old link may still answer.
    }
    if (open != null && !leader.equals(open.peer())) {
      loseLink();
    }
    send();
  }

  private void send() {
    if (!unsent.isReadable()) {
      return;
    }
    Link open = link;
    if (open == null) {
      Member leader = leadership.present().leader();
      if (leader == null) {
        return; // As soon as there is one.
      }
      // It may be this very node by now: then its own peer port takes what is left.
      open = new Link(leader);
      link = open;
      notReadySinceNanos = System.nanoTime();
      open.open();
    }
    Channel channel = open.ready();
    if (channel == null) {
      return; // As soon as the leader has said welcome.
    }
    PeerFrames.writeBody(channel, network.identity(), PeerFrames.FORWARD, unsent.nioBuffer());
    unsent.clear();
    unsentOperations.forEach(operation -> operation.isSent = true);
    unsentOperations.clear();
    open.flushSoon();
  }

  private void loseLink() {
    Link open = link;
    link = null;
    if (open != null) {
      open.close();
    }
    settleSent();
  }

  /** The link is gone: nobody will answer what was sent on it. */
  private void settleSent() {
    notReadySinceNanos = System.nanoTime();
    ByteBuf again = Unpooled.buffer();
    List<Operation> againOperations = new ArrayList<>();
    for (Forwarded forwarded : new ArrayList<>(clients.values())) {
      List<Operation> sent = new ArrayList<>();
      for (Operation operation : forwarded.operations()) {
        if (operation.isSent) {
          sent.add(operation);
        }
      }
      if (sent.stream().anyMatch(operation -> operation.isWrite)) {
        answer(forwarded, sent);
      } else {
        for (Operation operation : sent) {
          operation.isSent = false;
          again.writeBytes(operation.bytes);
          againOperations.add(operation);
        }
      }
    }
    // Each client's order holds: what it sent comes before what it has not sent.
    again.writeBytes(unsent);
    againOperations.addAll(unsentOperations);
    unsent.clear();
    unsent.writeBytes(again);
    unsentOperations.clear();
    unsentOperations.addAll(againOperations);
    context.flushAll();
  }

  private void failUnsent() {
    unsent.clear();
    unsentOperations.clear();
    for (Forwarded forwarded : new ArrayList<>(clients.values())) {
      List<Operation> waiting = new ArrayList<>();
      for (Operation operation : forwarded.operations()) {
        if (!operation.isSent) {
          waiting.add(operation);
        }
      }
      answer(forwarded, waiting);
    }
    context.flushAll();
  }

  /** Tells a client what became of its first operations. */
  private void answer(Forwarded forwarded, List<Operation> operations) {
    if (operations.isEmpty()) {
      return;
    }
    NettyClient client = forwarded.client();
    ByteBuf replies = Unpooled.buffer();
    ByteBufReplySink sink = new ByteBufReplySink(replies, client.version());
    for (Operation operation : operations) {
      forwarded.operations().removeFirst();
      sink.error(
          operation.isWrite && operation.isSent
              ? ErrorReplies.UNCERTAIN
              : ErrorReplies.NOT_EXECUTED);
    }
    if (forwarded.operations().isEmpty()) {
      clients.remove(client.id());
    }
    client.deliver(replies.array(), 0, replies.readableBytes(), operations.size());
  }

  private void onReplies(ByteBuffer body) {
    try {
      while (body.hasRemaining()) {
        int length = body.getInt();
        if (length < ForwardFormat.REPLY_HEAD_BYTES - 4 || length > body.remaining()) {
          throw new MalformedException("reply length: " + length);
        }
        long clientId = body.getLong();
        int count = body.getInt();
        byte[] bytes = new byte[length - (ForwardFormat.REPLY_HEAD_BYTES - 4)];
        body.get(bytes);
        onReply(clientId, count, bytes);
      }
    } catch (BufferUnderflowException e) {
      throw new MalformedException("replies are too short");
    }
    context.flushAll();
  }

  private void onReply(long clientId, int count, byte[] bytes) {
    Forwarded forwarded = clients.get(clientId);
    if (forwarded == null) {
      return; // It has left.
    }
    ArrayDeque<Operation> operations = forwarded.operations();
    for (int i = 0; i < count; i++) {
      if (operations.isEmpty()) {
        throw new MalformedException("client " + clientId + ": more replies than commands");
      }
      operations.removeFirst();
    }
    if (operations.isEmpty()) {
      clients.remove(clientId);
    }
    forwarded.client().deliver(bytes, 0, bytes.length, count);
  }

  /** The link to one leader. */
  private final class Link extends PeerLink {
    Link(Member leader) {
      super(network, loop, leader, PeerFrames.Purpose.FORWARD);
    }

    @Override
    int stream() {
      return stream;
    }

    @Override
    void onReady() {
      if (link == this) {
        Forwarder.this.send();
      }
    }

    @Override
    void onBroken() {
      if (link == this) {
        settleSent(); // The link tries again by itself.
      }
    }

    @Override
    void onFrame(Frame frame) {
      if (frame.kind() != PeerFrames.REPLIES) {
        super.onFrame(frame);
      } else if (link == this) {
        onReplies(frame.body());
      }
    }
  }
}
