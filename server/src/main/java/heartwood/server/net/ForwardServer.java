package heartwood.server.net;

import heartwood.raft.message.MalformedException;
import heartwood.server.command.Arguments;
import heartwood.server.command.CommandTable;
import heartwood.server.replication.EntryFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * The leader's end of a forward link: runs the commands of another node's clients as if they were
 * its own. Confined to the loop of the connection.
 */
final class ForwardServer {
  private static final int MIN_COMMAND_BYTES = 8 + 1;

  private final PeerNetwork network;
  private final Channel channel;
  private final LoopContext context;
  private final CommandTable table;
  private final Map<Long, ForwardedClient> clients = new HashMap<>();
  private final ByteBuf replies = Unpooled.buffer(4096);
  private boolean isFlushDue;

  ForwardServer(PeerNetwork network, Channel channel, LoopContext context, CommandTable table) {
    this.network = network;
    this.channel = channel;
    this.context = context;
    this.table = table;
  }

  void onCommands(ByteBuffer body) {
    try {
      while (body.hasRemaining()) {
        int length = body.getInt();
        if (length < MIN_COMMAND_BYTES || length > body.remaining()) {
          throw new MalformedException("forwarded command length: " + length);
        }
        long clientId = body.getLong();
        int flags = body.get();
        byte[] command = new byte[length - MIN_COMMAND_BYTES];
        body.get(command);
        onCommand(clientId, flags, command);
      }
    } catch (BufferUnderflowException e) {
      throw new MalformedException("forwarded commands are too short");
    }
  }

  private void onCommand(long clientId, int flags, byte[] command) {
    if ((flags & ForwardFormat.GONE) != 0) {
      ForwardedClient gone = clients.remove(clientId);
      if (gone != null) {
        gone.leave();
      }
      return;
    }
    requireWhole(command);
    clients
        .computeIfAbsent(clientId, id -> new ForwardedClient(id, this, context))
        .receive(flags, command);
  }

  private void requireWhole(byte[] command) {
    try {
      int end = new Arguments().decode(command, EntryFormat.COMMAND_HEADER_BYTES);
      if (end == command.length && table.byId(EntryFormat.commandId(command, 0)) != null) {
        return;
      }
    } catch (IndexOutOfBoundsException | IllegalArgumentException | NegativeArraySizeException e) {
      // Told below.
    }
    throw new MalformedException("forwarded command is not whole");
  }

  /** Whether replies still have a way. Any thread. */
  boolean isOpen() {
    return channel.isActive();
  }

  /** The other end, {@code host:port}. Any thread. */
  String peerAddress() {
    return SocketClient.text(channel.remoteAddress());
  }

  void reply(long clientId, int count, byte[] bytes, int offset, int length) {
    replies
        .writeInt(length + ForwardFormat.REPLY_HEAD_BYTES - 4)
        .writeLong(clientId)
        .writeInt(count)
        .writeBytes(bytes, offset, length);
    if (!isFlushDue) {
      isFlushDue = true;
      context.loop().execute(this::flush);
    }
  }

  private void flush() {
    isFlushDue = false;
    PeerFrames.writeBody(channel, network.identity(), PeerFrames.REPLIES, replies.nioBuffer());
    channel.flush();
    replies.clear();
    if (replies.capacity() > 4 << 20) {
      replies.capacity(4096);
    }
  }
}
