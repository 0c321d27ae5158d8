package heartwood.raft.node;

import heartwood.raft.core.Role;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.NodeId;
import org.jspecify.annotations.Nullable;

/** Who wants to know what becomes of a node. Called on the raft loop. */
public interface NodeListener {
  void onRoleChanged(Role role, long term, @Nullable NodeId leader);

  /** Another configuration is in force, be it committed or not. */
  void onConfigurationChanged(Configuration configuration);

  /** {@link RaftNode#hasProposalSlot} may have become true. */
  void onProposalSlot();

  /** A follower's reads wait for an entry that moves time on; this node leads. */
  default void onTimeRequest() {}

  /** The node cannot go on: its disk failed or an invariant broke. It does nothing more. */
  void onFailure(Throwable failure);
}
