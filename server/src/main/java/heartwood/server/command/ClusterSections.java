package heartwood.server.command;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** The sections of INFO about the other members and the consensus among them. */
final class ClusterSections {
  private static final String NO_REPLICATION_ID = "0".repeat(40);

  private final NodePorts node;

  ClusterSections(NodePorts node) {
    this.node = node;
  }

  /**
   * The leader as a master with its followers, a follower as a slave of it; a proxy says master.
   * Offsets are log indexes. Only followers that this node leads are counted, so that WAIT with
   * that number can succeed.
   */
  void replication(Connection connection, InfoLines lines) {
    Personality personality = connection.personality();
    Topology topology = node.cluster().topology();
    boolean isMaster = topology.leads() || personality == Personality.PROXY;
    ClusterMember own = topology.own();
    lines.put("role", isMaster ? "master" : "slave");
    if (!isMaster) {
      putLeader(topology, personality, lines);
    }
    List<ClusterMember> followers = ServerCommands.followers(topology);
    lines.put("connected_slaves", followers.size());
    for (int i = 0; i < followers.size(); i++) {
      lines.put("slave" + i, follower(followers.get(i), personality));
    }
    lines.put("master_failover_state", "no-failover");
    lines.put("master_replid", node.identity().shardId());
    lines.put("master_replid2", NO_REPLICATION_ID);
    lines.put("master_repl_offset", own.appliedIndex());
    lines.put("second_repl_offset", -1);
    lines.put("repl_backlog_active", true);
    lines.put("repl_backlog_size", node.cluster().raft().logBytes());
    lines.put("repl_backlog_first_byte_offset", node.cluster().raft().firstLogIndex());
    lines.put("repl_backlog_histlen", node.cluster().raft().logBytes());
  }

  private static void putLeader(Topology topology, Personality personality, InfoLines lines) {
    ClusterMember own = topology.own();
    ClusterMember leader = topology.owner();
    boolean isLinked = !topology.isSelf(leader) && topology.isServing();
    lines.put("master_host", leader.host());
    lines.put("master_port", leader.port(personality));
    lines.put("master_link_status", isLinked ? "up" : "down");
    lines.put("master_last_io_seconds_ago", isLinked ? leader.lagSeconds() : -1);
    lines.put("master_sync_in_progress", own.health() == ClusterMember.Health.LOADING);
    lines.put("slave_read_repl_offset", own.appliedIndex());
    lines.put("slave_repl_offset", own.appliedIndex());
    lines.put("slave_priority", 100);
    lines.put("slave_read_only", true);
    lines.put("replica_announced", true);
  }

  private static String follower(ClusterMember follower, Personality personality) {
    boolean isLoading = follower.health() == ClusterMember.Health.LOADING;
    return "ip="
        + follower.host()
        + ",port="
        + follower.port(personality)
        + ",state="
        + (isLoading ? "send_bulk" : "online")
        + ",offset="
        + follower.appliedIndex()
        + ",lag="
        + follower.lagSeconds();
  }

  void cluster(Connection connection, InfoLines lines) {
    lines.put("cluster_enabled", connection.personality() == Personality.REDIRECT);
  }

  /** Ours: what an operator of a consensus system looks for first. */
  void raft(Connection connection, InfoLines lines) {
    Topology topology = node.cluster().topology();
    RaftStatus raft = node.cluster().raft();
    lines.put("raft_node_id", topology.self());
    lines.put("raft_role", raft.role());
    lines.put("raft_term", raft.term());
    lines.put("raft_leader_id", topology.leader() == null ? "" : topology.leader());
    lines.put("raft_has_leader", topology.leader() != null && topology.isServing());
    lines.put("raft_members", topology.members().size());
    lines.put("raft_first_log_index", raft.firstLogIndex());
    lines.put("raft_last_log_index", raft.lastLogIndex());
    lines.put("raft_durable_index", raft.durableIndex());
    lines.put("raft_commit_index", raft.commitIndex());
    lines.put("raft_applied_index", raft.appliedIndex());
    lines.put("raft_state_lost", raft.isStateLost());
    lines.put("raft_state_digest", HexFormat.of().toHexDigits(raft.stateDigest()));
    lines.put("raft_snapshot_index", raft.snapshotIndex());
    lines.put("raft_log_bytes", raft.logBytes());
    lines.put("raft_proposals_pending", raft.pendingProposals());
    lines.put("raft_elections", raft.elections());
    lines.put("raft_leader_changes", raft.leaderChanges());
    lines.put("raft_read_mode", raft.reads().mode());
    lines.put("raft_read_rounds", raft.reads().rounds());
    lines.put("raft_lease_reads", raft.reads().leased());
    lines.put("raft_follower_reads", raft.reads().atFollower());
    lines.put("raft_stale_reads_refused", raft.reads().refusedStale());
    lines.put("raft_disk_stalled_ms", raft.diskStalledMillis());
    lines.put("raft_log_damaged_entries", raft.damagedEntries());
    List<ClusterMember> members = topology.members();
    for (int i = 0; i < members.size(); i++) {
      lines.put("raft_member" + i, member(topology, members.get(i)));
    }
  }

  private static String member(Topology topology, ClusterMember member) {
    return "id="
        + member.id()
        + ",host="
        + member.host()
        + ",port="
        + member.redirectPort()
        + ",role="
        + (member.id().equals(topology.leader()) ? "leader" : "follower")
        + ",health="
        + member.health().name().toLowerCase(Locale.ROOT)
        + ",index="
        + member.appliedIndex()
        + ",lag="
        + member.lagSeconds();
  }
}
