package heartwood.resp;

/**
 * The bytes of the other side are not the protocol; the connection must be closed, because nothing
 * after them can be understood. Immutable; carries no stack trace, so a flood of faults is cheap.
 *
 * <p>The message is Redis' own text without its code word: a server answers {@code "ERR " +
 * getMessage()} and closes.
 */
public final class ProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean isAnswered;

  public ProtocolException(String message) {
    this(message, true);
  }

  private ProtocolException(String message, boolean isAnswered) {
    super(message, null, false, false);
    this.isAnswered = isAnswered;
  }

  /** A fault upon which Redis closes the connection without a word; the message is for the log. */
  public static ProtocolException unanswered(String message) {
    return new ProtocolException(message, false);
  }

  /** Whether the client hears the message before the connection closes. */
  public boolean isAnswered() {
    return isAnswered;
  }
}
