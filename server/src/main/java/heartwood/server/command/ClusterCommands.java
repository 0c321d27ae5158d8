package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.command.ClusterMember.Health;
import heartwood.server.keyspace.Slots;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * CLUSTER and its kin: the Raft group shown as a Redis Cluster of one shard, whose master is the
 * leader and whose config epoch is the term. The members change through Raft alone, so the
 * subcommands that would change them are refused.
 */
final class ClusterCommands {
  private static final List<String> REFUSED =
      List.of(
          "addslots",
          "addslotsrange",
          "bumpepoch",
          "delslots",
          "delslotsrange",
          "failover",
          "flushslots",
          "forget",
          "meet",
          "replicate",
          "reset",
          "saveconfig",
          "set-config-epoch",
          "setslot");

  private final NodePorts node;

  ClusterCommands(NodePorts node) {
    this.node = node;
  }

  void register(CommandTable table) {
    table.connection("cluster|slots", this::slots);
    table.connection("cluster|shards", this::shards);
    table.connection("cluster|nodes", this::nodes);
    table.connection("cluster|replicas", this::replicas);
    table.connection("cluster|slaves", this::replicas);
    table.connection("cluster|info", this::info);
    table.connection("cluster|myid", this::myId);
    table.connection("cluster|myshardid", this::myShardId);
    table.connection("cluster|keyslot", ClusterCommands::keySlot);
    table.connection("cluster|count-failure-reports", this::countFailureReports);
    table.connection("cluster|links", (args, connection, reply) -> reply.array(0));
    for (String subcommand : REFUSED) {
      table.connection("cluster|" + subcommand, ClusterCommands::refuse);
    }
    table.connection("readonly", ClusterCommands::readonly);
    table.connection("readwrite", ClusterCommands::readwrite);
    table.connection("asking", (args, connection, reply) -> reply.ok());
  }

  /** CLUSTER SLOTS: one range, its leader first, then the followers that can be reached. */
  private void slots(Arguments args, Connection connection, ReplySink reply) {
    Topology topology = node.cluster().topology();
    List<ClusterMember> members = new ArrayList<>();
    members.add(topology.owner());
    for (ClusterMember member : topology.members()) {
      if (!topology.isOwner(member) && member.health() != Health.FAILED) {
        members.add(member);
      }
    }
    reply.array(1);
    reply.array(2 + members.size());
    reply.integer(0);
    reply.integer(Slots.COUNT - 1);
    for (ClusterMember member : members) {
      boolean hasName = !member.hostname().isEmpty();
      reply.array(4);
      reply.bulk(member.host());
      reply.integer(member.redirectPort());
      reply.bulk(member.id());
      reply.map(hasName ? 1 : 0);
      if (hasName) {
        reply.bulk("hostname");
        reply.bulk(member.hostname());
      }
    }
  }

  /** CLUSTER SHARDS: one shard with all members. */
  private void shards(Arguments args, Connection connection, ReplySink reply) {
    Topology topology = node.cluster().topology();
    reply.array(1);
    reply.map(2);
    reply.bulk("slots");
    reply.array(2);
    reply.integer(0);
    reply.integer(Slots.COUNT - 1);
    reply.bulk("nodes");
    reply.array(topology.members().size());
    for (ClusterMember member : topology.members()) {
      boolean hasName = !member.hostname().isEmpty();
      reply.map(hasName ? 8 : 7);
      reply.bulk("id");
      reply.bulk(member.id());
      reply.bulk("port");
      reply.integer(member.redirectPort());
      reply.bulk("ip");
      reply.bulk(member.host());
      reply.bulk("endpoint");
      reply.bulk(member.host());
      if (hasName) {
        reply.bulk("hostname");
        reply.bulk(member.hostname());
      }
      reply.bulk("role");
      reply.bulk(topology.isOwner(member) ? "master" : "replica");
      reply.bulk("replication-offset");
      reply.integer(member.appliedIndex());
      reply.bulk("health");
      reply.bulk(member.health().word());
    }
  }

  /** CLUSTER NODES: a line for each member, every one of them ended by LF. */
  private void nodes(Arguments args, Connection connection, ReplySink reply) {
    Topology topology = node.cluster().topology();
    StringBuilder lines = new StringBuilder();
    for (ClusterMember member : topology.members()) {
      lines.append(line(topology, member)).append('\n');
    }
    reply.verbatim("txt", lines.toString());
  }

