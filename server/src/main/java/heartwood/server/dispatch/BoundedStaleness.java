package heartwood.server.dispatch;

import heartwood.raft.node.NodeClock;
import heartwood.raft.node.RaftNode;
import heartwood.raft.node.ReadRequest;
import heartwood.server.replication.CommandBatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * How old a follower's state may be when it answers after READONLY. Thread-safe.
 *
 * <p>A follower knows the age of what it has by asking its leader for a read index: once it has
 * applied so much, it has everything that was acknowledged anywhere before it asked. A heartbeat
 * would not do: it tells no more than the follower holds, and may be of a leader that has been
 * deposed. So who reads asks, in good time before the answer is too old; whoever comes when it is,
 * waits for the next answer, and is refused if there is none.
 */
public final class BoundedStaleness {
  private final RaftNode node;
  private final NodeClock clock;
  private final Executor raftLoop;
  private final Executor apply;
  private final BatchEnds ends;
  private final LongSupplier maxMillis;
  private final AtomicBoolean isAsking = new AtomicBoolean();
  private final LongAdder refused = new LongAdder();

  /** All that was acknowledged by then is applied. The beginning of time: nothing is known. */
  private volatile NodeClock.Moment complete = new NodeClock.Moment(0, 0);

  /**
   * @param maxMillis the bound; 0: none
   */
  public BoundedStaleness(
      RaftNode node,
      NodeClock clock,
      Executor raftLoop,
      Executor apply,
      BatchEnds ends,
      LongSupplier maxMillis) {
    this.node = node;
    this.clock = clock;
    this.raftLoop = raftLoop;
    this.apply = apply;
    this.ends = ends;
    this.maxMillis = maxMillis;
  }

  /** Whether a read may be answered at once. Sees to it that the next ones may. */
  boolean allows() {
    long maxNanos = maxNanos();
    if (maxNanos == 0) {
      return true;
    }
    long ageNanos = clock.nanosSince(complete);
    if (ageNanos >= maxNanos / 2 && isAsking.compareAndSet(false, true)) {
      raftLoop.execute(this::renew);
    }
    return ageNanos <= maxNanos;
  }

  private long maxNanos() {
    return TimeUnit.MILLISECONDS.toNanos(maxMillis.getAsLong());
  }

  /** Reads that were refused because the state was, or might have been, older than the bound. */
  public long refusedCount() {
    return refused.sum();
  }

  private void renew() {
    NodeClock.Moment asked = clock.now();
    node.readIndex(
        new ReadRequest() {
          @Override
          public void ready() {
            complete = asked;
            isAsking.set(false);
          }

          @Override
          public void failed() {
            isAsking.set(false);
          }

          @Override
          public int count() {
            return 0;
          }
        });
  }

  /** Answers when it is known how old the state is. On the raft loop. */
  void read(CommandBatch batch) {
    NodeClock.Moment asked = clock.now();
    node.readIndex(
        new ReadRequest() {
          @Override
          public void ready() {
            complete = asked;
            ends.executeStale(batch);
          }

          @Override
          public void failed() {
            refused.add(batch.count());
            apply.execute(() -> ends.tooStale(batch));
          }

          @Override
          public int count() {
            return 0; // They are stale by declaration.
          }
        });
  }
}
