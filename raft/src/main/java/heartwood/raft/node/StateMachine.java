package heartwood.raft.node;

import heartwood.raft.message.LogEntry;
import org.jspecify.annotations.Nullable;

/**
 * What the log is for: a function of its entries, in order.
 *
 * <p>Called by the apply thread where nothing else is said.
 */
public interface StateMachine {
  /** {@link #appliedIndex} of a state that was lost: it comes back by a snapshot, or not at all. */
  long LOST = -1;

  /**
   * Index of the last entry applied, where the log must be taken up after a start; {@link #LOST}
   * when there is no state, though there was one.
   */
  long appliedIndex();

  /** Term of that entry; 0 when nothing was ever applied. */
  long appliedTerm();

  /** The applied index that would survive a crash: the log may be cut up to it. Any thread. */
  long durableIndex();

  /** What the state came to at the last indexes; one ring for as long as this object lives. */
  DigestRing digests();

  /** The log has grown beyond its bound: {@link #durableIndex} should move on. Any thread. */
  void requestDurable();

  /**
   * Applies a committed entry, of any kind.
   *
   * @param proposal what was proposed here and became this very entry; null when it came from
   *     another node or from before a restart
   */
  void apply(LogEntry entry, @Nullable Proposal proposal);
}
