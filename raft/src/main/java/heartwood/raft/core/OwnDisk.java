package heartwood.raft.core;

/**
 * What a node knows about its own disk, as far as it bears on what the node may claim and do.
 * Confined to the core.
 *
 * <p>A node whose disk stands still must not stand for election: it could not even keep its own
 * vote. It goes on answering heartbeats, and others commit without it.
 */
final class OwnDisk {
  private boolean isStalled;
  private boolean isLow;

  void setStalled(boolean stalled) {
    isStalled = stalled;
  }

  /** Whether a write has lasted for too long and is not done. */
  boolean isStalled() {
    return isStalled;
  }

  void setLow(boolean low) {
    isLow = low;
  }

  /** Whether the node is fit to lead, if it takes it. */
  boolean mayLead() {
    return !isStalled;
  }

  /** Whether it would lead where others can: with little room it would take no data. */
  boolean wouldRatherLead() {
    return mayLead() && !isLow;
  }
}
