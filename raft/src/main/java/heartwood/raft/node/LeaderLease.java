package heartwood.raft.node;

import heartwood.raft.core.CoreOptions;
import java.util.function.BooleanSupplier;

/**
 * For how long a leader knows that nobody else can lead (thesis §6.4.1). Confined to the raft loop.
 *
 * <p>A voter that confirms a round votes for nobody else for an election timeout. So from when the
 * round was asked for, which is before any voter heard of it, no other leader can come to be for
 * that long by the voters' clocks. The lease is three quarters of it, less a tick: clocks may
 * differ by a seventh in either direction before two leaders could serve.
 *
 * <p>Its age is looked at when a read is there, so a process that stood still finds it over. A time
 * of day that is set forward for no good reason costs a round, one that is set back nothing: see
 * {@link NodeClock#nanosSince}.
 */
public final class LeaderLease {
  private final NodeClock clock;
  private final long lengthNanos;
  private final BooleanSupplier isWanted;

  /** Since when it lasts, and the term whose leader has it; 0: nobody. */
  private NodeClock.Moment since = new NodeClock.Moment(0, 0);

  private long term;

  /**
   * @param isWanted whether reads are to be served by it at present
   */
  public LeaderLease(NodeClock clock, long lengthNanos, BooleanSupplier isWanted) {
    this.clock = clock;
    this.lengthNanos = lengthNanos;
    this.isWanted = isWanted;
  }

  /** Every read asks for a round. */
  public static LeaderLease none() {
    return new LeaderLease(NodeClock.SYSTEM, 0, () -> false);
  }

  /**
   * How long a lease may be.
   *
   * @param tickNanos that pass at least between two ticks of any node
   */
  public static long lengthNanos(CoreOptions core, long tickNanos) {
    return (core.electionTimeoutTicks() - 1) * tickNanos * 3 / 4;
  }

  NodeClock.Moment now() {
    return clock.now();
  }

  /** A majority has confirmed the leader of a term in a round that began later than this. */
  void begin(NodeClock.Moment before, long ofTerm) {
    since = before;
    term = ofTerm;
  }

  void end() {
    term = 0;
  }

  /** Whether the leader of a term may serve a read that has come already. */
  boolean covers(long ofTerm) {
    return isWanted.getAsBoolean() && term == ofTerm && clock.nanosSince(since) < lengthNanos;
  }

  /** Whether it is time to ask for the next one, so that no read has to wait for it. */
  boolean isAging() {
    return clock.nanosSince(since) >= lengthNanos / 2;
  }
}
