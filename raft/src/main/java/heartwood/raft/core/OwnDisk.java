package heartwood.raft.core;

/**
 * What a node knows about its own disk, as far as it bears on what the node may claim and do.
 * Confined to the core.
 *
 * <p>A node whose log is damaged claims to hold what stands before the damage, and no more, for
 * itself as for a leader. It must not stand for election either: what it lacks may be committed,
 * and it could give it to nobody. But it judges the logs of candidates by all that it has ever
 * acknowledged, so that nobody is elected who lacks it too.
 *
 * <p>A node whose state is lost must not stand for election: it could serve nobody, and give nobody
 * a snapshot. It holds its log as ever, and votes by it; hence it takes no further entries: who has
 * a state would have to have those too before it could be elected.
 *
 * <p>A node whose disk stands still must not stand for election: it could not even keep its own
 * vote. It goes on answering heartbeats, and others commit without it.
 */
final class OwnDisk {
  private boolean isStalled;
  private boolean isLow;
  private boolean isStateLost;

  /** Index of the first entry that is damaged; the largest number: none is. */
  private long damagedFrom = Long.MAX_VALUE;

  /** How long it has been damaged. */
  private int damagedTicks;

  /** What would have been claimed but for the damage, in which term; 0: nothing. */
  private long withheldIndex;

  private long withheldTerm;

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

  void setStateLost(boolean isLost) {
    isStateLost = isLost;
  }

  /** Whether the node is fit to lead, if it takes it. */
  boolean mayLead() {
    return !isStalled && !isStateLost && damagedFrom == Long.MAX_VALUE;
  }

  void setDamagedFrom(long index) {
    damagedFrom = index;
    damagedTicks = 0;
  }

  void tick() {
    damagedTicks += damagedFrom == Long.MAX_VALUE ? 0 : 1;
  }

  /** Whether the log has been damaged for longer than a repair should take. */
  boolean isDamagedFor(int ticks) {
    return damagedTicks >= ticks;
  }

  /** Up to where the log may be said to be held, of an index up to which it was written. */
  long claimable(long index) {
    return Math.min(index, damagedFrom - 1);
  }

  /**
   * What a leader was not told to be held, since it is damaged, is told when it is not any more.
   */
  void withhold(long index, long term) {
    withheldIndex = term == withheldTerm ? Math.max(index, withheldIndex) : index;
    withheldTerm = term;
  }

  /** What was withheld in a term; 0: nothing. */
  long takeWithheld(long term) {
    long index = term == withheldTerm ? withheldIndex : 0;
    withheldIndex = 0;
    return index;
  }

  /** Whether it would lead where others can: with little room it would take no data. */
  boolean wouldRatherLead() {
    return mayLead() && !isLow;
  }
}
