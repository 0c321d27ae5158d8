package heartwood.server.command;

/** Who had a command run, as SLOWLOG tells it. Any thread; may be a moment old. */
public interface Caller {
  /** The client's end, {@code host:port}. */
  String address();

  /** What CLIENT SETNAME said; empty if nothing. */
  String name();
}
