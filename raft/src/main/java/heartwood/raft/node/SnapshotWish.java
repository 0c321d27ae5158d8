package heartwood.raft.node;

import heartwood.raft.message.Message.SnapshotWanted;
import heartwood.raft.message.NodeId;

/**
 * Asks whoever leads for a snapshot, where the log alone does not lead to the state any more.
 * Confined to the raft loop.
 */
final class SnapshotWish {
  /** A question that brought no offer by then was lost, or its answer was. */
  private static final int RETRY_TICKS = 20;

  private final RaftNode node;
  private final Transport transport;
  private int ticksSinceAsked = RETRY_TICKS;

  SnapshotWish(RaftNode node, Transport transport) {
    this.node = node;
    this.transport = transport;
  }

  void tick() {
    ticksSinceAsked++;
  }

  /**
   * To be called for as long as one is wanted and none is coming.
   *
   * @param fromIndex one of an earlier index is of no use
   */
  void want(long fromIndex) {
    NodeId leader = node.core().leader();
    if (leader == null || node.core().isLeader() || ticksSinceAsked < RETRY_TICKS) {
      return;
    }
    ticksSinceAsked = 0;
    transport.send(leader, 
        new SnapshotWanted(
            node.core().currentTerm(), fromIndex, node.core().commitIndex()));
    transport.flush();
  }
}
