package heartwood.server.command;

import heartwood.resp.ReplySink;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Small questions to the node: TIME, ROLE, LASTSAVE, MODULE LIST. */
final class ServerCommands {
  private final NodePorts node;

  ServerCommands(NodePorts node) {
    this.node = node;
  }

  void register(CommandTable table) {
    table.connection("time", this::time);
    table.connection("role", this::role);
    table.connection("lastsave", this::lastSave);
    table.connection("module|list", (args, connection, reply) -> reply.array(0));
  }

  /** TIME: replies with seconds and microseconds of this node's clock. */
  private void time(Arguments args, Connection connection, ReplySink reply) {
    Instant now = node.clock().instant();
    reply.array(2);
    reply.bulk(Long.toString(now.getEpochSecond()));
    reply.bulk(Integer.toString(now.getNano() / 1000));
  }

  /**
   * ROLE: a leader replies {@code master}, its offset and its followers; a follower {@code slave}
   * and its leader. A proxy is a master to its clients.
   */
  private void role(Arguments args, Connection connection, ReplySink reply) {
    Personality personality = connection.personality();
    Topology topology = node.cluster().topology();
    ClusterMember own = topology.own();
    if (!topology.leads() && personality == Personality.REDIRECT) {
      ClusterMember leader = topology.owner();
      reply.array(5);
      reply.bulk("slave");
      reply.bulk(leader.host());
      reply.integer(leader.port(personality));
      reply.bulk(linkState(topology, leader));
      reply.integer(own.appliedIndex());
      return;
    }
    List<ClusterMember> followers = followers(topology);
    reply.array(3);
    reply.bulk("master");
    reply.integer(own.appliedIndex());
    reply.array(followers.size());
    for (ClusterMember follower : followers) {
      reply.array(3);
      reply.bulk(follower.host());
      reply.bulk(Integer.toString(follower.port(personality)));
      reply.bulk(Long.toString(follower.appliedIndex()));
    }
  }

  /** Redis' word for how a follower stands with its leader. */
  private static String linkState(Topology topology, ClusterMember leader) {
    if (topology.own().health() == ClusterMember.Health.LOADING) {
      return "sync";
    }
    boolean isLinked = !topology.isSelf(leader) && topology.isServing();
    return isLinked ? "connected" : "connect";
  }

  /** The followers that a leader can reach; none if this node does not lead. */
  static List<ClusterMember> followers(Topology topology) {
    List<ClusterMember> followers = new ArrayList<>();
    for (ClusterMember member : topology.members()) {
      boolean isReachable = member.isConnected() && member.health() != ClusterMember.Health.FAILED;
      if (topology.leads() && !topology.isSelf(member) && isReachable) {
        followers.add(member);
      }
    }
    return followers;
  }

  /** LASTSAVE: replies with the time of the last checkpoint. */
  private void lastSave(Arguments args, Connection connection, ReplySink reply) {
    reply.integer(node.statistics().storage().lastCheckpointMillis() / 1000);
  }
}
