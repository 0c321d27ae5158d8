package heartwood.tools.cluster;

import heartwood.resp.Reply;
import heartwood.server.config.MemberAddress;
import heartwood.tools.client.ClientOptions;
import heartwood.tools.client.RedisClient;
import heartwood.tools.console.Failure;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The nodes of one directory: started, stopped, killed, paused. Confined. */
final class LocalCluster {
  private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration ASK_TIMEOUT = Duration.ofSeconds(2);
  private static final int POLL_MILLIS = 50;
  private static final int LAST_WORDS_LINES = 8;

  private final ClusterFiles files;

  LocalCluster(ClusterFiles files) {
    this.files = files;
  }

  /** Starts the nodes that do not run; returns when a leader serves. */
  MemberStatus start() {
    List<NodeFiles> idle =
        files.nodes().stream().filter(node -> NodeProcess.of(node).isEmpty()).toList();
    idle.forEach(this::requireFreePorts);
    boolean isBootstrap = !files.isFormed();
    List<NodeFiles> started = new ArrayList<>();
    try {
      for (NodeFiles node : idle) {
        NodeProcess.start(node, isBootstrap);
        started.add(node);
      }
      MemberStatus leader = awaitLeader(started);
      if (isBootstrap) {
        files.markFormed();
      }
      return leader;
    } catch (Failure e) {
      started.forEach(node -> NodeProcess.of(node).ifPresent(ProcessHandle::destroyForcibly));
      throw e;
    }
  }

  private void requireFreePorts(NodeFiles node) {
    for (MemberAddress member : files.members()) {
      if (member.id() == node.number()) {
        FreePorts.require(member, ".");
      }
    }
  }

  /** Starts one node; returns when it follows a leader, or leads. */
  void restart(int number) {
    NodeFiles node = files.node(number);
    NodeProcess.of(node).ifPresent(process -> stop(node, process));
    requireFreePorts(node);
    NodeProcess.start(node, !files.isFormed());
    ClientOptions address = files.client(node);
    await(
        List.of(node),
        "node " + number + " knows no leader",
        () -> {
          MemberStatus status = MemberStatus.ask(address.withTimeout(ASK_TIMEOUT));
          return status.hasLeader() ? Optional.of(status) : Optional.empty();
        });
  }

  private MemberStatus awaitLeader(List<NodeFiles> started) {
    return await(
        started,
        "no leader",
        () -> {
          MemberStatus leader = ClusterStatus.of(files).leader();
          return leader != null && serves(leader) ? Optional.of(leader) : Optional.empty();
        });
  }

  /** A linearizable read proves what a role only claims. */
  private boolean serves(MemberStatus leader) {
    ClientOptions options =
        files.clients().get(0).at(leader.host(), leader.port()).withTimeout(ASK_TIMEOUT);
    try (RedisClient client = new RedisClient(options)) {
      return client.call("EXISTS", "heartwood") instanceof Reply.IntegerReply;
    } catch (IOException e) {
      return false;
    }
  }

  private interface Attempt {
    Optional<MemberStatus> make();
  }

  /** Tries until it succeeds, a started process ends or the time is up. */
  private MemberStatus await(List<NodeFiles> started, String complaint, Attempt attempt) {
    long deadline = System.nanoTime() + READY_TIMEOUT.toNanos();
    while (true) {
      Optional<MemberStatus> result = attempt.make();
      if (result.isPresent()) {
        return result.get();
      }
      for (NodeFiles node : started) {
        if (NodeProcess.of(node).isEmpty()) {
          throw Failure.failed(
              "node "
                  + node.number()
                  + " has ended. Its last words, from "
                  + node.log()
                  + ":\n"
                  + NodeProcess.lastWords(node, LAST_WORDS_LINES));
        }
      }
      if (System.nanoTime() > deadline) {
        throw Failure.unhealthy(
            complaint
                + " after "
                + READY_TIMEOUT.toSeconds()
                + " s; see "
                + files.directory()
                + "/node-*/node.log.");
      }
      pause();
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.failed("interrupted");
    }
  }

  /** Stops all nodes that run; returns how many. */
  int stop() {
    List<NodeFiles> running =
        files.nodes().stream().filter(node -> NodeProcess.of(node).isPresent()).toList();
    // All are asked before any is waited for: without a majority no hand-over can succeed.
    running.forEach(node -> NodeProcess.of(node).ifPresent(LocalCluster::askToStop));
    running.forEach(node -> NodeProcess.of(node).ifPresent(process -> stop(node, process)));
    return running.size();
  }

  /** A paused process would not hear. */
  private static void askToStop(ProcessHandle process) {
    NodeProcess.signal(process, "CONT");
    process.destroy();
  }

  private static void stop(NodeFiles node, ProcessHandle process) {
    askToStop(process);
    if (!ends(process, STOP_TIMEOUT)) {
      System.err.println(
          "node "
              + node.number()
              + " has not stopped in "
              + STOP_TIMEOUT.toSeconds()
              + " s; killing it.");
      kill(process);
    }
  }

  /** kill -9. */
  void kill(int number) {
    kill(running(number));
  }

  private static void kill(ProcessHandle process) {
    process.destroyForcibly();
    ends(process, STOP_TIMEOUT);
  }

  void pause(int number) {
    NodeProcess.signal(running(number), "STOP");
  }

  void resume(int number) {
    NodeProcess.signal(running(number), "CONT");
  }

  private ProcessHandle running(int number) {
    return NodeProcess.of(files.node(number))
        .orElseThrow(() -> Failure.failed("node " + number + " does not run."));
  }

  private static boolean ends(ProcessHandle process, Duration timeout) {
    CompletableFuture<ProcessHandle> end = process.onExit();
    try {
      end.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return !process.isAlive();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.failed("interrupted");
    }
  }
}
