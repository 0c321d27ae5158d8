package heartwood.raft.node;

import heartwood.raft.core.Input;
import heartwood.raft.core.RaftCore;
import heartwood.raft.log.LogException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a node ends whose log cannot be written: in order. Confined to the raft loop.
 *
 * <p>Nothing is written any more. A leader still can tell a voter to lead: what was proposed here
 * is committed by the others meanwhile, and what is told about it, too. What depends on the write
 * that failed never leaves, for the disk stays busy with it.
 */
final class DiskFailure {
  private static final Logger logger = LoggerFactory.getLogger(DiskFailure.class);

  private final RaftNode node;
  private final OpenProposals proposals;
  private final int patienceTicks;

  /** What the log cannot be written for; the node leads on just to hand over. */
  private @Nullable LogException failure;

  private int ticksSinceFailure;

  /**
   * @param patienceTicks how long what was proposed here is waited for
   */
  DiskFailure(RaftNode node, OpenProposals proposals, int patienceTicks) {
    this.node = node;
    this.proposals = proposals;
    this.patienceTicks = patienceTicks;
  }

  void onFailure(LogException thrown) {
    failure = thrown;
    RaftCore core = node.core();
    if (core.isLeader() && !node.hasFailed()) {
      logger.error("{} cannot write its log, hands over and stops", core.self(), thrown);
      node.step(new Input.TransferLeadership(null));
    }
    maybeStop();
  }

  /** A unit of time has passed: the node stops once nothing more can be made good. */
  void maybeStop() {
    LogException thrown = failure;
    if (thrown != null && !node.hasFailed()) {
      RaftCore core = node.core();
      boolean isDone = !core.isLeader() && proposals.isEmpty();
      boolean isAlone = !core.isTransferring() && core.isLeader();
      if (isDone || isAlone || ticksSinceFailure++ > patienceTicks) {
        node.fail(thrown);
      }
    }
  }
}
