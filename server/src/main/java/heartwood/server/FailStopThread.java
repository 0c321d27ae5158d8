package heartwood.server;

import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One thread that does nothing any more once a task has failed: what the tasks share is in no known
 * state then, and their answers would be guesses. Tasks that were submitted keep their failure to
 * themselves, for who waits for them.
 *
 * <p>Thread-safe.
 */
final class FailStopThread extends ThreadPoolExecutor {
  private final Consumer<Throwable> onFailure;

  /** Confined to the thread. */
  private boolean hasFailed;

  /**
   * @param onFailure hears of the first failure, on the thread
   */
  FailStopThread(ThreadFactory factory, Consumer<Throwable> onFailure) {
    super(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
    this.onFailure = onFailure;
  }

  @Override
  public void execute(Runnable task) {
    super.execute(() -> runUnlessFailed(task));
  }

  private void runUnlessFailed(Runnable task) {
    if (hasFailed) {
      if (task instanceof Future<?> awaited) {
        awaited.cancel(false);
      }
      return;
    }
    try {
      task.run();
    } catch (RuntimeException | Error failure) {
      hasFailed = true;
      onFailure.accept(failure);
    }
  }
}
