package heartwood.server.command;

/** The commands about the connection, the node and the cluster: everything but the data. */
public final class NodeCommands {
  private NodeCommands() {}

  /** Registers them all. */
  public static void register(CommandTable table, NodePorts node) {
    new ConnectionCommands(node).register(table);
    new ClientCommands(node).register(table);
    new CommandCommands(table).register();
    new InfoCommand(node).register(table);
    new ConfigCommands(node).register(table);
    new ServerCommands(node).register(table);
    WaitCommand.register(table);
    new SlowLogCommands(node.slowLog()).register(table);
    new LatencyCommands(node.statistics()).register(table);
    new AclCommands(table, node.config()).register(table);
    new ClusterCommands(node).register(table);
    new RaftCommands(node).register(table);
    HelpCommands.register(table);
  }
}
