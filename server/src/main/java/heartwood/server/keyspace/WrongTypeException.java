package heartwood.server.keyspace;

/**
 * The key holds a value of another type than the command works on. Carries no stack trace; {@code
 * CommandExecutor} turns it into Redis' WRONGTYPE reply.
 */
public final class WrongTypeException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final String REPLY =
      "WRONGTYPE Operation against a key holding the wrong kind of value";

  WrongTypeException() {
    super(REPLY, null, false, false);
  }

  /** The whole error reply without the leading minus. */
  public String reply() {
    return REPLY;
  }
}
