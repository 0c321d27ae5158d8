package heartwood.raft.core;

/**
 * What a voter owes the leader that it heard: for an election timeout it votes for nobody else, and
 * asks for no votes itself (thesis §4.2.3, §6.4.1). Confined to the core.
 *
 * <p>A leader's lease rests on it, so it is kept whatever happens meanwhile: a message of a newer
 * term, which makes the voter forget who leads, and a restart, after which it does not know whom it
 * had heard. Only who campaigns at the leader's own wish is granted a vote: that leader has given
 * its lease up. Every node keeps it, whatever its read mode: the leader's is what counts.
 *
 * <p>It is counted in ticks, of which the first may come at once: of n ticks, n - 1 have passed.
 */
final class VotePromise {
  private int ticksLeft;

  /** A leader was heard, or may have been heard before the restart. */
  void give(int ticks) {
    ticksLeft = ticks;
  }

  void tick() {
    ticksLeft = Math.max(0, ticksLeft - 1);
  }

  boolean holds() {
    return ticksLeft > 0;
  }
}
