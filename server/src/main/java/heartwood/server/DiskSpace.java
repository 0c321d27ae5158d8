package heartwood.server;

import heartwood.storage.DiskFault;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much room is left on a node's disk, looked at on a thread of its own, for even to ask may
 * take long. Thread-safe.
 *
 * <p>Below the mark the node lives on, which it could not once the disk is full: what adds data is
 * refused by a leader that is so short of room, and it hands leadership to others if they will have
 * it. Only a leader refuses, before anything is logged: what is logged every node applies.
 */
final class DiskSpace implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(DiskSpace.class);

  private static final int LOOK_MILLIS = 500;

  /** So much more than the mark, in parts of it, must be free until all is well again. */
  private static final int MARGIN = 8;

  private final Path directory;
  private final LongSupplier minFreeBytes;
  private final Runnable onChange;
  private final ScheduledExecutorService thread;
  private volatile boolean isLow;
  private volatile long freeBytes = Long.MAX_VALUE;

  /**
   * @param minFreeBytes the mark; 0: none
   * @param onChange {@link #isLow} says something else now; any thread
   */
  DiskSpace(String name, Path directory, LongSupplier minFreeBytes, Runnable onChange) {
    this.directory = directory;
    this.minFreeBytes = minFreeBytes;
    this.onChange = onChange;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread looker = new Thread(task, name + "-disk-space");
              looker.setDaemon(true);
              return looker;
            });
  }

  void start() {
    look();
    thread.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void look() {
    long free = DiskFault.freeBytes(directory);
    long mark = minFreeBytes.getAsLong();
    long wanted = isLow ? mark + mark / MARGIN : mark;
    freeBytes = free;
    if (isLow == free < wanted) {
      return;
    }
    isLow = free < wanted;
    if (isLow) {
      logger.warn(
          "{} has {} bytes free, less than disk-min-free ({}): this node takes no data as leader,"
              + " until some are freed",
          directory,
          free,
          mark);
    } else {
      logger.info("{} has {} bytes free: this node takes data again", directory, free);
    }
    onChange.run();
  }

  boolean isLow() {
    return isLow;
  }

  /** What a command that adds data hears, in Redis' words for a server that cannot persist. */
  @Nullable String refusal() {
    return isLow
        ? "MISCONF The leader has only "
            + freeBytes
            + " bytes of disk left (disk-min-free is "
            + minFreeBytes.getAsLong()
            + "). Commands that may add data are disabled and were not executed; deleting and"
            + " reading go on."
        : null;
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
