package heartwood.tests.process;

import heartwood.resp.Bytes;
import heartwood.resp.Reply;
import heartwood.server.config.MemberAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of processes in a directory of its own: nodes 1 to N. What it starts it ends, and what
 * it writes it removes, when it is closed or when this JVM ends.
 *
 * <p>Steered by one thread; {@link #connect} and {@link #info} may be called by any.
 */
public final class ClusterRig implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofSeconds(1);
  private static final Duration REPLY = Duration.ofSeconds(10);
  private static final int LOG_TAIL_LINES = 60;

  private ClusterLayout layout;
  private final List<NodeProcess> nodes = new CopyOnWriteArrayList<>();

  /** Those that were members once. */
  private final Set<Integer> gone = ConcurrentHashMap.newKeySet();

  private final Thread atExit = new Thread(this::killAll, "rig");

  private ClusterRig(ClusterLayout layout) {
    this.layout = layout;
    for (MemberAddress member : layout.members()) {
      nodes.add(new NodeProcess(member, layout.logFile(member), layout.flags(member)));
    }
  }

  /** Starts so many nodes as a new cluster; returns when one of them leads. */
  public static ClusterRig start(int nodeCount, String... moreFlags) {
    return start(ClusterLayout.create(nodeCount, moreFlags));
  }

  /** Starts the nodes of a layout as a new cluster; returns when one of them leads. */
  public static ClusterRig start(ClusterLayout layout) {
    ClusterRig rig = new ClusterRig(layout);
    Runtime.getRuntime().addShutdownHook(rig.atExit);
    try {
      rig.nodes.forEach(NodeProcess::start);
      rig.awaitAllAnswering();
      rig.awaitLeader();
      return rig;
    } catch (RuntimeException | Error e) {
      System.err.println(rig.describe());
      rig.close();
      throw e;
    }
  }

  /** How many nodes there have been. */
  public int size() {
    return nodes.size();
  }

  /** Whether a node takes part, as far as this rig was told. */
  public boolean isMember(int node) {
    return !gone.contains(node);
  }

  /** The numbers of those that take part, as far as this rig was told. Any thread. */
  public List<Integer> members() {
    return nodes.stream().map(node -> node.address().id()).filter(this::isMember).toList();
  }

  /** Where they listen. Any thread. */
  public List<MemberAddress> memberAddresses() {
    return nodes.stream().map(NodeProcess::address).filter(node -> isMember(node.id())).toList();
  }

  /** Where a node listens for its peers: elsewhere than it says, if somebody stands between. */
  public int peerPort(int node) {
    return layout.peerPort(address(node));
  }

  /** Starts one node more, which waits to be taken in; returns its number. */
  public int startJoining() {
    layout = layout.withOneMore();
    MemberAddress member = layout.members().get(nodes.size());
    NodeProcess node = new NodeProcess(member, layout.logFile(member), layout.joiningFlags(member));
    nodes.add(node);
    node.start();
    return member.id();
  }

  /** Ends a node that is no member any more. */
  public void retire(int node) {
    gone.add(node);
    process(node).terminate();
  }

  public MemberAddress address(int node) {
    return process(node).address();
  }

  // ---- Faults ----

  /** As kill -9 does. */
  public void kill(int node) {
    process(node).kill();
  }

  /** Kills every node, one right after the other. */
  public void killAll() {
    nodes.parallelStream().forEach(NodeProcess::kill);
  }

  /** Asks a node to stop, as an operator does, and waits until it is gone. */
  public void terminate(int node) {
    process(node).terminate();
  }

  /** Takes a node's processor away: it neither answers nor notices. */
  public void pause(int node) {
    process(node).pause();
  }

  public void resume(int node) {
    process(node).resume();
  }

  /** Starts a node that was killed or terminated, on its own data; does not wait. */
  public void restart(int node) {
    process(node).start();
  }

  // ---- Looking on ----

  /** Where a node keeps its data, running or not. */
  public Path dataDirectory(int node) {
    return layout.dataDirectory(address(node));
  }

  /** Connects to a node's redirect port. */
  public RawConnection connect(int node) throws IOException {
    return RawConnection.open(address(node).redirectPort(), REPLY);
  }

  /** Connects to a node's proxy port. */
  public RawConnection connectProxy(int node) throws IOException {
    return RawConnection.open(address(node).proxyPort(), REPLY);
  }

  /** A section of INFO by its names; empty when the node does not answer. */
  public Map<String, String> info(int node, String section) {
    if (!process(node).shouldAnswer()) {
      return Map.of();
    }
    try (RawConnection connection = RawConnection.open(address(node).redirectPort(), ANSWER)) {
      return linesOf(connection.call("INFO", section));
    } catch (IOException e) {
      return Map.of();
    }
  }

  /** The fields of an answer to INFO. */
  static Map<String, String> linesOf(Reply reply) {
    Bytes text =
        reply instanceof Reply.BulkString bulk
            ? bulk.value()
            : ((Reply.VerbatimString) reply).text();
    Map<String, String> lines = new HashMap<>();
    for (String line : text.utf8().lines().toList()) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        lines.put(line.substring(0, colon), line.substring(colon + 1));
      }
    }
    return lines;
  }

  /** The node that leads, by its own word and with the highest term; 0 when none says so. */
  public int leader() {
    int leader = 0;
    long leaderTerm = 0;
    for (NodeProcess node : nodes) {
      int id = node.address().id();
      Map<String, String> raft = info(id, "raft");
      if ("leader".equals(raft.get("raft_role"))) {
        long term = number(raft, "raft_term");
        if (term > leaderTerm) {
          leaderTerm = term;
          leader = id;
        }
      }
    }
    return leader;
  }

  /** Waits for a leader, of whatever term. */
  public int awaitLeader() {
    return awaitLeaderAfter(0);
  }

  /** Waits for a leader of a later term, and answers which node it is. */
  public int awaitLeaderAfter(long term) {
    int[] leader = new int[1];
    Await.until(
        "a leader of a term above " + term,
        START,
        () -> {
          leader[0] = leader();
          return leader[0] != 0 && term(leader[0]) > term;
        });
    return leader[0];
  }

  /** A node that does not lead, and runs. */
  public int follower() {
    int leader = awaitLeader();
    return nodes.stream()
        .filter(node -> node.shouldAnswer() && node.address().id() != leader)
        .findFirst()
        .orElseThrow()
        .address()
        .id();
  }

  public long term(int node) {
    return number(info(node, "raft"), "raft_term");
  }

  public long appliedIndex(int node) {
    return number(info(node, "raft"), "raft_applied_index");
  }

  /** The first entry that a node's log still holds, or would hold. */
  public long firstLogIndex(int node) {
    return number(info(node, "raft"), "raft_first_log_index");
  }

  public long lastLogIndex(int node) {
    return number(info(node, "raft"), "raft_last_log_index");
  }

  private static long number(Map<String, String> lines, String name) {
    return Long.parseLong(lines.getOrDefault(name, "0"));
  }

  /** Waits until every node that should answers. */
  public void awaitAllAnswering() {
    for (NodeProcess node : nodes) {
      int id = node.address().id();
      Await.until(
          () -> "node " + id + " answers\n" + tail(node),
          START,
          () -> {
            requireRunning(node);
            return !node.shouldAnswer() || !info(id, "raft").isEmpty();
          });
    }
  }

  /** Waits until a connection's node knows a leader that answers. */
  public void awaitServing(RawConnection connection) {
    Await.until(
        "a read is answered",
        START,
        () -> {
          try {
            return RawConnection.errorOf(connection.call("GET", "-")) == null;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /**
   * Waits until all nodes have applied the same index, and fails unless their states are the same.
   */
  public void requireEqualDigests() {
    List<String> seen = new ArrayList<>();
    Await.until(
        () -> "all nodes at one applied index: " + seen,
        START,
        () -> {
          seen.clear();
          nodes.stream()
              .map(node -> node.address().id())
              .filter(this::isMember)
              .forEach(node -> seen.add(state(node)));
          return seen.stream()
                  .map(state -> state.substring(0, state.indexOf(' ')))
                  .distinct()
                  .count()
              == 1;
        });
    if (seen.stream().distinct().count() != 1) {
      throw new AssertionError("states differ at equal index: " + seen);
    }
  }

  /** Applied index and digest, taken at one moment. */
  private String state(int node) {
    Map<String, String> raft = info(node, "raft");
    return raft.isEmpty()
        ? "-" + node + " does not answer"
        : raft.get("raft_applied_index") + " " + raft.get("raft_state_digest");
  }

  /** Fails when a node ended by itself, or logged an error. */
  public void requireHealthy() {
    nodes.forEach(ClusterRig::requireRunning);
    for (NodeProcess node : nodes) {
      int id = node.address().id();
      for (String error : errors(id)) {
        throw new AssertionError("node " + id + " logged: " + error);
      }
    }
  }

  /** The exit code of a node that ended though nobody ended it, else null. */
  public @Nullable Integer unexpectedExit(int node) {
    return process(node).unexpectedExit();
  }

  /** Whether a node was started, and neither ended nor paused by this rig. */
  public boolean shouldAnswer(int node) {
    return process(node).shouldAnswer();
  }

  /** The errors that a node logged, a line each. */
  public List<String> errors(int node) {
    return process(node).log().lines().filter(line -> line.contains(" ERROR ")).toList();
  }

  private static void requireRunning(NodeProcess node) {
    Integer code = node.unexpectedExit();
    if (code != null) {
      throw new AssertionError(
          "node " + node.address().id() + " ended by itself, code " + code + "\n" + tail(node));
    }
  }

  /** What a node has logged, in all its lives. */
  public String log(int node) {
    return process(node).log();
  }

  /** Everything that explains a failure: how consensus stands and the last lines of every log. */
  public String describe() {
    return nodes.stream()
        .map(
            node ->
                "==== node "
                    + node.address()
                    + "\n"
                    + new TreeMap<>(info(node.address().id(), "raft"))
                    + "\n"
                    + tail(node))
        .collect(Collectors.joining("\n"));
  }

  private static String tail(NodeProcess node) {
    List<String> lines = node.log().lines().toList();
    return String.join(
        "\n", lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()));
  }

  private NodeProcess process(int node) {
    return nodes.get(node - 1);
  }

  /** Kills what runs and removes what was written. */
  @Override
  public void close() {
    killAll();
    layout.delete();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook has nothing left to do.
    }
  }
}
