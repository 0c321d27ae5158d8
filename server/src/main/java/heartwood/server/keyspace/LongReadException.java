package heartwood.server.keyspace;

/**
 * A read would visit more rows than its keyspace was bound to: it has not begun and is to be run
 * elsewhere. Carries no stack trace.
 */
public final class LongReadException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LongReadException() {
    super("more rows than reads are bound to", null, false, false);
  }
}
