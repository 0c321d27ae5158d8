package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A client that sets and gets one key, command after command, and notes how long the longest took.
 * A thread of its own.
 */
final class WaitProbe implements AutoCloseable {
  private static final long END_MILLIS = 30_000;

  private final RawConnection connection;
  private final Thread thread;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean isStopped;
  private final AtomicLong count = new AtomicLong();
  private final AtomicLong maxNanos = new AtomicLong();

  private WaitProbe(RawConnection connection) {
    this.connection = connection;
    this.thread = new Thread(this::run, "wait-probe");
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler((t, e) -> failure.compareAndSet(null, e));
  }

  /** Takes the connection over. */
  static WaitProbe start(RawConnection connection) {
    WaitProbe probe = new WaitProbe(connection);
    probe.thread.start();
    return probe;
  }

  private void run() {
    try {
      for (int i = 0; !isStopped; i++) {
        String value = "" + i;
        assertThat(timed("SET", "probe", value)).isEqualTo(new Reply.SimpleString("OK"));
        assertThat(timed("GET", "probe")).isIn(Reply.BulkString.utf8(value), Reply.Null.BULK);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Reply timed(String... words) throws IOException {
    long begin = System.nanoTime();
    Reply reply = connection.call(words);
    maxNanos.accumulateAndGet(System.nanoTime() - begin, Math::max);
    count.incrementAndGet();
    return reply;
  }

  long count() {
    return count.get();
  }

  /** The longest wait since the last time this was asked. */
  long takeMaxMillis() {
    return maxNanos.getAndSet(0) / 1_000_000;
  }

  @Override
  public void close() {
    isStopped = true;
    try {
      thread.join(END_MILLIS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    connection.close();
    Throwable cause = failure.get();
    if (cause != null) {
      throw new AssertionError("the probe failed: " + cause.getMessage(), cause);
    }
  }
}
