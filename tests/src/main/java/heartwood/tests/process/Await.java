package heartwood.tests.process;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what must become true, and not for longer than it may take. Stateless. */
public final class Await {
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private Await() {}

  /** Returns when the condition holds; fails when it does not within the bound. */
  public static void until(String what, Duration bound, BooleanSupplier condition) {
    until(() -> what, bound, condition);
  }

  /**
   * The same.
   *
   * @param what told when it fails: how far things came
   */
  public static void until(Supplier<String> what, Duration bound, BooleanSupplier condition) {
    long deadline = System.nanoTime() + bound.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("not within " + bound.toMillis() + " ms: " + what.get());
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}
