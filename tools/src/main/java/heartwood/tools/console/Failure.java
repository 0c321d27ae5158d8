package heartwood.tools.console;

/**
 * A command cannot go on; the message tells the user why, and if possible what to do. Immutable.
 */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private Failure(int exitCode, String message) {
    super(message, null, false, false);
    this.exitCode = exitCode;
  }

  public static Failure failed(String message) {
    return new Failure(ExitCode.FAILED, message);
  }

  public static Failure usage(String message) {
    return new Failure(ExitCode.USAGE, message);
  }

  public static Failure unhealthy(String message) {
    return new Failure(ExitCode.UNHEALTHY, message);
  }

  public int exitCode() {
    return exitCode;
  }
}
