package heartwood.server.command;

/**
 * The client's fault, in Redis' words: the reply is the message, and nothing was written. Carries
 * no stack trace; only {@code CommandExecutor} catches it.
 */
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message the whole error reply without the leading minus, its code word first
   */
  public CommandException(String message) {
    super(message, null, false, false);
  }

  /** The message; never null. */
  public String reply() {
    return String.valueOf(getMessage());
  }
}
