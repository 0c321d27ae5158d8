package heartwood.server.command;

import heartwood.server.config.ConfigException;
import heartwood.server.config.ConfigReader;
import heartwood.server.config.Directives;
import heartwood.server.config.LiveConfig;
import heartwood.server.keyspace.HistorySettings;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A node with all its commands and no network: three members, the first of which leads and is this
 * node. A test changes what it needs and sends lines, their words divided by blanks.
 */
final class FakeNode implements ClusterView, ClientRegistry, NodeStatistics {
  static final String FIRST = "1".repeat(40);
  static final String SECOND = "2".repeat(40);
  static final String THIRD = "3".repeat(40);
  static final String SHARD = "a".repeat(40);
  static final long NOW_MILLIS = 1_700_000_000_123L;

  final LiveConfig config;
  final SlowLog slowLog;
  final CommandTable table = new CommandTable();
  final NodePorts ports;
  final List<Connection> connections = new ArrayList<>();
  final Map<String, Long> errors = new TreeMap<>(Map.of("ERR", 4L));
  final List<CommandStatistics> commandStatistics = new ArrayList<>();
  final List<DatabaseStatistics> databases = new ArrayList<>();
  Topology topology = topology(FIRST, FIRST);
  int resets;

  FakeNode(String... flags) throws ConfigException {
    config = new LiveConfig(ConfigReader.read(List.of(flags)), null);
    Clock clock = Clock.fixed(Instant.ofEpochMilli(NOW_MILLIS), ZoneOffset.UTC);
    slowLog = new SlowLog(config, clock);
    NodeIdentity identity =
        new NodeIdentity(FIRST, SHARD, "c".repeat(40), "0.1.0", NOW_MILLIS - 90_000_000);
    DataCommands.register(table);
    ports = new NodePorts(identity, this, this, this, config, slowLog, clock);
    NodeCommands.register(table, ports);
  }

  static Topology topology(String self, String leader) {
    return new Topology(
        self, leader, true, 7, List.of(member(1, FIRST), member(2, SECOND), member(3, THIRD)));
  }

  static ClusterMember member(int number, String id) {
    return new ClusterMember(
        id,
        number,
        ClusterMember.Vote.VOTER,
        "127.0.0." + number,
        "",
        7000 + number,
        7100 + number,
        7200 + number,
        ClusterMember.Health.ONLINE,
        true,
        100 - number,
        number - 1,
        0,
        NOW_MILLIS);
  }

  FakeConnection connect(Personality personality) {
    boolean isOpen = config.current().text(Directives.REQUIREPASS).isEmpty();
    FakeConnection connection = new FakeConnection(connections.size() + 1, personality, isOpen);
    connection.createdMillis = NOW_MILLIS - 5000;
    connections.add(connection);
    return connection;
  }

  /** What the connection hears, as it goes over the wire. */
  String send(FakeConnection connection, String line) {
    return send(connection, line.split(" ", -1));
  }

  String send(FakeConnection connection, String... words) {
    Arguments args = Arguments.of(words);
    CommandSpec command = table.lookup(args);
    RespText reply = new RespText(connection.state()::version);
    if (command == null) {
      reply.error(table.unknown(args));
      return reply.toString();
    }
    String refusal = command.refusal(args.count(), connection);
    if (refusal != null) {
      reply.error(refusal);
      return reply.toString();
    }
    connection.lastCommand = command;
    connection.state().beginCommand();
    if (command.kind() == CommandSpec.Kind.WAIT) {
      endWait(command.waitCommand(), args, reply);
    } else {
      command.run(args, connection, reply);
    }
    return connection.state().wantsReply() ? reply.toString() : "";
  }

  /** Both followers, and this node's disk, hold everything at once. */
  private static void endWait(WaitCommand command, Arguments args, RespText reply) {
    try {
      command.wanted(args);
      command.timeoutMillis(args);
      command.reply(new Acknowledgements(1, 2), reply);
    } catch (CommandException e) {
      reply.error(e.reply());
    }
  }

  @Override
  public Topology topology() {
    return topology;
  }

  @Override
  public String explain() {
    return "n1 leads.";
  }

  @Override
  public RaftStatus raft() {
    return new RaftStatus(
        "leader",
        7,
        1,
        120,
        110,
        109,
        0xfeedL,
        120,
        0,
        4096,
        10,
        2,
        3,
        0,
        0,
        false,
        new RaftStatus.Reads("lease", 5, 90, 7, 1));
  }

  @Override
  public int count() {
    return connections.size();
  }

  @Override
  public void forEach(Consumer<Connection> consumer) {
    connections.forEach(consumer);
  }

  @Override
  public Traffic traffic() {
    return new Traffic(11, 1, 1234, 56, 7000, 8000, 1.5, 2.25, 30, 4, 5, 6, 1, 2, 3, 4, 5);
  }

  @Override
  public LongReadCounts longReads() {
    return new LongReadCounts(2, 7, 45);
  }

  @Override
  public Memory memory() {
    return new Memory(3 << 20, 4 << 20, 6 << 20, 1L << 30, 1 << 20, 24L << 30);
  }

  @Override
  public Storage storage() {
    return new Storage(false, false, NOW_MILLIS - 3000, 17, true, 9, 65_536, 321);
  }

  @Override
  public History history() {
    return new History(
        12, NOW_MILLIS - 60_000, 3, 40, 4096, 8192, 5000, 1, 7, HistorySettings.DEFAULT);
  }

  @Override
  public Scrub scrub() {
    return new Scrub(true, 500, 25_000, 2, 12_345, NOW_MILLIS - 60_000, 1500, 0);
  }

  @Override
  public Cpu cpu() {
    return new Cpu(1.5, 0.25);
  }

  @Override
  public List<DatabaseStatistics> databases() {
    return databases;
  }

  @Override
  public List<CommandStatistics> commands() {
    return commandStatistics;
  }

  @Override
  public Map<String, Long> errors() {
    return errors;
  }

  @Override
  public void reset() {
    resets++;
  }
}
