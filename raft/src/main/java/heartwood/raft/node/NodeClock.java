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

  /** Never goes back; may stand still while the machine is suspended. */
  long monotonicNanos();

  /** The time of day, which somebody may set. */
  long wallMillis();
}
