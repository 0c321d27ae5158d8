package heartwood.tests.compat;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.tests.process.Await;
import io.lettuce.core.RedisException;
import java.time.Duration;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import redis.clients.jedis.exceptions.JedisException;

/**
 * An application that counts with INCR through a client library, and notes what the library throws
 * at it. One thread of its own.
 *
 * <p>Allowed are: an error that says that nothing was executed, UNCERTAIN, and the loss of a
 * connection, which says as little. A library that sends a command again by itself after losing the
 * connection may count twice; so the count is bounded from below only where it does that.
 */
final class ApplicationLoop {
  private static final Duration PROGRESS = Duration.ofSeconds(40);
  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final String name;
  private final LongSupplier increment;
  private final AtomicInteger successes = new AtomicInteger();
  private final TreeMap<String, Integer> errors = new TreeMap<>();
  private final Thread thread = new Thread(this::run, "application");
  private volatile boolean isStopped;

  ApplicationLoop(String name, LongSupplier increment) {
    this.name = name;
    this.increment = increment;
  }

  void start() {
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    long last = 0;
    while (!isStopped) {
      try {
        long value = increment.getAsLong();
        assertThat(value).as("counter").isGreaterThan(last);
        last = value;
        successes.incrementAndGet();
      } catch (JedisException | RedisException e) {
        note(e);
      } catch (AssertionError e) {
        note(e);
      }
      LockSupport.parkNanos(REST_NANOS);
    }
  }

  private void note(Throwable e) {
    String what = e.getClass().getSimpleName() + ": " + e.getMessage();
    synchronized (errors) {
      errors.merge(what, 1, Integer::sum);
    }
  }

  void awaitSuccesses(int more) {
    int wanted = successes.get() + more;
    Await.until(() -> wanted + " successes: " + this, PROGRESS, () -> successes.get() >= wanted);
  }

  void stop() {
    isStopped = true;
    try {
      thread.join(PROGRESS.toMillis());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  void requireOnlyWhatTheCertaintyRuleAllows() {
    synchronized (errors) {
      assertThat(errors.keySet())
          .allMatch(
              error ->
                  error.contains("CLUSTERDOWN")
                      || error.contains("UNCERTAIN")
                      || error.startsWith("JedisConnectionException")
                      || error.startsWith("JedisClusterOperationException")
                      || error.startsWith("RedisConnectionException")
                      || error.startsWith("RedisCommandTimeoutException")
                      || error.startsWith("RedisException: Connection")
                      || error.endsWith("Connection reset by peer"));
    }
  }

  /** Nothing acknowledged is missing. */
  void requireCount(long value) {
    assertThat(value).as("counter, " + this).isGreaterThanOrEqualTo(successes.get());
  }

  String untilAnswered(Supplier<String> read) {
    String[] answer = new String[1];
    Await.until(
        "a read is answered",
        PROGRESS,
        () -> {
          try {
            answer[0] = read.get();
            return true;
          } catch (JedisException | RedisException e) {
            return false;
          }
        });
    return answer[0];
  }

  @Override
  public String toString() {
    synchronized (errors) {
      return name + ": successes=" + successes + " errors=" + errors;
    }
  }
}
