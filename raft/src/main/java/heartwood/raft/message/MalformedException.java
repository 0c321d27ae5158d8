package heartwood.raft.message;

/** Bytes from a peer or a disk do not say what they should; carries no stack trace. */
public final class MalformedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MalformedException(String message) {
    super(message, null, false, false);
  }
}
