package heartwood.server.dispatch;

import heartwood.raft.core.RaftCore;
import heartwood.raft.message.Member;
import heartwood.raft.message.NodeId;
import heartwood.raft.node.RaftNode;
import heartwood.server.command.Acknowledgements;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The clients that wait for nodes to hold what they wrote. Confined to the raft loop; no more than
 * there are connections, since each has at most one wait.
 *
 * <p>A client waits when all that it sent before is answered, so whatever it wrote stands in the
 * leader's log by then. To wait for the whole of that log is to wait for these writes, and a little
 * more: nobody needs to remember who wrote what, here or at an earlier leader.
 */
public final class WaitingClients {
  private final RaftNode node;
  private final NodeId self;
  private final Executor apply;
  private final BatchEnds ends;
  private final List<Waiting> waiting = new ArrayList<>();
  private volatile int count;

  /** A wait, and the index that nodes must hold for it. */
  private record Waiting(Wait asked, long index) {}

  public WaitingClients(RaftNode node, NodeId self, Executor apply, BatchEnds ends) {
    this.node = node;
    this.self = self;
    this.apply = apply;
    this.ends = ends;
  }

  void add(Wait wait) {
    if (!node.isLeader()) {
      apply.execute(() -> ends.unblocked(wait));
      return;
    }
    waiting.add(new Waiting(wait, node.core().lastIndex()));
    check();
  }

  /** To be called when nodes may hold more than before, and now and then: waits have an end. */
  public void check() {
    if (!waiting.isEmpty()) {
      waiting.removeIf(this::isOver);
      count = waiting.size();
    }
  }

  /** How many wait. Any thread. */
  public int count() {
    return count;
  }

  private boolean isOver(Waiting each) {
    Wait wait = each.asked();
    if (wait.client().isGone()) {
      return true;
    }
    Acknowledgements present = holding(each.index());
    long waitedNanos = System.nanoTime() - wait.beginNanos();
    boolean isTooLate =
        wait.timeoutMillis() > 0
            && waitedNanos >= TimeUnit.MILLISECONDS.toNanos(wait.timeoutMillis());
    if (!isTooLate && !present.cover(wait.wanted())) {
      return false;
    }
    apply.execute(() -> ends.waited(wait, present));
    return true;
  }

  private Acknowledgements holding(long index) {
    RaftCore core = node.core();
    int followers = 0;
    for (Member member : core.configuration().members()) {
      if (!member.id().equals(self) && core.matchIndex(member.id()) >= index) {
        followers++;
      }
    }
    return new Acknowledgements(core.durableIndex() >= index ? 1 : 0, followers);
  }

  /** This node leads no more, and will not hear what the others hold. */
  public void onLeadershipLost() {
    for (Waiting each : waiting) {
      apply.execute(() -> ends.unblocked(each.asked()));
    }
    waiting.clear();
    count = 0;
  }
}
