package heartwood.server.config;

/** A change that was refused, and the directive that it was refused for; nothing has changed. */
public final class ConfigChangeException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String directive;
  private final String reason;

  ConfigChangeException(String directive, String reason) {
    super(directive + ": " + reason);
    this.directive = directive;
    this.reason = reason;
  }

  public String directive() {
    return directive;
  }

  public String reason() {
    return reason;
  }
}
