package heartwood.server.dispatch;

import heartwood.raft.core.RaftCore;
import heartwood.raft.message.Member;
import heartwood.raft.message.NodeId;
import heartwood.raft.node.RaftNode;
import heartwood.server.command.Acknowledgements;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The clients that wait for nodes to hold what they wrote. Confined to the raft loop, but for what
 * says any thread; no more than there are connections, since each has at most one wait.
 *
 * <p>A client waits when all that it sent before is answered, so whatever it wrote stands in the
 * leader's log by then. To wait for the whole of that log is to wait for these writes, and a little
 * more: nobody needs to remember who wrote what, here or at an earlier leader.
 */
public final class WaitingClients {
  private final RaftNode node;
  private final NodeId self;
  private final Executor raftLoop;
  private final Executor apply;
  private final BatchEnds ends;

  /** Whoever takes a wait out ends it. */
  private final Map<DispatchedClient, Waiting> waiting = new ConcurrentHashMap<>();

  /** A wait, and the index that nodes must hold for it. */
  private record Waiting(Wait asked, long index) {}

  public WaitingClients(
      RaftNode node, NodeId self, Executor raftLoop, Executor apply, BatchEnds ends) {
    this.node = node;
    this.self = self;
    this.raftLoop = raftLoop;
    this.apply = apply;
    this.ends = ends;
  }

  /** How many wait. Any thread. */
  public int count() {
    return waiting.size();
  }

  void add(Wait wait) {
    waiting.put(wait.client(), new Waiting(wait, node.core().lastIndex()));
    if (node.isLeader()) {
      check();
    } else {
      onLeadershipLost();
    }
  }

  /** To be called when nodes may hold more than before, and now and then: waits have an end. */
  public void check() {
    waiting.forEach(
        (client, each) -> {
          if (client.isGone()) {
            waiting.remove(client);
          } else if (isOver(each) && waiting.remove(client) != null) {
            answer(each);
          }
        });
  }

  private boolean isOver(Waiting each) {
    Wait wait = each.asked();
    long waitedNanos = System.nanoTime() - wait.beginNanos();
    boolean isTooLate =
        wait.timeoutMillis() > 0
            && waitedNanos >= TimeUnit.MILLISECONDS.toNanos(wait.timeoutMillis());
    return isTooLate || holding(each.index()).cover(wait.wanted());
  }

  private void answer(Waiting each) {
    Acknowledgements present = holding(each.index());
    apply.execute(() -> ends.waited(each.asked(), present));
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
    waiting.forEach((client, each) -> tryUnblock(client, ErrorReplies.NO_MASTER_ANY_MORE));
  }

  /** Ends a wait with an error, or as if its time were over; false if there is none. Any thread. */
  boolean tryUnblock(DispatchedClient client, boolean withError) {
    if (withError) {
      return tryUnblock(client, ErrorReplies.UNBLOCKED);
    }
    Waiting ended = waiting.remove(client);
    if (ended != null) {
      raftLoop.execute(() -> answer(ended));
    }
    return ended != null;
  }

  private boolean tryUnblock(DispatchedClient client, String error) {
    Waiting ended = waiting.remove(client);
    if (ended != null) {
      apply.execute(() -> ends.unblocked(ended.asked(), error));
    }
    return ended != null;
  }
}
