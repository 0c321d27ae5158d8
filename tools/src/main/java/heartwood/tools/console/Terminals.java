package heartwood.tools.console;

/**
 * Whether people sit at both ends. The launcher tells, for the JDK cannot: its console is there
 * when both are terminals, and in newer versions always. Stateless.
 */
public final class Terminals {
  private static final String PROPERTY = "heartwood.terminals";

  private Terminals() {}

  public static boolean isInput() {
    return is("in");
  }

  public static boolean isOutput() {
    return is("out");
  }

  private static boolean is(String end) {
    return System.getProperty(PROPERTY, "").contains(end);
  }
}
