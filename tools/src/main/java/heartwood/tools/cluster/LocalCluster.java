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
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The nodes of one directory: started, stopped, killed, paused. Confined. */
final class LocalCluster {
  private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration QUIET_TIME = Duration.ofSeconds(5);
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

  /** Takes in one more node; returns its number when it votes. */
  int add() {
    Membership before = new Membership(files);
    before.requireLeader();
    NodeFiles node = files.createJoining();
    NodeProcess.start(node, false);
    ClusterFiles grown = ClusterFiles.open(files.directory());
    Membership membership = new Membership(grown);
    await(
        List.of(node),
        () -> "node " + node.number() + " is not taken in: " + membership.lastError(),
        () -> membership.tries(node.number(), true, "RAFT", "ADD", grown.address(node).toString()));
    await(
        List.of(node),
        () ->
            "node "
                + node.number()
                + " is a member and has not caught up, see RAFT MEMBERS; it goes on",
        () -> membership.isVoter(node.number()));
    return node.number();
  }

  /** Takes a node out and stops it; its files are kept under another name. */
  void remove(int number) {
    NodeFiles node = files.node(number);
    Membership membership = new Membership(files);
    membership.requireLeader();
    await(
        List.of(),
        () -> "node " + number + " is not taken out: " + membership.lastError(),
        () -> membership.tries(number, false, "RAFT", "REMOVE", String.valueOf(number)));
    NodeProcess.of(node).ifPresent(process -> stop(node, process));
    files.retire(node);
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

  private MemberStatus await(List<NodeFiles> started, String complaint, Attempt attempt) {
    List<MemberStatus> result = new ArrayList<>();
    await(
        started,
        () -> complaint,
        () -> {
          attempt.make().ifPresent(result::add);
          return !result.isEmpty();
        });
    return result.get(0);
  }

  /**
   * Tries until it succeeds, a started process ends or the time is up. Whoever waits long is told
   * once for what.
   */
  private void await(List<NodeFiles> started, Supplier<String> complaint, BooleanSupplier attempt) {
    long start = System.nanoTime();
    long deadline = start + READY_TIMEOUT.toNanos();
    boolean isTold = false;
    while (true) {
      if (attempt.getAsBoolean()) {
        return;
      }
      if (!isTold && System.nanoTime() - start > QUIET_TIME.toNanos()) {
        System.err.println("waiting: " + complaint.get());
        isTold = true;
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
            complaint.get()
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
