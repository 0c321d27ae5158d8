package heartwood.tools.node;

import heartwood.resp.Reply;
import heartwood.server.ServerNode;
import heartwood.server.config.Directives;
import heartwood.server.config.ServerConfig;
import heartwood.tools.client.ClientOptions;
import heartwood.tools.client.RedisClient;
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
import java.util.stream.Stream;

/**
 * Several nodes in this JVM, over real TCP and LMDB. Started by one thread, closed by any: by the
 * shutdown hook.
 */
final class DemoCluster implements AutoCloseable {
  private static final Duration SERVICE_TIMEOUT = Duration.ofSeconds(20);

  private final Path directory;
  private final boolean isTemporary;
  private final List<ServerNode> nodes = new ArrayList<>();
  private boolean isClosed;

  DemoCluster(Path directory, boolean isTemporary) {
    this.directory = directory;
    this.isTemporary = isTemporary;
  }

  /** Opens the nodes; returns when a leader serves. */
  void start(ClusterFiles files) {
    boolean isBootstrap = !files.isFormed();
    for (NodeFiles node : files.nodes()) {
      ServerConfig config = files.config(node).with(Directives.CLUSTER_BOOTSTRAP, isBootstrap);
      synchronized (this) {
        if (isClosed) {
          return;
        }
        ServerNode started = ServerNode.start(config, node.config());
        started.onConfigChange(LogSettings::applyLevel);
        nodes.add(started);
      }
    }
    awaitService();
    if (isBootstrap) {
      files.markFormed();
    }
  }

  /** A node may believe that it leads before a majority agrees: an answered read proves it. */
  private void awaitService() {
    int port = nodes().get(0).proxyPort();
    long deadline = System.nanoTime() + SERVICE_TIMEOUT.toNanos();
    try (RedisClient client = new RedisClient(ClientOptions.of("127.0.0.1", port))) {
      Reply reply = client.call("EXISTS", "greeting");
      while (!(reply instanceof Reply.IntegerReply)) {
        if (System.nanoTime() > deadline) {
          throw Failure.unhealthy(
              "no leader after " + SERVICE_TIMEOUT.toSeconds() + " s: " + reply);
        }
        reply = client.call("EXISTS", "greeting"); // The node has waited before it said no.
      }
    } catch (IOException e) {
      throw Failure.failed("node 1 does not answer: " + e.getMessage());
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
    nodes.forEach(DemoCluster::close);
    if (isTemporary) {
      delete(directory);
    }
  }

  /** The others are to be closed even if one cannot be. */
  private static void close(ServerNode node) {
    try {
      node.close();
    } catch (RuntimeException e) {
      System.err.println("the node on port " + node.port() + " did not stop cleanly: " + e);
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
