package heartwood.server.command;

import heartwood.server.command.NodeStatistics.Traffic;
import heartwood.server.config.Directives;
import java.nio.file.Path;
import java.time.Instant;

/** The sections of INFO about the process and its clients. */
final class NodeSections {
  private static final long SECONDS_PER_DAY = 86_400;

  private final NodePorts node;

  NodeSections(NodePorts node) {
    this.node = node;
  }

  void server(Connection connection, InfoLines lines) {
    Personality personality = connection.personality();
    NodeIdentity identity = node.identity();
    Instant now = node.clock().instant();
    long uptimeSeconds = (now.toEpochMilli() - identity.startedMillis()) / 1000;
    Path file = node.config().file();
    lines.put("redis_version", InfoCommand.REDIS_VERSION);
    lines.put("heartwood_version", identity.version());
    lines.put("redis_git_sha1", "00000000");
    lines.put("redis_git_dirty", 0);
    lines.put("redis_mode", personality.mode());
    lines.put("os", property("os.name") + " " + property("os.version") + " " + property("os.arch"));
    lines.put("arch_bits", 64);
    lines.put("java_version", property("java.version"));
    lines.put("process_id", ProcessHandle.current().pid());
    lines.put("run_id", identity.runId());
    lines.put("tcp_port", node.cluster().topology().own().port(personality));
    lines.put("server_time_usec", now.getEpochSecond() * 1_000_000 + now.getNano() / 1000);
    lines.put("uptime_in_seconds", uptimeSeconds);
    lines.put("uptime_in_days", uptimeSeconds / SECONDS_PER_DAY);
    lines.put("config_file", file == null ? "" : file);
    lines.put("io_threads_active", true);
  }

  private static String property(String name) {
    return System.getProperty(name, "");
  }

  void clients(Connection connection, InfoLines lines) {
    Traffic traffic = node.statistics().traffic();
    lines.put("connected_clients", node.clients().count());
    lines.put("cluster_connections", node.cluster().topology().members().size() - 1);
    lines.put("maxclients", node.config().get(Directives.MAXCLIENTS));
    lines.put("blocked_clients", traffic.blockedClients());
    lines.put("tracking_clients", 0);
    lines.put("pubsub_clients", traffic.pubsubClients());
    lines.put("watching_clients", traffic.watchingClients());
  }
}
