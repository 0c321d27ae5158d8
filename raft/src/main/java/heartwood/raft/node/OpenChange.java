package heartwood.raft.node;

import heartwood.raft.core.Effect;
import heartwood.raft.core.RaftCore;
import org.jspecify.annotations.Nullable;

/**
 * A change of the members that was begun here, until its end is known. The core takes one at a
 * time. Confined to the raft loop.
 */
final class OpenChange {
  private final RaftCore core;
  private @Nullable Pending pending;

  private record Pending(long index, long term, ChangeRequest request) {}

  OpenChange(RaftCore core) {
    this.core = core;
  }

  void begin(Effect.Proposed first, ChangeRequest request) {
    pending = new Pending(first.index(), first.term(), request);
  }

  /**
   * Tells who asked for the change, once it is known whether it was done, or cannot be known.
   *
   * @param hasFailed the node learns nothing any more
   */
  void maybeEnd(boolean hasFailed) {
    Pending open = pending;
    if (open == null) {
      return;
    }
    // What is cut off below is committed; what this leader appended is there as long as it leads.
    boolean isOurs = !core.holds(open.index()) || core.termAt(open.index()) == open.term();
    boolean isCommitted = core.commitIndex() >= open.index() && isOurs;
    if (isCommitted && core.isConfigurationSettled() && core.currentTerm() == open.term()) {
      pending = null;
      open.request().done();
    } else if (!core.isLeader() || core.currentTerm() != open.term() || hasFailed) {
      pending = null;
      open.request().unknown();
    }
  }
}
