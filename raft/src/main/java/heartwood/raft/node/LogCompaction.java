package heartwood.raft.node;

import heartwood.raft.core.Input;
import heartwood.raft.core.RaftCore;
import heartwood.raft.log.LogStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the log within its limit (Raft §7): forgets what the durable state has, and asks for a
 * durable state where that is not enough. Confined to the raft loop; the log is cut on the snapshot
 * thread.
 */
final class LogCompaction {
  private static final Logger logger = LoggerFactory.getLogger(LogCompaction.class);

  private static final int CHECK_TICKS = 50;

  /** The share of a log at its limit that is cut at once. */
  private static final double LOG_CUT = 1 / 16.0;

  /** How far beyond its limit the log may grow for the sake of a snapshot that is being pulled. */
  private static final int MAX_LOG_FACTOR = 4;

  private final RaftNode node;
  private final LogStore log;
  private final StateMachine stateMachine;
  private final SnapshotSource snapshotSource;
  private final NodeExecutors executors;
  private final long maxLogBytes;

  private int ticks;
  private boolean isCompacting;

  /**
   * @param snapshotSource tells from where on the log is kept for those that pull
   */
  LogCompaction(
      RaftNode node,
      LogStore log,
      StateMachine stateMachine,
      SnapshotSource snapshotSource,
      NodeExecutors executors,
      long maxLogBytes) {
    this.node = node;
    this.log = log;
    this.stateMachine = stateMachine;
    this.snapshotSource = snapshotSource;
    this.executors = executors;
    this.maxLogBytes = maxLogBytes;
  }

  /** A unit of time has passed. */
  void tick() {
    if (++ticks % CHECK_TICKS == 0) {
      maybeCompact();
    }
  }

  private void maybeCompact() {
    if (isCompacting || node.hasFailed() || log.sizeBytes() <= maxLogBytes) {
      return;
    }
    RaftCore core = node.core();
    // A small part at a time, so that deleting it is not felt; more when that would not keep up.
    double part = 1 - (1 - LOG_CUT) * maxLogBytes / log.sizeBytes();
    long cut = core.baseIndex() + (long) Math.ceil(part * (core.lastIndex() - core.baseIndex()));
    // The state may be ahead of the own log: a snapshot, or entries that others have made durable.
    long upTo = Math.min(cut, Math.min(stateMachine.durableIndex(), core.durableIndex()));
    if (stateMachine.durableIndex() < cut) {
      stateMachine.requestDurable();
    }
    if (log.sizeBytes() <= MAX_LOG_FACTOR * maxLogBytes) {
      upTo = Math.min(upTo, snapshotSource.keepAfterIndex());
    }
    if (upTo > core.baseIndex()) {
      compact(upTo);
    }
  }

  /** Forgets the log through an entry if a checkpoint has what it did; else asks for one. */
  boolean forget(long index) {
    boolean isKept = index <= Math.min(stateMachine.durableIndex(), node.core().durableIndex());
    if (!isKept) {
      stateMachine.requestDurable();
    } else if (!isCompacting) {
      compact(index);
    }
    return isKept;
  }

  private void compact(long index) {
    isCompacting = true;
    executors
        .snapshot()
        .execute(
            () -> {
              try {
                log.compact(index);
              } catch (RuntimeException | VirtualMachineError | AssertionError failure) {
                executors.loop().execute(() -> node.fail(failure));
                return;
              }
              executors.loop().execute(() -> onCompacted(index));
            });
  }

  private void onCompacted(long index) {
    isCompacting = false;
    if (node.core().baseIndex() < index) {
      node.step(new Input.Compacted(index));
      logger.debug("compacted log baseIndex={} lastIndex={}", index, node.core().lastIndex());
    }
  }
}
