package heartwood.server.keyspace;

/**
 * A moment was asked that is before what is left of a key's past. Carries no stack trace; {@code
 * CommandExecutor} turns it into a PURGED reply.
 */
public final class PurgedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long revision;
  private final long stampMillis;

  PurgedException(Floor floor) {
    super("purged before revision " + floor.revision(), null, false, false);
    this.revision = floor.revision();
    this.stampMillis = floor.stampMillis();
  }

  /** The first revision of the key that can be asked. */
  public long revision() {
    return revision;
  }

  /** The time of that revision. */
  public long stampMillis() {
    return stampMillis;
  }
}
