package heartwood.tests.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Several writers at work; half of them follow redirects, half use proxies. */
final class WriterCrew implements AutoCloseable {
  private static final Duration REPLY = Duration.ofSeconds(10);
  private static final Duration PROGRESS = Duration.ofSeconds(30);

  private final Ledger ledger;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final AtomicLong faultNanos = new AtomicLong(Long.MAX_VALUE);
  private final AtomicLong firstAfterFaultNanos = new AtomicLong(Long.MAX_VALUE);
  private volatile boolean isStopped;

  private WriterCrew(Ledger ledger) {
    this.ledger = ledger;
  }

  static WriterCrew start(ClusterRig rig, Ledger ledger, int writerCount, long seed) {
    WriterCrew crew = new WriterCrew(ledger);
    for (int i = 0; i < writerCount; i++) {
      Thread thread = new Thread(new Writer(rig, crew, ledger, i, seed), "writer-" + i);
      thread.setDaemon(true);
      thread.setUncaughtExceptionHandler((t, e) -> crew.failure.compareAndSet(null, e));
      crew.threads.add(thread);
    }
    crew.threads.forEach(Thread::start);
    return crew;
  }

  boolean isStopped() {
    return isStopped;
  }

  Duration replyTimeout() {
    return REPLY;
  }

  void onAcknowledged(long sentNanos) {
    if (sentNanos > faultNanos.get()) {
      firstAfterFaultNanos.accumulateAndGet(System.nanoTime(), Math::min);
    }
  }

  /** Only a write that is sent from now on shows that the cluster serves again. */
  void onFault() {
    firstAfterFaultNanos.set(Long.MAX_VALUE);
    faultNanos.set(System.nanoTime());
  }

  /** Time from the fault to the first acknowledgement of what was sent after it. */
  long outageNanos() {
    return firstAfterFaultNanos.get() - faultNanos.get();
  }

  /** Waits until so many more writes are acknowledged. */
  void awaitAcknowledged(long more) {
    long wanted = ledger.acknowledged() + more;
    Await.until(
        () -> "acknowledged writes: " + wanted + ", " + ledger,
        PROGRESS,
        () -> {
          requireNoFailure();
          return ledger.acknowledged() >= wanted;
        });
  }

  private void requireNoFailure() {
    Throwable cause = failure.get();
    if (cause != null) {
      throw new AssertionError("a writer failed: " + cause.getMessage(), cause);
    }
  }

  /** Stops the writers; what they sent is answered or lost when this returns. */
  @Override
  public void close() {
    isStopped = true;
    for (Thread thread : threads) {
      try {
        thread.join(PROGRESS.toMillis());
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      if (thread.isAlive()) {
        throw new AssertionError(thread.getName() + " hangs");
      }
    }
    requireNoFailure();
  }
}
