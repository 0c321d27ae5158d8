package heartwood.server.replication;

import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;
import heartwood.resp.netty.ByteBufReplySink;
import heartwood.server.command.CommandMeter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
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
    gathered.add(new Answer(client, text(bytes.array(), 0, bytes.writerIndex())));
    cancel();
  }

  @Override
  public void cancel() {
    Objects.requireNonNull(begun);
    begun = null;
    bytes.clear();
  }

  @Override
  public void none(Client client) {
    gathered.add(new Answer(client, ""));
  }

  @Override
  public void ready(Client client, byte[] reply, int offset, int length) {
    gathered.add(new Answer(client, text(reply, offset, length)));
  }

  @Override
  public void flush() {
    gathered.forEach(onAnswer);
    gathered.clear();
  }
}
