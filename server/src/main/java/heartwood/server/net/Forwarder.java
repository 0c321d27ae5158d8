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
import org.jspecify.annotations.Nullable;

/**
 * Sends the commands of an event loop's clients to the leader, and their replies back. One per
 * event loop, confined to it.
 *
 * <p>A link belongs to one leader. When it breaks, or another leads, whatever was sent on it and is
 * unanswered has an unknown end if it writes, and none if it reads; what was not sent yet was not
 * executed. The leader discards what it has not read of a link as soon as a newer one of the same
 * loop is there.
 */
final class Forwarder implements Forwarding {
  private static final int MAX_FRAME_COMMANDS_BYTES = 256 * 1024;

  private final PeerNetwork network;
  private final EventLoop loop;
  private final int stream;
  private final LeadershipView leadership;
  private final long leaderWaitNanos;
  private final Map<Long, Forwarded> clients = new HashMap<>();
  private final ByteBuf unsent = Unpooled.buffer(4096);
  private final List<Operation> unsentOperations = new ArrayList<>();
  private @Nullable Link link;
  private boolean isSendDue;
  private LoopContext context;

  @SuppressWarnings("NullAway") // The context is handed in before anything else happens.
  Forwarder(
      PeerNetwork network,
      EventLoop loop,
      int stream,
      LeadershipView leadership,
      long leaderWaitMillis) {
    this.network = network;
    this.loop = loop;
    this.stream = stream;
    this.leadership = leadership;
    this.leaderWaitNanos = TimeUnit.MILLISECONDS.toNanos(leaderWaitMillis);
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

    Operation(boolean isWrite) {
      this.isWrite = isWrite;
    }
  }

  /** A client with something on its way. */
  private record Forwarded(NettyClient client, ArrayDeque<Operation> operations) {}

  @Override
  public void forward(DispatchedClient client, CommandSpec spec, Request request) {
    NettyClient from = (NettyClient) client;
    Operation operation = new Operation(spec.kind() == Kind.WRITE);
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

  /** To be called now and then: without a leader for long, nobody will answer. */
  void onTick() {
    Leadership present = leadership.present();
    if (link != null
        && !present.isKnown()
        && System.nanoTime() - present.sinceNanos() >= leaderWaitNanos) {
      drop();
    }
  }

  void close() {
    drop();
  }

  private void onLeadership() {
    Leadership present = leadership.present();
    Member leader = present.leader();
    Link open = link;
    if (open != null && leader != null && !leader.id().equals(open.peer().id())) {
      drop();
    }
  }

  private void send() {
    if (!unsent.isReadable()) {
      return;
    }
    Link open = link;
    if (open == null) {
      Member leader = leadership.present().leader();
      if (leader == null || leadership.present().isSelf()) {
        drop();
        return;
      }
      open = new Link(leader);
      link = open;
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

  /** Gives the link up and tells every client what became of its commands. */
  private void drop() {
    Link open = link;
    link = null;
    if (open != null) {
      open.close();
    }
    unsent.clear();
    unsentOperations.clear();
    List<Forwarded> dropped = new ArrayList<>(clients.values());
    clients.clear();
    for (Forwarded forwarded : dropped) {
      NettyClient client = forwarded.client();
      ByteBuf replies = Unpooled.buffer();
      ByteBufReplySink sink = new ByteBufReplySink(replies, client.version());
      for (Operation operation : forwarded.operations()) {
        if (operation.isWrite && operation.isSent) {
          sink.error(ErrorReplies.UNCERTAIN);
        } else {
          sink.error(ErrorReplies.NOT_EXECUTED);
        }
      }
      client.deliver(replies.array(), 0, replies.readableBytes(), forwarded.operations().size());
    }
    context.flushAll();
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
        drop();
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
