package heartwood.raft.node;

import heartwood.raft.core.Input;
import heartwood.raft.core.RaftCore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The reads that a node has to make sure of: by a round, by its leader, or by a lease. Confined to
 * the raft loop.
 *
 * <p>A lease is looked at once, when the reads are there. That is enough, however long the process
 * stands still afterwards: at that moment nobody else led, so all that was acknowledged by then is
 * handed out to be applied here, and the reads run behind it. They take effect at that moment, or
 * at a later entry of this leader's, which every later leader has before its own.
 *
 * <p>Reads are ready in the order in which they came: while one waits for a round, none behind it
 * is served by a lease.
 */
final class LinearizableReads {
  private final RaftNode node;
  private final Applier applier;
  private final LeaderLease lease;
  private final ReadCounters counters = new ReadCounters();
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private long lastReadId;

  /** The one that waits for nothing but the lease to begin anew. */
  private long renewalId;

  /**
   * A read and since when it is here.
   *
   * @param term that this node leads; 0: it does not
   */
  private record Waiting(long readId, ReadRequest request, NodeClock.Moment since, long term) {}

  private static final ReadRequest RENEWAL =
      new ReadRequest() {
        @Override
        public void ready() {}

        @Override
        public void failed() {}

        @Override
        public int count() {
          return 0;
        }
      };

  LinearizableReads(RaftNode node, Applier applier, LeaderLease lease) {
    this.node = node;
    this.applier = applier;
    this.lease = lease;
  }

  ReadCounters counters() {
    return counters;
  }

  void add(ReadRequest request) {
    RaftCore core = node.core();
    if (!isNobodyBefore() || !core.mayHoldLease() || !lease.covers(core.currentTerm())) {
      ask(request);
      return;
    }
    counters.onLeaseReads(request.count());
    applier.serve(List.of(request), core.commitIndex());
    if (waiting.isEmpty() && lease.isAging()) {
      renewalId = lastReadId + 1;
      ask(RENEWAL);
    }
  }

  private boolean isNobodyBefore() {
    boolean isRenewalAlone = waiting.size() == 1 && waiting.getFirst().readId() == renewalId;
    return (waiting.isEmpty() || isRenewalAlone) && !node.isPerforming();
  }

  private void ask(ReadRequest request) {
    RaftCore core = node.core();
    long term = core.isLeader() ? core.currentTerm() : 0;
    waiting.addLast(new Waiting(++lastReadId, request, lease.now(), term));
    node.step(new Input.ReadIndex(lastReadId));
  }

  /**
   * @param index that a state must have applied to answer
   */
  void onReady(long readId, long index) {
    List<Waiting> ready = take(readId);
    if (ready.isEmpty()) {
      return;
    }
    Waiting last = ready.get(ready.size() - 1); // The round began when it was here.
    if (last.term() > 0) {
      counters.onRound();
      lease.begin(last.since(), last.term());
    } else {
      ready.forEach(each -> counters.onFollowerReads(each.request().count()));
    }
    applier.serve(ready.stream().map(Waiting::request).toList(), index);
  }

  void onFailed(long readId) {
    take(readId).forEach(each -> each.request().failed());
  }

  void failAll() {
    onFailed(Long.MAX_VALUE);
  }

  /** Who votes is another question now: the answer to the old one is not relied upon. */
  void onConfigurationChanged() {
    lease.end();
  }

  private List<Waiting> take(long readId) {
    List<Waiting> taken = new ArrayList<>();
    while (!waiting.isEmpty() && waiting.getFirst().readId() <= readId) {
      taken.add(waiting.removeFirst());
    }
    return taken;
  }
}