  /** CLUSTER REPLICAS node-id: the followers' lines, if the node is the leader. */
  private void replicas(Arguments args, Connection connection, ReplySink reply) {
    Topology topology = node.cluster().topology();
    ClusterMember member = topology.member(args.text(2));
    if (member == null) {
      reply.error("ERR Unknown node " + args.text(2));
      return;
    }
    if (!topology.isOwner(member)) {
      reply.error("ERR The specified node is not a master");
      return;
    }
    reply.array(topology.members().size() - 1);
    for (ClusterMember other : topology.members()) {
      if (!topology.isOwner(other)) {
        reply.bulk(line(topology, other));
      }
    }
  }

  /** {@code id host:port@bus[,hostname] flags master ping pong epoch link [slots]}. */
  private static String line(Topology topology, ClusterMember member) {
    boolean isOwner = topology.isOwner(member);
    StringBuilder line = new StringBuilder(128);
    line.append(member.id()).append(' ');
    line.append(member.host()).append(':').append(member.redirectPort());
    line.append('@').append(member.peerPort());
    line.append(member.hostname().isEmpty() ? "" : ",").append(member.hostname()).append(' ');
    line.append(topology.isSelf(member) ? "myself," : "");
    line.append(isOwner ? "master" : "slave");
    line.append(member.health().flag().isEmpty() ? "" : ",").append(member.health().flag());
    line.append(' ').append(isOwner ? "-" : topology.owner().id());
    boolean isAwaited = member.lastPingMillis() > member.lastPongMillis();
    line.append(' ').append(isAwaited ? member.lastPingMillis() : 0);
    line.append(' ').append(member.lastPongMillis());
    line.append(' ').append(topology.term());
    line.append(member.isConnected() ? " connected" : " disconnected");
    line.append(isOwner ? " 0-" + (Slots.COUNT - 1) : "");
    return line.toString();
  }

  /** CLUSTER INFO: one shard, which has all slots; fails when requests do for want of a leader. */
  private void info(Arguments args, Connection connection, ReplySink reply) {
    Topology topology = node.cluster().topology();
    String text =
        "cluster_state:"
            + (topology.isServing() ? "ok" : "fail")
            + "\r\ncluster_slots_assigned:16384"
            + "\r\ncluster_slots_ok:16384"
            + "\r\ncluster_slots_pfail:0"
            + "\r\ncluster_slots_fail:0"
            + "\r\ncluster_known_nodes:"
            + topology.members().size()
            + "\r\ncluster_size:1"
            + "\r\ncluster_current_epoch:"
            + topology.term()
            + "\r\ncluster_my_epoch:"
            + topology.term()
            + "\r\ncluster_stats_messages_sent:0"
            + "\r\ncluster_stats_messages_received:0"
            + "\r\ntotal_cluster_links_buffer_limit_exceeded:0\r\n";
    reply.verbatim("txt", text);
  }

  private void myId(Arguments args, Connection connection, ReplySink reply) {
    reply.bulk(node.identity().nodeId());
  }

  private void myShardId(Arguments args, Connection connection, ReplySink reply) {
    reply.bulk(node.identity().shardId());
  }

  /** CLUSTER KEYSLOT key. */
  private static void keySlot(Arguments args, Connection connection, ReplySink reply) {
    reply.integer(Slots.slotOf(args.array(), args.offset(2), args.length(2)));
  }

  /** CLUSTER COUNT-FAILURE-REPORTS node-id: members do not gossip, so there are none. */
  private void countFailureReports(Arguments args, Connection connection, ReplySink reply) {
    if (node.cluster().topology().member(args.text(2)) == null) {
      reply.error("ERR Unknown node " + args.text(2));
    } else {
      reply.integer(0);
    }
  }

  private static void refuse(Arguments args, Connection connection, ReplySink reply) {
    String subcommand = args.text(1).toUpperCase(Locale.ROOT);
    reply.error(
        "ERR CLUSTER "
            + subcommand
            + " is refused: the members are managed by Raft, see INFO raft");
  }

  /** READONLY: from now on a follower answers this connection's reads itself, maybe stale. */
  private static void readonly(Arguments args, Connection connection, ReplySink reply) {
    connection.state().readonly(true);
    reply.ok();
  }

  /** READWRITE: takes READONLY back. */
  private static void readwrite(Arguments args, Connection connection, ReplySink reply) {
    connection.state().readonly(false);
    reply.ok();
  }
}
