package heartwood.server.keyspace;

/**
 * A moment was asked that is before what is left of a key's past, though others can be asked of it.
 * Carries no stack trace; {@code CommandExecutor} turns it into a PURGED or COMPACTED reply.
 */
public final class BelowFloorException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Floor floor;

  BelowFloorException(Floor floor) {
    super(floor.reason() + " before revision " + floor.revision(), null, false, false);
    this.floor = floor;
  }

  /** Why it was so. */
  public FloorReason reason() {
    return floor.reason();
  }

  /** The first revision of the key that can be asked. */
  public long revision() {
    return floor.revision();
  }

  /** The time of that revision. */
  public long stampMillis() {
    return floor.stampMillis();
  }
}
