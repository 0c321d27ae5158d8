package heartwood.storage.snapshot;

import heartwood.raft.log.LogStore;
import heartwood.storage.Applied;
import heartwood.storage.StorageException;
import java.util.function.LongUnaryOperator;

/**
 * What becomes of the log that a node finds beside its state at the start. They disagree when the
 * process died between the installation of a snapshot and the reset of the log (Raft §7).
 *
 * <pre>
 *   log:        base ······· first ─────────────── last
 *   applied at        ▲ REFUSE   ▲ KEEP: same term      ▲ DISCARD
 *              (before base)     ▲ DISCARD: another term
 * </pre>
 *
 * <p>Immutable.
 */
public enum LogVerdict {
  /** The log reaches what is applied, with the same term. */
  KEEP,
  /** The log ends before what is applied, or has another entry there: the state replaces it. */
  DISCARD,
  /** Entries between state and log are missing: the node cannot start from this directory. */
  REFUSE;

  /** Judges a log by its bounds; {@code termAt} is asked only within them. */
  static LogVerdict of(
      long appliedIndex,
      long appliedTerm,
      long baseIndex,
      long lastIndex,
      LongUnaryOperator termAt) {
    if (appliedIndex < baseIndex) {
      return REFUSE;
    }
    if (appliedIndex > lastIndex || termAt.applyAsLong(appliedIndex) != appliedTerm) {
      return DISCARD;
    }
    return KEEP;
  }

  /** Judges a log and changes nothing: for tools that say first what they would do. */
  public static LogVerdict judge(Applied applied, LogStore log) {
    return of(applied.index(), applied.term(), log.baseIndex(), log.lastIndex(), log::termAt);
  }

  /**
   * Judges a log and resets it if it is to be discarded; durable on return.
   *
   * @throws StorageException when entries are missing; nothing has changed
   */
  public static LogVerdict reconcile(Applied applied, LogStore log) {
    LogVerdict verdict = judge(applied, log);
    if (verdict == REFUSE) {
      throw new StorageException(
          "log begins behind "
              + log.baseIndex()
              + ", state ends at "
              + applied.index()
              + " (expected: no gap)");
    }
    if (verdict == DISCARD) {
      log.reset(applied.index(), applied.term());
    }
    return verdict;
  }
}
