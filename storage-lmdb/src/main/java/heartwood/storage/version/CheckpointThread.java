package heartwood.storage.version;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.DoublePredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes sealed overlays as they come, and between them merges runs of the past. Its methods are
 * called by the apply thread; {@link #run} is the checkpoint thread.
 */
final class CheckpointThread implements Runnable {
  private static final Logger logger = LoggerFactory.getLogger(CheckpointThread.class);

  /** How often to ask whether the log has become durable; it usually has before the first time. */
  private static final long LOG_POLL_NANOS = 500_000;

  /** A writer that is in no hurry takes so much of a processor: a tenth. */
  private static final int REST_FACTOR = 9;

  private static final long MAX_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final CheckpointDriver driver;
  private final DoublePredicate isBehind;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean isClosing;

  /** The apply thread waits for a checkpoint. */
  private boolean isAwaited;

  /** When the last rest was over; checkpoint thread. */
  private long workingSince;

  /**
   * @param isBehind whether a checkpoint of which such a part is done should not rest
   */
  CheckpointThread(CheckpointDriver driver, DoublePredicate isBehind) {
    this.driver = driver;
    this.isBehind = isBehind;
    this.thread = new Thread(this, "checkpoint");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** A checkpoint was sealed. */
  void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Blocks until a checkpoint is written or cannot be. */
  void await(Checkpoint checkpoint) {
    lock.lock();
    try {
      isAwaited = true;
      changed.signalAll();
      while (!checkpoint.isWritten() && driver.isPending() && !isClosing) {
        changed.awaitUninterruptibly();
      }
    } finally {
      isAwaited = false;
      lock.unlock();
    }
  }

  @Override
  public void run() {
    while (awaitWork()) {
      workingSince = System.nanoTime();
      try {
        if (driver.isPending()) {
          writeCheckpoint();
        } else if (driver.maybeMerge() && !driver.isMergeUrgent()) {
          rest();
        }
      } catch (RuntimeException | Error e) {
        logger.error("checkpoint failed", e); // The driver has noted it and stops the apply thread.
      }
      wake();
    }
  }

  private void writeCheckpoint() {
    long began = System.nanoTime();
    while (!isClosing() && driver.maybeCheckpoint(this::restUnlessBehind)) {
      if (!driver.isPending()) {
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        logger.debug("checkpoint index={} millis={}", driver.durable().index(), millis);
        return;
      }
    }
    LockSupport.parkNanos(LOG_POLL_NANOS); // The log is behind.
  }

  private void restUnlessBehind(double done) {
    if (isBehind.test(done)) {
      workingSince = System.nanoTime();
    } else {
      rest();
    }
  }

  /** Lets others have the processor, and their syncs the disk. */
  private void rest() {
    long worked = System.nanoTime() - workingSince;
    long left = Math.min(REST_FACTOR * worked, MAX_REST_NANOS);
    lock.lock();
    try {
      while (left > 0 && !isAwaited && !isClosing) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Nobody does; then it goes on without a rest.
    } finally {
      lock.unlock();
    }
    workingSince = System.nanoTime();
  }

  private boolean isClosing() {
    lock.lock();
    try {
      return isClosing;
    } finally {
      lock.unlock();
    }
  }

  private boolean awaitWork() {
    lock.lock();
    try {
      while (!isClosing && !driver.isPending() && !driver.wantsMerge()) {
        changed.awaitUninterruptibly();
      }
      return !isClosing;
    } finally {
      lock.unlock();
    }
  }

  /** Finishes what is being written and ends. */
  void close() {
    lock.lock();
    try {
      isClosing = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
