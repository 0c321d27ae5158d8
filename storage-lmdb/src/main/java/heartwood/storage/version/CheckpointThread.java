package heartwood.storage.version;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
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

  private final VersionedStore store;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean isClosing;

  CheckpointThread(VersionedStore store) {
    this.store = store;
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
      while (!checkpoint.isWritten() && store.isCheckpointPending() && !isClosing) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void run() {
    while (awaitWork()) {
      long began = System.nanoTime();
      try {
        if (store.maybeCheckpoint()) {
          long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
          logger.debug("checkpoint index={} millis={}", store.durable().index(), millis);
        } else if (!store.maybeMerge()) {
          LockSupport.parkNanos(LOG_POLL_NANOS); // The log is behind.
        }
      } catch (RuntimeException | Error e) {
        logger.error("checkpoint failed", e); // The store has noted it and stops the apply thread.
      }
      wake();
    }
  }

  private boolean awaitWork() {
    lock.lock();
    try {
      while (!isClosing && !store.isCheckpointPending() && !store.wantsMerge()) {
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
