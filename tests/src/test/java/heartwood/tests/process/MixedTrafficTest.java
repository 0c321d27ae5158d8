package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/**
 * Clients of one event loop share its batches. A batch of writes that was empty when a batch of
 * reads left must not leave with it: it was proposed twice, once while it grew.
 */
class MixedTrafficTest {
  private static final Duration REPLY = Duration.ofSeconds(20);
  private static final int CLIENTS = 8;
  private static final int COMMANDS = 1000;

  @Test
  void everyIncrementCountsOnceBesideReadersOfTheSameLoop() {
    try (LocalCluster cluster = LocalCluster.of(1, "--io-threads", "1")) {
      int port = cluster.address(1).redirectPort();
      ExecutorService threads = Executors.newCachedThreadPool();
      List<CompletableFuture<Void>> clients = new ArrayList<>();

      for (int i = 0; i < CLIENTS; i++) {
        String command = i % 2 == 0 ? "INCR" : "GET";
        clients.add(CompletableFuture.runAsync(() -> callOneByOne(port, command), threads));
      }

      clients.forEach(CompletableFuture::join);
      threads.shutdown();
      assertThat(cluster.call(1, "GET", "counter"))
          .isEqualTo(Reply.BulkString.utf8("" + COMMANDS * CLIENTS / 2));
    }
  }

  private static void callOneByOne(int port, String command) {
    try (RawConnection connection = RawConnection.open(port, REPLY)) {
      for (int i = 0; i < COMMANDS; i++) {
        assertThat(RawConnection.errorOf(connection.call(command, "counter"))).isNull();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
