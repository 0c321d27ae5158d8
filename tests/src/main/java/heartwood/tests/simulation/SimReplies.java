package heartwood.tests.simulation;

import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;
import heartwood.resp.netty.ByteBufReplySink;
import heartwood.server.command.CommandMeter;
import heartwood.server.replication.Client;
import heartwood.server.replication.DeferredReply;
import heartwood.server.replication.Replies;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sends the replies of the apply thread to the connections, in order, as text. Confined to the
 * simulation.
 */
final class SimReplies implements Replies {
  private record Answer(SimConnection connection, String text) {
    void deliver() {
      connection.answer(text);
    }
  }

  private final List<Answer> gathered = new ArrayList<>();
  private final Map<Client, Deque<Deferred>> deferred = new HashMap<>();
  private final ByteBuf bytes = Unpooled.buffer();
  private final ByteBufReplySink sink = new ByteBufReplySink(bytes, RespVersion.RESP2);
  private @Nullable Client begun;

  /** A reply with its lines as words: {@code $1 x} for a bulk string. */
  static String text(byte[] bytes, int offset, int length) {
    return new String(bytes, offset, length, StandardCharsets.UTF_8).replace("\r\n", " ").strip();
  }

  private static String text(ByteBuf bytes) {
    return text(bytes.array(), 0, bytes.writerIndex());
  }

  @Override
  public ReplySink begin(Client client, RespVersion version) {
    SimulationFailure.require(
        begun == null, () -> "the reply to " + begun + " was ended or cancelled");
    begun = client;
    sink.version(version);
    return sink;
  }

  @Override
  public @Nullable String error() {
    return CommandMeter.errorWord(bytes.array(), 0, bytes.writerIndex());
  }

  @Override
  public void end() {
    answer(Objects.requireNonNull(begun), text(bytes));
    cancel();
  }

  @Override
  public void cancel() {
    begun = null;
    bytes.clear();
  }

  @Override
  public void none(Client client) {
    answer(client, "");
  }

  @Override
  public void ready(Client client, byte[] reply, int offset, int length) {
    answer(client, text(reply, offset, length));
  }

  private void answer(Client client, String text) {
    Answer answer = new Answer((SimConnection) client, text);
    Deque<Deferred> behind = deferred.get(client);
    if (behind == null) {
      gathered.add(answer);
    } else {
      behind.getLast().later.add(answer);
    }
  }

  @Override
  public void flush() {
    gathered.forEach(Answer::deliver);
    gathered.clear();
  }

  @Override
  public DeferredReply defer(Client client, RespVersion version) {
    Deferred reply = new Deferred(client, version);
    deferred.computeIfAbsent(client, key -> new ArrayDeque<>()).addLast(reply);
    return reply;
  }

  @Override
  public void end(DeferredReply reply) {
    flush();
    Deferred ended = (Deferred) reply;
    ended.isEnded = true;
    Deque<Deferred> behind = Objects.requireNonNull(deferred.get(ended.client));
    while (!behind.isEmpty() && behind.getFirst().isEnded) {
      Deferred first = behind.removeFirst();
      ((SimConnection) first.client).answer(text(first.bytes));
      first.later.forEach(Answer::deliver);
    }
    if (behind.isEmpty()) {
      deferred.remove(ended.client);
    }
  }

  /** One reply that is made elsewhere, and what its client was answered since. */
  private static final class Deferred implements DeferredReply {
    private final Client client;
    private final ByteBuf bytes = Unpooled.buffer();
    private final ByteBufReplySink sink;
    private final List<Answer> later = new ArrayList<>();
    private boolean isEnded;

    Deferred(Client client, RespVersion version) {
      this.client = client;
      this.sink = new ByteBufReplySink(bytes, version);
    }

    @Override
    public ReplySink sink() {
      return sink;
    }

    @Override
    public @Nullable String error() {
      return CommandMeter.errorWord(bytes.array(), 0, bytes.writerIndex());
    }

    @Override
    public void clear() {
      bytes.clear();
    }
  }
}
