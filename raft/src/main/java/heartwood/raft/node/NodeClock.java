package heartwood.raft.node;

/** The time of this machine. Any thread. */
public interface NodeClock {
  NodeClock SYSTEM =
      new NodeClock() {
        @Override
        public long monotonicNanos() {
          return System.nanoTime();
        }

        @Override
        public long wallMillis() {
          return System.currentTimeMillis();
        }
      };

  /** A moment by both clocks. */
  record Moment(long nanos, long wallMillis) {}

  default Moment now() {
    return new Moment(monotonicNanos(), wallMillis());
  }

  /**
   * How long ago a moment was, by the clock that says more: a machine that was suspended may not
   * know it by the first, and is told the time of day when it wakes.
   */
  default long nanosSince(Moment moment) {
    long wallNanos = (wallMillis() - moment.wallMillis()) * 1_000_000;
    return Math.max(monotonicNanos() - moment.nanos(), wallNanos);
  }

  /** Never goes back; may stand still while the machine is suspended. */
  long monotonicNanos();

  /** The time of day, which somebody may set. */
  long wallMillis();
}
