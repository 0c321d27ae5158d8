package heartwood.server.config;

/** A directive that is unknown, or a value that it cannot take: the user's mistake, in words. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  public ConfigException(String message) {
    super(message);
  }

  /** The message; never null. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
