package heartwood.tools.cluster;

import heartwood.server.config.ConfigException;
import heartwood.server.config.ConfigFile;
import heartwood.server.config.ConfigReader;
import heartwood.server.config.Directives;
import heartwood.server.config.MemberAddress;
import heartwood.server.config.ServerConfig;
import heartwood.tools.client.ClientOptions;
import heartwood.tools.console.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The directory of a local cluster: what its nodes are told. The files are the truth; number of
 * nodes and ports are read from them. Confined.
 *
 * <p>Node N of base port B listens on B+N for clients that follow redirects, on B+100+N for those
 * that do not, and on B+200+N for its peers.
 */
public final class ClusterFiles {
  public static final int MAX_NODES = 9;

  /** Nodes come and go, and no number comes again; the ports of the next kind begin at 100. */
  private static final int MAX_NUMBER = 99;

  private static final int PROXY_OFFSET = 100;
  private static final int PEER_OFFSET = 200;
  private static final int MAX_PORT = 65_535;

  private final Path directory;
  private final List<NodeFiles> nodes;

  private ClusterFiles(Path directory, List<NodeFiles> nodes) {
    this.directory = directory;
    this.nodes = nodes;
  }

  /** Whether there is a cluster in a directory. */
  public static boolean exists(Path directory) {
    return IntStream.rangeClosed(1, MAX_NUMBER)
        .mapToObj(number -> new NodeFiles(number, directory.resolve("node-" + number)))
        .anyMatch(node -> Files.exists(node.config()));
  }

  /** The cluster that is in a directory. */
  public static ClusterFiles open(Path directory) {
    if (!exists(directory)) {
      throw Failure.failed(
          "there is no cluster in " + directory + "; heartwood cluster start makes one.");
    }
    Path absolute = directory.toAbsolutePath().normalize();
    List<NodeFiles> nodes = new ArrayList<>();
    for (int number = 1; number <= MAX_NUMBER; number++) {
      NodeFiles node = new NodeFiles(number, absolute.resolve("node-" + number));
      if (Files.exists(node.config())) {
        nodes.add(node);
      }
    }
    return new ClusterFiles(absolute, List.copyOf(nodes));
  }

  /** Writes the files of a new cluster; nothing is started. */
  public static ClusterFiles create(Path directory, int nodeCount, int basePort) {
    List<MemberAddress> members = members(nodeCount, basePort);
    Path absolute = directory.toAbsolutePath().normalize();
    String clusterId = "local-" + UUID.randomUUID().toString().substring(0, 8);
    try {
      // Node 1, by which the cluster is known to exist, comes last.
      for (int number = nodeCount; number >= 1; number--) {
        NodeFiles node = new NodeFiles(number, absolute.resolve("node-" + number));
        Files.createDirectories(node.directory());
        MemberAddress self = members.get(number - 1);
        Files.write(node.config(), lines(node, clusterId, self, members));
      }
    } catch (IOException e) {
      throw Failure.failed("cannot write to " + absolute + ": " + e);
    }
    return open(absolute);
  }

  /** Whether a new cluster finds its ports free, asked before anything is written. */
  public static void requireFreePorts(int nodeCount, int basePort) {
    int other = basePort < MAX_PORT / 2 ? basePort + 10_000 : 7000;
    String advice = "; choose other ports, for instance with --base-port " + other + ".";
    members(nodeCount, basePort).forEach(member -> FreePorts.require(member, advice));
  }

  private static List<MemberAddress> members(int nodeCount, int basePort) {
    if (nodeCount < 1 || nodeCount > MAX_NODES) {
      throw Failure.usage("--nodes " + nodeCount + " (expected: 1.." + MAX_NODES + ")");
    }
    int maxBasePort = MAX_PORT - PEER_OFFSET - MAX_NODES;
    if (basePort < 1 || basePort > maxBasePort) {
      throw Failure.usage("--base-port " + basePort + " (expected: 1.." + maxBasePort + ")");
    }
    return IntStream.rangeClosed(1, nodeCount)
        .mapToObj(number -> member(number, basePort))
        .toList();
  }

  private static MemberAddress member(int number, int basePort) {
    return new MemberAddress(
        number,
        "127.0.0.1",
        basePort + number,
        basePort + PROXY_OFFSET + number,
        basePort + PEER_OFFSET + number,
        0);
  }

