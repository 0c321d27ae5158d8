package heartwood.server.command;

import heartwood.resp.ReplySink;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** INFO: the node in {@code name:value} lines, by sections; monitoring reads it everywhere. */
final class InfoCommand {
  /** What we claim to be compatible with; frameworks refuse to work with less. */
  static final String REDIS_VERSION = "7.4.0";

  private static final Set<String> EVERYTHING = Set.of("all", "everything");

  private record NamedSection(String name, boolean isDefault, InfoSection section) {}

  private final List<NamedSection> sections;

  InfoCommand(NodePorts node) {
    NodeSections ofNode = new NodeSections(node);
    ClusterSections ofCluster = new ClusterSections(node);
    StatisticsSections statistics = new StatisticsSections(node.statistics());
    sections =
        List.of(
            new NamedSection("Server", true, ofNode::server),
            new NamedSection("Clients", true, ofNode::clients),
            new NamedSection("Memory", true, statistics::memory),
            new NamedSection("Persistence", true, statistics::persistence),
            new NamedSection("Stats", true, statistics::stats),
            new NamedSection("Replication", true, ofCluster::replication),
            new NamedSection("CPU", true, statistics::cpu),
            new NamedSection("Modules", true, (connection, lines) -> {}),
            new NamedSection("Commandstats", false, statistics::commands),
            new NamedSection("Errorstats", true, statistics::errors),
            new NamedSection("Latencystats", false, statistics::latencies),
            new NamedSection("Cluster", true, ofCluster::cluster),
            new NamedSection("Raft", true, ofCluster::raft),
            new NamedSection("History", true, statistics::history),
            new NamedSection("Keyspace", true, statistics::keyspace));
  }

  void register(CommandTable table) {
    table.connection("info", this::info);
  }

  /** INFO [section ...]: names that are no section are left out. */
  private void info(Arguments args, Connection connection, ReplySink reply) {
    Set<String> wanted = new TreeSet<>();
    for (int i = 1; i < args.count(); i++) {
      wanted.add(args.text(i).toLowerCase(Locale.ROOT));
    }
    boolean wantsAll = wanted.stream().anyMatch(EVERYTHING::contains);
    boolean wantsDefault = wanted.isEmpty() || wanted.contains("default");
    List<String> texts = new ArrayList<>();
    for (NamedSection section : sections) {
      boolean isNamed = wanted.contains(section.name().toLowerCase(Locale.ROOT));
      if (wantsAll || isNamed || (wantsDefault && section.isDefault())) {
        InfoLines lines = new InfoLines(section.name());
        section.section().write(connection, lines);
        texts.add(lines.toString());
      }
    }
    reply.verbatim("txt", String.join("\r\n", texts));
  }
}
