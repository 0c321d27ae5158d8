package heartwood.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FailStopThreadTest {
  private final LinkedBlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
  private final FailStopThread thread = new FailStopThread(Thread::new, failures::add);

  @AfterEach
  void close() {
    thread.shutdownNow();
  }

  @Test
  void nothingIsRunBehindATaskThatFailed() throws Exception {
    List<String> done = new ArrayList<>();
    RuntimeException failure = new IllegalStateException("a row is damaged");

    thread.execute(() -> done.add("before"));
    thread.execute(
        () -> {
          throw failure;
        });
    thread.execute(() -> done.add("behind"));
    Future<?> awaited = thread.submit(() -> done.add("submitted"));

    assertThatThrownBy(awaited::get).isInstanceOf(CancellationException.class);
    assertThat(failures).containsExactly(failure);
    thread.shutdown();
    assertThat(thread.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    assertThat(done).containsExactly("before");
  }

  @Test
  void aFailureThatSomebodyWaitsForIsHis() throws Exception {
    Future<?> failing =
        thread.submit(
            () -> {
              throw new IllegalStateException("a row is damaged");
            });

    assertThatThrownBy(failing::get).isInstanceOf(ExecutionException.class);
    assertThat(thread.submit(() -> "goes on").get()).isEqualTo("goes on");
    assertThat(failures).isEmpty();
  }
}