  /** Writes the files of one more node, which is to join; nothing is started. */
  NodeFiles createJoining() {
    int number = 1;
    while (Files.exists(directory.resolve("node-" + number)) || Files.exists(retired(number))) {
      number++; // A number is never given twice: its votes would be forgotten.
    }
    if (number > MAX_NUMBER) {
      throw Failure.failed(
          directory + " has had " + MAX_NUMBER + " nodes: there is no number left");
    }
    ServerConfig first = config(nodes.get(0));
    MemberAddress known = first.get(Directives.CLUSTER_MEMBERS).get(0);
    MemberAddress member = member(number, known.redirectPort() - known.id());
    FreePorts.require(member, ".");
    NodeFiles node = new NodeFiles(number, directory.resolve("node-" + number));
    List<String> lines = lines(node, first.get(Directives.CLUSTER_ID), member, List.of(member));
    lines.add("cluster-join yes");
    if (!first.get(Directives.REQUIREPASS).isEmpty()) {
      lines.add("requirepass " + quoted(first.get(Directives.REQUIREPASS)));
    }
    try {
      Files.createDirectories(node.directory());
      Files.write(node.config(), lines);
    } catch (IOException e) {
      throw Failure.failed("cannot write to " + directory + ": " + e);
    }
    return node;
  }

  private static List<String> lines(
      NodeFiles node, String clusterId, MemberAddress self, List<MemberAddress> members) {
    List<String> lines = new ArrayList<>();
    lines.add("# A node of a local cluster, written by heartwood.");
    lines.add("cluster-id " + clusterId);
    members.forEach(member -> lines.add("cluster-members " + member));
    lines.add("node-id " + self.id());
    lines.add("bind 127.0.0.1");
    lines.add("port " + self.redirectPort());
    lines.add("proxy-port " + self.proxyPort());
    lines.add("dir " + quoted(node.data().toString()));
    return lines;
  }

  private static String quoted(String path) {
    return '"' + path.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  public Path directory() {
    return directory;
  }

  public List<NodeFiles> nodes() {
    return nodes;
  }

  /** One node, by the number that the user gave. */
  NodeFiles node(int number) {
    return nodes.stream()
        .filter(node -> node.number() == number)
        .findFirst()
        .orElseThrow(() -> Failure.usage("there is no node " + number + " in " + directory));
  }

  /** Where the nodes of this directory listen, as each of them is told. */
  public List<MemberAddress> members() {
    return nodes.stream().map(this::address).toList();
  }

  /** Where a node listens. */
  MemberAddress address(NodeFiles node) {
    return config(node).get(Directives.CLUSTER_MEMBERS).stream()
        .filter(member -> member.id() == node.number())
        .findFirst()
        .orElseThrow(
            () -> Failure.failed(node.config() + " does not say where node listens that it is of"));
  }

  private Path retired(int number) {
    return directory.resolve("node-" + number + "-removed");
  }

  /** The node is no member any more: its files are kept under another name. */
  void retire(NodeFiles node) {
    Path retired = retired(node.number());
    try {
      Files.move(node.directory(), retired);
    } catch (IOException e) {
      throw Failure.failed("cannot move " + node.directory() + " to " + retired + ": " + e);
    }
  }

  /**
   * One node is a new cluster, and all that there is of it; the files of the others are kept under
   * other names. To be done again as a whole if it is cut short: the node's own file comes last.
   */
  void leaveAlone(NodeFiles survivor, String clusterId) {
    ServerConfig config = config(survivor);
    MemberAddress self = address(survivor);
    List<String> lines = lines(survivor, clusterId, self, List.of(self));
    if (!config.get(Directives.REQUIREPASS).isEmpty()) {
      lines.add("requirepass " + quoted(config.get(Directives.REQUIREPASS)));
    }
    nodes.stream().filter(node -> node.number() != survivor.number()).forEach(this::retire);
    try {
      ConfigFile.replace(survivor.config(), lines);
    } catch (IOException e) {
      throw Failure.failed("cannot write " + survivor.config() + ": " + e);
    }
  }

  /** How to reach all nodes as a client. */
  List<ClientOptions> clients() {
    return nodes.stream().map(this::client).toList();
  }

  /** How to reach a node as a client. */
  ClientOptions client(NodeFiles node) {
    ServerConfig config = config(node);
    return ClientOptions.of("127.0.0.1", config.get(Directives.PORT))
        .withLogin("", config.get(Directives.REQUIREPASS));
  }

  /** The number of each node, by the address that clients know. */
  Map<String, Integer> numbers() {
    return nodes.stream()
        .collect(Collectors.toMap(node -> client(node).address(), NodeFiles::number));
  }

  /** What a node is told. */
  public ServerConfig config(NodeFiles node) {
    try {
      return ConfigReader.read(node.config());
    } catch (ConfigException e) {
      throw Failure.failed(e.reason());
    }
  }

  /**
   * Whether the cluster has had a leader. From then on a node whose data are gone must not begin
   * anew under its old number, so nothing is bootstrapped again.
   */
  public boolean isFormed() {
    return Files.exists(formed());
  }

  /** Writes down that the cluster has a leader. */
  public void markFormed() {
    try {
      Files.writeString(formed(), "");
    } catch (IOException e) {
      throw Failure.failed("cannot write " + formed() + ": " + e);
    }
  }

  private Path formed() {
    return directory.resolve("formed");
  }
}
