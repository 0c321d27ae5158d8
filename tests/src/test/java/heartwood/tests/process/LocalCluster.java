package heartwood.tests.process;

import heartwood.resp.Reply;
import heartwood.server.ServerNode;
import heartwood.server.config.ConfigException;
import heartwood.server.config.ConfigReader;
import heartwood.server.config.MemberAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Nodes 1 to N in this JVM, over real TCP and LMDB, each by a clock of its own. Confined. */
final class LocalCluster implements AutoCloseable {
  private static final Duration BOUND = Duration.ofSeconds(30);

  private final ClusterLayout layout;
  private final List<SteppedClock> clocks = new ArrayList<>();
  private final Map<Integer, ServerNode> nodes = new TreeMap<>();

  private LocalCluster(ClusterLayout layout) {
    this.layout = layout;
  }

  static LocalCluster of(int nodeCount, String... moreFlags) {
    LocalCluster cluster = new LocalCluster(ClusterLayout.create(nodeCount, moreFlags));
    try {
      for (int node = 1; node <= nodeCount; node++) {
        cluster.clocks.add(new SteppedClock());
        cluster.start(node);
      }
      cluster.awaitLeader();
      return cluster;
    } catch (RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
  }

  void start(int node) {
    try {
      nodes.put(
          node,
          ServerNode.start(
              ConfigReader.read(layout.flags(address(node))), null, clocks.get(node - 1)));
    } catch (ConfigException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Stops a node in good order; a leader hands over first. */
  void stop(int node) {
    ServerNode leaving = nodes.remove(node);
    if (leaving != null) {
      leaving.close();
    }
  }

  SteppedClock clock(int node) {
    return clocks.get(node - 1);
  }

  MemberAddress address(int node) {
    return layout.members().get(node - 1);
  }

  int leader() {
    return nodes.entrySet().stream()
        .filter(entry -> entry.getValue().isLeader())
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(0);
  }

  int awaitLeader() {
    Await.until("a leader", BOUND, () -> leader() != 0);
    return leader();
  }

  /** Stops and starts nodes until the one that is wanted leads. */
  void makeLeader(int wanted) {
    Await.until(
        "node " + wanted + " leads",
        BOUND,
        () -> {
          int leader = awaitLeader();
          if (leader != wanted) {
            stop(leader);
            awaitLeader();
            start(leader);
          }
          return leader == wanted;
        });
  }

  /** Asks through a node's proxy port, again while there is no leader. */
  Reply call(int node, String... words) {
    Reply[] reply = new Reply[1];
    Await.until(
        () -> String.join(" ", words) + ": " + reply[0],
        BOUND,
        () -> {
          try (RawConnection connection = connect(node)) {
            reply[0] = connection.call(words);
            return RawConnection.errorOf(reply[0]) == null;
          } catch (IOException e) {
            return false;
          }
        });
    return reply[0];
  }

  long integer(int node, String... words) {
    return ((Reply.IntegerReply) call(node, words)).value();
  }

  /** A connection to a node's proxy port. */
  RawConnection connect(int node) throws IOException {
    return RawConnection.open(address(node).proxyPort(), BOUND);
  }

  /** The fields of a section of INFO. */
  Map<String, String> info(int node, String section) {
    return ClusterRig.linesOf(call(node, "INFO", section));
  }

  @Override
  public void close() {
    nodes.values().forEach(ServerNode::close);
    layout.delete();
  }
}
