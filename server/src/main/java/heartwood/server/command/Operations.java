package heartwood.server.command;

/**
 * What a revision did, as the store keeps it for HISTORY: the id of its command, or one of these
 * numbers for what is no command. Command ids are below {@link #FIRST_RESERVED}. Stateless.
 */
public final class Operations {
  static final int FIRST_RESERVED = 65_000;

  /** Keys whose time was over were removed. */
  public static final int EXPIRED = 65_001;

  private static final int UNKNOWN = 0;

  private Operations() {}

  /** A command's name, or a word. */
  static String name(int operation, CommandTable table) {
    if (operation == EXPIRED) {
      return "expired";
    }
    CommandSpec command = operation == UNKNOWN ? null : table.byId(operation);
    return command == null ? "unknown" : command.name();
  }
}
