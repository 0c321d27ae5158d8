package heartwood.server.command;

import heartwood.server.config.OutputLimits.ClientClass;
import org.jspecify.annotations.Nullable;

/** A connection without a socket. */
public final class FakeConnection implements Connection {
  private final long id;
  private final Personality personality;
  private final ClientState state;
  @Nullable CommandSpec lastCommand;
  ClientClass clientClass = ClientClass.NORMAL;
  long createdMillis;
  boolean hasLeftModes;
  boolean isBlocked;
  boolean closesAfterReply;
  boolean isClosed;

  public FakeConnection(long id, Personality personality, boolean isAuthenticated) {
    this.id = id;
    this.personality = personality;
    this.state = new ClientState(isAuthenticated);
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public String address() {
    return "127.0.0.1:" + (50_000 + id);
  }

  @Override
  public String localAddress() {
    return "127.0.0.1:7001";
  }

  @Override
  public Personality personality() {
    return personality;
  }

  @Override
  public boolean isTls() {
    return false;
  }

  @Override
  public long createdMillis() {
    return createdMillis;
  }

  @Override
  public long lastRequestMillis() {
    return createdMillis;
  }

  @Override
  public @Nullable CommandSpec lastCommand() {
    return lastCommand;
  }

  @Override
  public long queryBytes() {
    return 7;
  }

  @Override
  public long replyBytes() {
    return 0;
  }

  @Override
  public ClientClass clientClass() {
    return clientClass;
  }

  @Override
  public ClientState state() {
    return state;
  }

  @Override
  public void leaveModes() {
    hasLeftModes = true;
  }

  @Override
  public boolean tryUnblock(boolean withError) {
    boolean was = isBlocked;
    isBlocked = false;
    return was;
  }

  @Override
  public void closeAfterReply() {
    closesAfterReply = true;
  }

  @Override
  public void close() {
    isClosed = true;
  }
}
