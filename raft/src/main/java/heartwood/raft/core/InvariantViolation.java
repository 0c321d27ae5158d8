package heartwood.raft.core;

/** The core found itself in a state that must not be; the node stops. */
public final class InvariantViolation extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  public InvariantViolation(String message) {
    super(message);
  }
}
