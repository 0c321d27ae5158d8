package heartwood.tests.simulation;

import heartwood.resp.RespVersion;
import heartwood.server.command.Arguments;
import heartwood.server.command.ClientState;
import heartwood.server.command.CommandSpec;
import heartwood.server.command.Connection;
import heartwood.server.command.Moment;
import heartwood.server.command.Personality;
import heartwood.server.config.OutputLimits.ClientClass;
import heartwood.server.dispatch.DispatchedClient;
import heartwood.server.dispatch.LoopDispatcher;
import heartwood.server.dispatch.LoopDispatcher.Outcome;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A node's end of a connection: gives the dispatcher what arrives and the client what is answered.
 * Lives as long as the process. Confined to the simulation.
 */
final class SimConnection extends DispatchedClient implements Connection {
  private final KeyspaceProcess process;
  private final long id;
  private final KeyspaceClient peer;
  private final ClientState state = new ClientState(true);

  /** What has arrived and the dispatcher has not taken. */
  private final ArrayDeque<Arguments> unread = new ArrayDeque<>();

  private boolean isGone;
  private @Nullable CommandSpec lastCommand;

  SimConnection(KeyspaceProcess process, long id, KeyspaceClient peer) {
    this.process = process;
    this.id = id;
    this.peer = peer;
  }

  KeyspaceClient peer() {
    return peer;
  }

  int nodeNumber() {
    return process.nodeNumber();
  }

  /** Commands arrive. Client loop. */
  void receive(Arguments command) {
    unread.addLast(command);
    resume();
  }

  @Override
  public void resume() {
    LoopDispatcher dispatcher = process.dispatcher();
    while (!unread.isEmpty() && dispatcher.dispatch(this, unread.getFirst()) == Outcome.TAKEN) {
      unread.removeFirst();
    }
  }

  /** The apply thread has a reply. */
  void answer(String text) {
    process.clientLoop().execute(() -> deliver(text));
  }

  private void deliver(String text) {
    onAnswered(1);
    peer.reply(this, text);
    resume();
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    peer.reply(this, SimReplies.text(bytes, offset, length));
  }

  @Override
  public void close() {
    isGone = true;
    unread.clear();
  }

  @Override
  public boolean isGone() {
    return isGone;
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public Executor loop() {
    return process.clientLoop();
  }

  @Override
  public Connection connection() {
    return this;
  }

  @Override
  public ClientState state() {
    return state;
  }

  @Override
  public @Nullable String refusal(CommandSpec spec, int argumentCount) {
    return spec.refusal(argumentCount, this);
  }

  @Override
  public void beginCommand() {
    state.beginCommand();
  }

  @Override
  public void holdCommand() {
    state.holdCommand();
  }

  @Override
  public void onCommand(CommandSpec spec) {
    lastCommand = spec;
  }

  @Override
  public @Nullable CommandSpec lastCommand() {
    return lastCommand;
  }

  @Override
  public @Nullable Moment frozenAt() {
    return state.frozenAt();
  }

  @Override
  public int database() {
    return state.database();
  }

  @Override
  public RespVersion version() {
    return state.version();
  }

  @Override
  public String name() {
    return state.name();
  }

  @Override
  public boolean isAuthenticated() {
    return state.isAuthenticated();
  }

  @Override
  public boolean isReadOnly() {
    return state.isReadonly();
  }

  @Override
  public boolean isSilent() {
    return !state.wantsReply() && !isAsking();
  }

  @Override
  public boolean isProxied() {
    return false;
  }

  @Override
  public boolean isForwarded() {
    return false;
  }

  @Override
  public Personality personality() {
    return Personality.REDIRECT;
  }

  @Override
  public boolean isTls() {
    return false;
  }

  @Override
  public String address() {
    return "client:" + id;
  }

  @Override
  public String localAddress() {
    return process.name();
  }

  @Override
  public long createdMillis() {
    return 0;
  }

  @Override
  public long lastRequestMillis() {
    return 0;
  }

  @Override
  public long queryBytes() {
    return 0;
  }

  @Override
  public long replyBytes() {
    return 0;
  }

  @Override
  public ClientClass clientClass() {
    return ClientClass.NORMAL;
  }

  @Override
  public void leaveModes() {}

  @Override
  public boolean tryUnblock(boolean withError) {
    return false;
  }

  @Override
  public void closeAfterReply() {
    close();
  }

  @Override
  public String toString() {
    return "connection " + id;
  }
}
