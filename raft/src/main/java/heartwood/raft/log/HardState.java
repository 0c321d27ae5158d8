package heartwood.raft.log;

import heartwood.raft.message.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * What a node must remember besides its entries (Raft figure 2, "Persistent state"). Immutable.
 *
 * @param currentTerm latest term the node has seen; 0 before the first
 * @param votedFor who got this node's vote in {@code currentTerm}; null: nobody yet
 * @param commitIndex highest index known committed when this was written; a hint that lets a
 *     restarted node replay before it listens, never more than the log's last index
 */
public record HardState(long currentTerm, @Nullable NodeId votedFor, long commitIndex) {
  public static final HardState INITIAL = new HardState(0, null, 0);
}
