package heartwood.raft.node;

/**
 * How long the write to the log under way has lasted. Confined to the raft loop.
 *
 * <p>Time is counted in ticks, which a process that was paused does not make up for: so a pause of
 * the process does not pass for one of its disk.
 */
final class DiskWatch {
  private final int maxWriteTicks;
  private boolean isBusy;
  private int busyTicks;

  /**
   * @param maxWriteTicks a write that has lasted for so long says that the disk has stalled
   */
  DiskWatch(int maxWriteTicks) {
    this.maxWriteTicks = maxWriteTicks;
  }

  void begin() {
    isBusy = true;
    busyTicks = 0;
  }

  void end() {
    isBusy = false;
    busyTicks = 0;
  }

  void tick() {
    if (isBusy) {
      busyTicks++;
    }
  }

  /** Whether a write is under way: there is one at a time. */
  boolean isBusy() {
    return isBusy;
  }

  boolean isStalled() {
    return busyTicks >= maxWriteTicks;
  }

  /** For how long the disk has kept a write that it should have done by now; 0: it has not. */
  int stalledTicks() {
    return isStalled() ? busyTicks : 0;
  }
}
