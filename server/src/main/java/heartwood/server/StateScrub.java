package heartwood.server;

import heartwood.server.StateFiles.ScrubStep;
import heartwood.server.command.NodeStatistics.Scrub;
import heartwood.storage.StorageException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks every row of the state, once in an interval: what nobody reads rots unnoticed, until the
 * nodes that could have mended it are gone. Slowly and in short slices, on a thread of its own.
 *
 * <p>A row that is damaged stops the node. Any thread may ask how far it is.
 */
final class StateScrub implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(StateScrub.class);

  /** What one slice reads at most: a millisecond or two where the pages are in memory. */
  private static final long SLICE_BYTES = 1 << 20;

  private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** Clients have the disk and the processor: a gigabyte takes a minute. */
  private static final long BYTES_PER_SECOND = 16 << 20;

  private static final long MIN_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** A node that is often started anew is checked too, but not while it starts. */
  private static final long FIRST_SECONDS = 600;

  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final int CLOSE_SECONDS = 10;

  private final String node;
  private final StateFiles files;
  private final boolean beginsAtOnce;
  private final LongSupplier intervalSeconds;
  private final LongSupplier clockMillis;
  private final Consumer<Throwable> onFailure;
  private final ScheduledExecutorService thread;

  // Of the thread.
  private final long startedNanos = System.nanoTime();
  private long beganNanos;
  private long reportedNanos;
  private boolean hasBegun;

  private volatile Scrub present = new Scrub(false, 0, 0, 0, 0, 0, 0, 0);

  /**
   * @param beginsAtOnce the process before this one died, who knows in the midst of what
   * @param intervalSeconds from the beginning of one pass to that of the next; 0: none begins
   * @param clockMillis says when a pass has ended
   * @param onFailure hears, on a thread of its own, of what must stop the node
   */
  StateScrub(
      String node,
      StateFiles files,
      boolean beginsAtOnce,
      LongSupplier intervalSeconds,
      LongSupplier clockMillis,
      Consumer<Throwable> onFailure) {
    this.node = node;
    this.files = files;
    this.beginsAtOnce = beginsAtOnce;
    this.intervalSeconds = intervalSeconds;
    this.clockMillis = clockMillis;
    this.onFailure = onFailure;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread made = new Thread(task, node + "-scrub");
              made.setDaemon(true);
              return made;
            });
  }

  void start() {
    next(0);
  }

  /** How far it is, and how the last pass ended. */
  Scrub present() {
    return present;
  }

  private void next(long afterNanos) {
    thread.schedule(this::step, afterNanos, TimeUnit.NANOSECONDS);
  }

  private void step() {
    long now = System.nanoTime();
    if (!present.isRunning() && !isDue(now)) {
      next(IDLE_NANOS);
      return;
    }
    if (!present.isRunning()) {
      hasBegun = true;
      beganNanos = now;
      reportedNanos = now;
    }
    long bytesBefore = present.isRunning() ? present.bytes() : 0;
    ScrubStep done;
    try {
      done = files.scrub(SLICE_BYTES, SLICE_NANOS);
    } catch (RuntimeException | Error failure) {
      if (failure instanceof StorageException.Corrupt) {
        present = present.damaged();
      }
      onFailure.accept(failure);
      return;
    }
    if (done == null) {
      next(IDLE_NANOS); // The state is being replaced, or was not.
      return;
    }
    note(done);
    long read = Math.max(0, done.bytes() - bytesBefore);
    long pause = TimeUnit.SECONDS.toNanos(read) / BYTES_PER_SECOND - (System.nanoTime() - now);
    next(Math.max(MIN_PAUSE_NANOS, pause));
  }

  private boolean isDue(long now) {
    long interval = intervalSeconds.getAsLong();
    long since = hasBegun ? beganNanos : startedNanos;
    long first = beginsAtOnce ? 0 : Math.min(interval, FIRST_SECONDS);
    long wait = hasBegun ? interval : first;
    return interval > 0 && now - since >= TimeUnit.SECONDS.toNanos(wait);
  }

  private void note(ScrubStep done) {
    long now = System.nanoTime();
    long millis = TimeUnit.NANOSECONDS.toMillis(now - beganNanos);
    if (done.isLast()) {
      present = present.ended(done.rows(), clockMillis.getAsLong(), millis);
      logger.info("{} scrub: {} rows are sound millis={}", node, done.rows(), millis);
      return;
    }
    present = present.running(done.rows(), done.bytes());
    if (now - reportedNanos >= REPORT_NANOS) {
      reportedNanos = now;
      logger.info("{} scrub: {} rows so far bytes={}", node, done.rows(), done.bytes());
    }
  }

  /** Returns when nothing is read any more. */
  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        logger.warn("{} scrub does not end", node);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
