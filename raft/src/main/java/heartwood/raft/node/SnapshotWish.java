package heartwood.raft.node;

import heartwood.raft.core.Input;

/**
 * Asks whoever leads for a snapshot, where the log alone does not lead to the state any more.
 * Confined to the raft loop.
 */
final class SnapshotWish {
  /** A question that brought no offer by then was lost, or its answer was. */
  private static final int RETRY_TICKS = 20;

  private final RaftNode node;
  private int ticksSinceAsked = RETRY_TICKS;

  SnapshotWish(RaftNode node) {
    this.node = node;
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
    if (ticksSinceAsked >= RETRY_TICKS) {
      ticksSinceAsked = 0;
      node.step(new Input.WantSnapshot(fromIndex));
    }
  }
}
