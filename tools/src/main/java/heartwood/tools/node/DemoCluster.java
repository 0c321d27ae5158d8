package heartwood.tools.node;

import heartwood.server.ServerNode;
import heartwood.server.config.Directives;
import heartwood.server.config.ServerConfig;
import heartwood.tools.cluster.ClusterFiles;
import heartwood.tools.cluster.NodeFiles;
import heartwood.tools.console.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Several nodes in this JVM, over real TCP and LMDB. Started by one thread, closed by any: by the
 * shutdown hook.
 */
final class DemoCluster implements AutoCloseable {
  private static final Duration LEADER_TIMEOUT = Duration.ofSeconds(20);
  private static final int POLL_MILLIS = 10;

  private final Path directory;
  private final boolean isTemporary;
  private final List<ServerNode> nodes = new ArrayList<>();
  private boolean isClosed;

  DemoCluster(Path directory, boolean isTemporary) {
    this.directory = directory;
    this.isTemporary = isTemporary;
  }

  /** Opens the nodes; returns when one of them leads. */
  void start(ClusterFiles files) {
    boolean isBootstrap = !files.isFormed();
    for (NodeFiles node : files.nodes()) {
      ServerConfig config =
          files.config(node).with(Directives.CLUSTER_BOOTSTRAP, isBootstrap);
      synchronized (this) {
        if (isClosed) {
          return;
        }
        nodes.add(ServerNode.start(config, node.config()));
      }
    }
    awaitLeader();
    if (isBootstrap) {
      files.markFormed();
    }
  }

  private void awaitLeader() {
    long deadline = System.nanoTime() + LEADER_TIMEOUT.toNanos();
    while (leader() < 0) {
      if (System.nanoTime() > deadline) {
        throw Failure.unhealthy("no leader after " + LEADER_TIMEOUT.toSeconds() + " s.");
      }
      try {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw Failure.failed("interrupted");
      }
    }
  }

  /** The position of the node that leads, or -1. */
  synchronized int leader() {
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).isLeader()) {
        return i;
      }
    }
    return -1;
  }

  synchronized List<ServerNode> nodes() {
    return List.copyOf(nodes);
  }

  /** Stops the nodes, and leaves nothing behind unless the directory is the user's. */
  @Override
  public synchronized void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    nodes.forEach(ServerNode::close);
    if (isTemporary) {
      delete(directory);
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      System.err.println("cannot remove " + directory + ": " + e.getMessage());
    }
  }
}
