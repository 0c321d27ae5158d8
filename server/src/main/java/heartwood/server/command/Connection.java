package heartwood.server.command;

import heartwood.server.config.OutputLimits;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection, as commands see it. The transport implements it. Called by the thread
 * that runs the connection's commands; what says "any thread" may also be called for CLIENT LIST
 * and CLIENT KILL of another connection, and may then be a moment old.
 */
public interface Connection extends Caller {
  /** Unique on this node, 1 or more, in the order of arrival. Any thread. */
  long id();

  @Override
  default String name() {
    return state().name();
  }

  /** Our end, {@code host:port}. Any thread. */
  String localAddress();

  /** Any thread. */
  Personality personality();

  /** Any thread. */
  boolean isTls();

  /** When it began, on the node's clock. Any thread. */
  long createdMillis();

  /** When its last request came, on the node's clock. Any thread. */
  long lastRequestMillis();

  /** What it last asked for; null before its first command. Any thread. */
  @Nullable CommandSpec lastCommand();

  /** Bytes of requests that are read and not yet executed. Any thread. */
  long queryBytes();

  /** Bytes of replies that wait to be sent. Any thread. */
  long replyBytes();

  /** What kind of client it is, for CLIENT LIST TYPE and the limits of its replies. Any thread. */
  OutputLimits.ClientClass clientClass();

  /** What commands know and change about it. The same object for the connection's life. */
  ClientState state();

  /** Ends MULTI, WATCH, subscriptions and the like. RESET calls it. */
  void leaveModes();

  /** Ends the wait in a blocking command; false if there is none. Any thread. */
  boolean tryUnblock(boolean withError);

  /** Closes the connection once the replies up to the present command's are sent. */
  void closeAfterReply();

  /** Closes the connection now. Any thread; does not wait. */
  void close();
}
