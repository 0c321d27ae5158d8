package heartwood.raft.node;

import java.util.concurrent.atomic.LongAdder;

/** How reads were made sure of, since the start. Thread-safe; the raft loop counts. */
public final class ReadCounters {
  private final LongAdder rounds = new LongAdder();
  private final LongAdder leaseReads = new LongAdder();
  private final LongAdder followerReads = new LongAdder();

  /** Questions to a majority that were answered, for reads of this leader's. */
  public long rounds() {
    return rounds.sum();
  }

  /** Reads that this leader served without one. */
  public long leaseReads() {
    return leaseReads.sum();
  }

  /** Reads that this node served as a follower, at an index that its leader told. */
  public long followerReads() {
    return followerReads.sum();
  }

  void onRound() {
    rounds.increment();
  }

  void onLeaseReads(int count) {
    leaseReads.add(count);
  }

  void onFollowerReads(int count) {
    followerReads.add(count);
  }
}
