package heartwood.server.command;

import heartwood.server.config.ConfigException;

/** What clients say about their connections, for a rig that has a dispatcher and no node. */
public final class ConnectionFamilies {
  /** The one that logs in the user default. */
  public static final String PASSWORD = "secret";

  private ConnectionFamilies() {}

  public static void register(CommandTable table) {
    try {
      NodePorts ports = new FakeNode("--requirepass", PASSWORD).ports;
      new ConnectionCommands(ports).register(table);
      new ClientCommands(ports).register(table);
      WaitCommand.register(table);
    } catch (ConfigException e) {
      throw new IllegalStateException(e);
    }
  }
}
