package heartwood.tests.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One connection's commands are executed and answered in the order sent, whoever leads. */
class PipelineTest {
  private static final Duration PROGRESS = Duration.ofSeconds(40);
  private static final int CHANGES = Integer.getInteger("changes", 4);
  private static final long SEED = Long.getLong("seed", System.nanoTime());

  @RegisterExtension final RunningCluster cluster = new RunningCluster(3);

  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  @Test
  void deepPipelinesAreAnsweredInOrderWhileLeadersChange() throws InterruptedException {
    ClusterRig rig = cluster.rig();
    int leader = rig.awaitLeader();
    int follower = rig.follower();
    List<PipelineClient> clients =
        List.of(
            new PipelineClient(rig, "leader", rig.address(leader).redirectPort(), false, SEED),
            new PipelineClient(rig, "proxy", rig.address(follower).proxyPort(), true, SEED + 1));
    List<Thread> threads = start(clients);

    for (int change = 0; change < CHANGES; change++) {
      awaitReplies(clients, 5000);
      changeLeader(rig, change);
      awaitReplies(clients, 1000);
    }

    clients.forEach(PipelineClient::stop);
    for (Thread thread : threads) {
      thread.join(PROGRESS.toMillis());
    }
    requireNoFailure();
    rig.requireEqualDigests();
    System.out.println(clients + ", leader changes " + CHANGES + ", seed " + SEED);
  }

  /** redisraft#25 to #27: replies went to another client of the proxy's one link to the leader. */
  @Test
  void clientsThatShareAProxyHearOnlyTheirOwn() throws InterruptedException {
    ClusterRig rig = cluster.rig();
    rig.awaitLeader();
    int proxy = rig.address(rig.follower()).proxyPort();
    List<PipelineClient> clients = new ArrayList<>();
    for (int i = 1; i <= 8; i++) {
      clients.add(new PipelineClient(rig, "sharer" + i, proxy, true, SEED + i));
    }
    List<Thread> threads = start(clients);

    awaitReplies(clients, 500);
    changeLeader(rig, 2); // It dies with replies half on their way.
    awaitReplies(clients, 500);

    clients.forEach(PipelineClient::stop);
    for (Thread thread : threads) {
      thread.join(PROGRESS.toMillis());
    }
    requireNoFailure();
    rig.requireEqualDigests();
  }

  private List<Thread> start(List<PipelineClient> clients) {
    List<Thread> threads = new ArrayList<>();
    for (PipelineClient client : clients) {
      Thread thread = new Thread(client, "pipeline");
      thread.setDaemon(true);
      thread.setUncaughtExceptionHandler((t, e) -> failure.compareAndSet(null, e));
      thread.start();
      threads.add(thread);
    }
    return threads;
  }

  /** By death, by silence, by farewell. */
  private static void changeLeader(ClusterRig rig, int change) {
    int leader = rig.awaitLeader();
    long term = rig.term(leader);
    switch (change % 3) {
      case 0 -> {
        rig.pause(leader);
        rig.awaitLeaderAfter(term);
        rig.resume(leader);
      }
      case 1 -> {
        rig.terminate(leader);
        rig.awaitLeaderAfter(term);
        rig.restart(leader);
      }
      default -> {
        rig.kill(leader);
        rig.awaitLeaderAfter(term);
        rig.restart(leader);
      }
    }
    rig.awaitAllAnswering();
  }

  private void awaitReplies(List<PipelineClient> clients, long more) {
    for (PipelineClient client : clients) {
      long wanted = client.replies() + more;
      Await.until(
          () -> "replies: " + wanted + ", " + client,
          PROGRESS,
          () -> {
            requireNoFailure();
            return client.replies() >= wanted;
          });
    }
  }

  private void requireNoFailure() {
    Throwable cause = failure.get();
    if (cause != null) {
      throw new AssertionError("seed " + SEED + ": " + cause.getMessage(), cause);
    }
  }
}
