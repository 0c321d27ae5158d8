package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.config.ConfigException;
import heartwood.server.config.MemberAddress;
import org.jspecify.annotations.Nullable;

/** RAFT: how consensus stands, and who takes part in it. */
final class RaftCommands {
  private final ClusterView cluster;

  RaftCommands(NodePorts node) {
    this.cluster = node.cluster();
  }

  void register(CommandTable table) {
    table.connection("raft|status", (args, connection, reply) -> status(reply));
    table.connection("raft|members", (args, connection, reply) -> members(reply));
    table.connection("raft|explain", (args, connection, reply) -> reply.bulk(cluster.explain()));
    table.membership("raft|add", RaftCommands::add);
    table.membership("raft|remove", args -> new MembershipRequest.Remove(node(args, 2)));
    table.membership("raft|promote", args -> new MembershipRequest.Promote(node(args, 2)));
    table.membership("raft|move", args -> new MembershipRequest.Move(address(args, 2)));
    table.membership("raft|transfer", RaftCommands::transfer);
  }

  /** RAFT ADD id@host:redirect:proxy:peer:admin [LEARNER]. */
  private static MembershipRequest add(Arguments args) {
    boolean isLearner = args.count() == 4 && args.is(3, "learner");
    if (args.count() > 3 && !isLearner) {
      throw Errors.syntax();
    }
    return new MembershipRequest.Add(address(args, 2), !isLearner);
  }

  /** RAFT TRANSFER [node]. */
  private static MembershipRequest transfer(Arguments args) {
    if (args.count() > 3) {
      throw Errors.syntax();
    }
    Integer node = args.count() == 3 ? (Integer) node(args, 2) : null;
    return new MembershipRequest.Transfer(node);
  }

  private static MemberAddress address(Arguments args, int argument) {
    try {
      return MemberAddress.parse(args.text(argument));
    } catch (ConfigException e) {
      throw new CommandException("ERR " + e.getMessage());
    }
  }

  /** A member's number, with or without the n that it is shown with. */
  private static int node(Arguments args, int argument) {
    String text = args.text(argument);
    try {
      int number = Integer.parseInt(text.startsWith("n") ? text.substring(1) : text);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new CommandException("ERR '" + text + "' is not a member's number");
  }

  private void status(ReplySink reply) {
    RaftStatus raft = cluster.raft();
    Topology topology = cluster.topology();
    ClusterMember self = topology.member(topology.self());
    ClusterMember leader = topology.leader() == null ? null : topology.member(topology.leader());
    reply.map(16);
    entry(reply, "node", self == null ? "" : "n" + self.number());
    entry(reply, "role", raft.role());
    entry(reply, "vote", self == null ? "none" : self.vote().word());
    entry(reply, "term", raft.term());
    entry(reply, "leader", leader == null || !topology.isServing() ? "" : "n" + leader.number());
    entry(reply, "members", topology.members().size());
    entry(reply, "first-log-index", raft.firstLogIndex());
    entry(reply, "last-log-index", raft.lastLogIndex());
    entry(reply, "commit-index", raft.commitIndex());
    entry(reply, "applied-index", raft.appliedIndex());
    entry(reply, "durable-index", raft.durableIndex());
    entry(reply, "read-mode", raft.reads().mode());
    entry(reply, "read-rounds", raft.reads().rounds());
    entry(reply, "lease-reads", raft.reads().leased());
    entry(reply, "follower-reads", raft.reads().atFollower());
    entry(reply, "stale-reads-refused", raft.reads().refusedStale());
  }

  private void members(ReplySink reply) {
    Topology topology = cluster.topology();
    reply.array(topology.members().size());
    for (ClusterMember each : topology.members()) {
      reply.map(9);
      entry(reply, "node", "n" + each.number());
      entry(reply, "vote", each.vote().word());
      entry(reply, "leader", each.id().equals(topology.leader()) ? 1 : 0);
      entry(reply, "health", each.health().word());
      entry(reply, "host", each.host());
      entry(reply, "redirect-port", each.redirectPort());
      entry(reply, "proxy-port", each.proxyPort());
      entry(reply, "peer-port", each.peerPort());
      entry(reply, "match-index", each.appliedIndex());
    }
  }

  private static void entry(ReplySink reply, String name, @Nullable String value) {
    reply.bulk(name);
    reply.bulk(value == null ? "" : value);
  }

  private static void entry(ReplySink reply, String name, long value) {
    reply.bulk(name);
    reply.integer(value);
  }
}
