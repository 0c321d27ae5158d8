package heartwood.raft.node;

import heartwood.raft.core.Role;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.NodeId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A node as it was a moment ago. Immutable.
 *
 * @param matchIndexes what a leader knows each follower to hold; empty elsewhere
 * @param diskStalledTicks how long the node's own disk has kept a write that it should have done by
 *     now; 0: it has not
 * @param damagedEntries of the node's own log, which are being mended
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
    int damagedEntries) {}
