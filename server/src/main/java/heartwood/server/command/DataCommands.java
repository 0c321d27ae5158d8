package heartwood.server.command;

/** The families of commands over the data. */
public final class DataCommands {
  private DataCommands() {}

  public static void register(CommandTable table) {
    table.at("at");
    table.at("timeline|wait");
    KeyCommands.register(table);
    ExpiryCommands.register(table);
    ScanCommands.register(table);
    DatabaseCommands.register(table);
    ObjectCommands.register(table);
    StringCommands.register(table);
    CounterCommands.register(table);
    RangeCommands.register(table);
    LcsCommand.register(table);
    BitCommands.register(table);
    HashCommands.register(table);
    HashExpiryCommands.register(table);
    HistoryCommand.register(table);
    TimelineCommands.register(table);
    PinCommands.register(table);
    PurgeCommand.register(table);
    RewindCommand.register(table);
  }
}
