package heartwood.server.replication;

import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;
import heartwood.resp.netty.ByteBufReplySink;
import heartwood.server.command.CommandMeter;
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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Replies as text on one line: {@code $1 x} for a bulk string. Confined. */
public final class RecordedReplies implements Replies {
  /** What one operation of a client was answered; no text when the client wants none. */
  public record Answer(Client client, String text) {
    @Override
    public String toString() {
      return client + " " + text;
    }
  }

  private final Consumer<Answer> onAnswer;
  private final List<Answer> gathered = new ArrayList<>();
  private final Map<Client, Deque<Deferred>> deferred = new HashMap<>();
  private final ByteBuf bytes = Unpooled.buffer();
  private final ByteBufReplySink sink = new ByteBufReplySink(bytes, RespVersion.RESP2);
  private @Nullable Client begun;

  /**
   * @param onAnswer hears of every answer when it is flushed
   */
  public RecordedReplies(Consumer<Answer> onAnswer) {
    this.onAnswer = onAnswer;
  }

  /** The lines of a reply as one. */
  public static String text(byte[] bytes, int offset, int length) {
    return new String(bytes, offset, length, StandardCharsets.UTF_8).replace("\r\n", " ").strip();
  }

  @Override
  public ReplySink begin(Client client, RespVersion version) {
    if (begun != null) {
      throw new AssertionError("the reply to " + begun + " was neither ended nor cancelled");
    }
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
    Client client = Objects.requireNonNull(begun);
    answer(client, text(bytes.array(), 0, bytes.writerIndex()));
    cancel();
  }

  private void answer(Client client, String text) {
    Deque<Deferred> behind = deferred.get(client);
    if (behind == null) {
      gathered.add(new Answer(client, text));
    } else {
      behind.getLast().later.add(new Answer(client, text));
    }
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
      ByteBuf written = first.bytes;
      onAnswer.accept(new Answer(first.client, text(written.array(), 0, written.writerIndex())));
      first.later.forEach(onAnswer);
    }
    if (behind.isEmpty()) {
      deferred.remove(ended.client);
    }
  }

  /** One reply that is made elsewhere, and what was answered to its client since. */
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

  @Override
  public void cancel() {
    Objects.requireNonNull(begun);
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

  @Override
  public void flush() {
    gathered.forEach(onAnswer);
    gathered.clear();
  }
}
