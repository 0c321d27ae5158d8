package heartwood.server.net;

import heartwood.resp.RespVersion;
import heartwood.server.command.Arguments;
import heartwood.server.command.CommandSpec;
import heartwood.server.command.Connection;
import heartwood.server.command.Moment;
import heartwood.server.dispatch.LoopDispatcher.Outcome;
import heartwood.server.replication.EntryFormat;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A client of another node, for which that node's proxy speaks. Confined to the loop of the peer
 * connection that it came by.
 */
final class ForwardedClient extends NettyClient {
  private final long id;
  private final ForwardServer server;
  private final LoopContext context;
  private final ArrayDeque<Held> held = new ArrayDeque<>();
  private final Arguments arguments = new Arguments();
  private RespVersion version = RespVersion.RESP2;
  private int database;
  private volatile boolean isGone;

  private record Held(int flags, byte[] command) {}

  ForwardedClient(long id, ForwardServer server, LoopContext context) {
    this.id = id;
    this.server = server;
    this.context = context;
  }

  /** Takes the next command, in the format of {@link EntryFormat}. */
  void receive(int flags, byte[] command) {
    if (!held.isEmpty() || !dispatch(flags, command)) {
      held.addLast(new Held(flags, command));
    }
  }

  private boolean dispatch(int flags, byte[] command) {
    version = ForwardFormat.version(flags);
    database = EntryFormat.database(command, 0);
    arguments.decode(command, EntryFormat.COMMAND_HEADER_BYTES);
    return context.dispatcher().dispatch(this, arguments) == Outcome.TAKEN;
  }

  @Override
  public void resume() {
    while (!held.isEmpty() && dispatch(held.getFirst().flags(), held.getFirst().command())) {
      held.removeFirst();
    }
  }

  @Override
  void onDelivered() {
    resume();
  }

  @Override
  void send(byte[] bytes, int offset, int length, int count) {
    server.reply(id, count, bytes, offset, length);
  }

  @Override
  void flush() {}

  @Override
  LoopContext context() {
    return context;
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public Executor loop() {
    return context.loop();
  }

  @Override
  public Connection connection() {
    throw new IllegalStateException("a forwarded client has no connection here");
  }

  @Override
  public @Nullable String refusal(CommandSpec spec, int argumentCount) {
    return spec.accepts(argumentCount) ? null : spec.wrongArgumentCount();
  }

  @Override
  public boolean isAuthenticated() {
    return true; // Its own node has seen to that.
  }

  /** Its own node says with each command as of when it reads. */
  @Override
  public @Nullable Moment frozenAt() {
    return null;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public boolean isProxied() {
    return true;
  }

  @Override
  public boolean isForwarded() {
    return true;
  }

  /** The other node's: it does not tell its clients'. */
  @Override
  public String address() {
    return server.peerAddress();
  }

  @Override
  public String name() {
    return "";
  }

  @Override
  public boolean isGone() {
    return isGone || !server.isOpen();
  }

  /** Its own node says that it has left. */
  void leave() {
    isGone = true;
  }

  @Override
  public int database() {
    return database;
  }

  @Override
  public RespVersion version() {
    return version;
  }

  @Override
  public boolean isSilent() {
    return false;
  }
}
