package heartwood.server.dispatch;

import heartwood.resp.RespVersion;
import heartwood.server.command.Arguments;
import heartwood.server.command.CommandSpec;
import heartwood.server.command.Connection;
import heartwood.server.command.FakeConnection;
import heartwood.server.command.Moment;
import heartwood.server.command.Personality;
import heartwood.server.dispatch.LoopDispatcher.Outcome;
import heartwood.server.replication.RecordedReplies;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A client that sends what the test says, and keeps what it hears. Confined. */
final class ScriptedClient extends DispatchedClient {
  private final DispatchRig rig;
  private final FakeConnection connection;
  private final boolean isProxied;

  /** What it has sent and the dispatcher has not taken. */
  private final ArrayDeque<Arguments> unread = new ArrayDeque<>();

  final List<String> heard = new ArrayList<>();
  boolean isReadOnly;
  boolean isForwarded;
  boolean isSilent;
  boolean isGone;

  ScriptedClient(DispatchRig rig, int id, boolean isProxied, boolean isAuthenticated) {
    this.rig = rig;
    this.isProxied = isProxied;
    this.connection =
        new FakeConnection(
            id, isProxied ? Personality.PROXY : Personality.REDIRECT, isAuthenticated);
  }

  /** Sends commands, without waiting for anything. */
  ScriptedClient send(String... commands) {
    for (String command : commands) {
      unread.addLast(Arguments.of(command.split(" ")));
    }
    resume();
    return this;
  }

  /** Whether it is not read from, for it has sent what cannot be taken yet. */
  boolean isHeld() {
    return !unread.isEmpty();
  }

  @Override
  public void resume() {
    while (!unread.isEmpty() && rig.dispatcher.dispatch(this, unread.getFirst()) == Outcome.TAKEN) {
      unread.removeFirst();
    }
  }

  /** The answer to one command; no text: it wanted none. */
  void deliver(String text) {
    onAnswered(1);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (!takesAnswer(bytes, 0, bytes.length) && !text.isEmpty()) {
      heard.add(text);
    }
    rig.loop.addLast(this::resume);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    heard.add(RecordedReplies.text(bytes, offset, length));
  }

  @Override
  public long id() {
    return connection.id();
  }

  @Override
  public Executor loop() {
    return rig.loop::addLast;
  }

  @Override
  public Connection connection() {
    return connection;
  }

  @Override
  public boolean isAuthenticated() {
    return connection.state().isAuthenticated();
  }

  @Override
  public @Nullable String refusal(CommandSpec spec, int argumentCount) {
    return spec.refusal(argumentCount, connection);
  }

  @Override
  public int database() {
    return 0;
  }

  @Override
  public RespVersion version() {
    return RespVersion.RESP2;
  }

  @Override
  public boolean isSilent() {
    return (isSilent || !connection.state().wantsReply()) && !isAsking();
  }

  @Override
  public void beginCommand() {
    connection.state().beginCommand();
  }

  @Override
  public void holdCommand() {
    connection.state().holdCommand();
  }

  @Override
  public @Nullable Moment frozenAt() {
    return connection.state().frozenAt();
  }

  @Override
  public boolean isReadOnly() {
    return isReadOnly;
  }

  @Override
  public boolean isProxied() {
    return isProxied;
  }

  @Override
  public boolean isForwarded() {
    return isForwarded;
  }

  @Override
  public boolean isGone() {
    return isGone;
  }

  @Override
  public String address() {
    return connection.address();
  }

  @Override
  public String name() {
    return connection.state().name();
  }

  @Override
  public String toString() {
    return "client " + id();
  }
}
