package heartwood.raft.node;

import heartwood.raft.core.RaftCore;
import heartwood.raft.core.Role;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.NodeId;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A node as it was a moment ago. Immutable.
 *
 * @param matchIndexes what a leader knows each follower to hold; empty elsewhere
 * @param diskStalledTicks how long the node's own disk has kept a write that it should have done by
 *     now; 0: it has not
 * @param damagedEntries of the node's own log, which are being mended
 * @param isStateLost the node has a log but no state, until a snapshot has come
 */
public record NodeStatus(
    Role role,
    long term,
    @Nullable NodeId leader,
    long baseIndex,
    long commitIndex,
    long lastIndex,
    Configuration configuration,
    Map<NodeId, Long> matchIndexes,
    int diskStalledTicks,
    int damagedEntries,
    boolean isStateLost) {

  /** What a core is at this moment, and what its node knows of the own disk. */
  static NodeStatus of(RaftCore core, int stalledTicks, int damagedCount, boolean isStateLost) {
    Map<NodeId, Long> matchIndexes = new TreeMap<>();
    if (core.isLeader()) {
      core.configuration()
          .members()
          .forEach(member -> matchIndexes.put(member.id(), core.matchIndex(member.id())));
      matchIndexes.put(core.self(), core.durableIndex());
    }
    return new NodeStatus(
        core.role(),
        core.currentTerm(),
        core.leader(),
        core.baseIndex(),
        core.commitIndex(),
        core.lastIndex(),
        core.configuration(),
        matchIndexes,
        stalledTicks,
        damagedCount,
        isStateLost);
  }
}
