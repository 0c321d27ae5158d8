package heartwood.tests.process;

import heartwood.server.config.MemberAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Where the nodes of a new cluster keep their data and listen. Immutable. */
public final class ClusterLayout {
  private static final int PORTS_PER_NODE = 4;

  private final Path directory;
  private final boolean isTemporary;
  private final List<MemberAddress> members;
  private final List<Integer> peerPorts;
  private final List<String> moreFlags;

  private ClusterLayout(
      Path directory,
      boolean isTemporary,
      List<MemberAddress> members,
      List<Integer> peerPorts,
      List<String> moreFlags) {
    this.directory = directory;
    this.isTemporary = isTemporary;
    this.members = members;
    this.peerPorts = peerPorts;
    this.moreFlags = moreFlags;
  }

  /** Nodes 1 to N on free ports, in a directory of their own; each gets the flags too. */
  public static ClusterLayout create(int nodeCount, String... moreFlags) {
    try {
      return of(Files.createTempDirectory("heartwood-rig"), true, nodeCount, false, moreFlags);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The same in a directory that stays, where nodes listen for peers elsewhere than their members
   * are told: somebody stands between and maps {@link MemberAddress#peerPort} to {@link #peerPort}.
   */
  public static ClusterLayout mapped(Path directory, int nodeCount, String... moreFlags) {
    return of(directory, false, nodeCount, true, moreFlags);
  }

  private static ClusterLayout of(
      Path directory, boolean isTemporary, int nodeCount, boolean isMapped, String... moreFlags) {
    List<Integer> ports = FreePorts.find(nodeCount * PORTS_PER_NODE);
    List<MemberAddress> members = new ArrayList<>();
    List<Integer> peerPorts = new ArrayList<>();
    for (int i = 0; i < nodeCount; i++) {
      int first = i * PORTS_PER_NODE;
      int told = ports.get(first + 2);
      members.add(
          new MemberAddress(i + 1, "127.0.0.1", ports.get(first), ports.get(first + 1), told, 0));
      peerPorts.add(isMapped ? ports.get(first + 3) : told);
    }
    return new ClusterLayout(directory, isTemporary, members, peerPorts, List.of(moreFlags));
  }

  /** The same with one node more, which is to join. */
  ClusterLayout withOneMore() {
    boolean isMapped = peerPorts.get(0) != members.get(0).peerPort();
    List<Integer> ports = FreePorts.find(PORTS_PER_NODE);
    List<MemberAddress> more = new ArrayList<>(members);
    more.add(
        new MemberAddress(
            members.size() + 1, "127.0.0.1", ports.get(0), ports.get(1), ports.get(2), 0));
    List<Integer> morePeerPorts = new ArrayList<>(peerPorts);
    morePeerPorts.add(isMapped ? ports.get(3) : ports.get(2));
    return new ClusterLayout(directory, isTemporary, more, morePeerPorts, moreFlags);
  }

  /** What a node is told that is to join the cluster. */
  List<String> joiningFlags(MemberAddress member) {
    List<String> flags = new ArrayList<>(flags(member, List.of(member)));
    flags.addAll(List.of("--cluster-join", "yes"));
    return flags;
  }

  /** The members, in the order of their numbers, which begin at 1. */
  public List<MemberAddress> members() {
    return members;
  }

  /** Where a member listens for its peers. */
  public int peerPort(MemberAddress member) {
    return peerPorts.get(member.id() - 1);
  }

  Path logFile(MemberAddress member) {
    return directory.resolve("node-" + member.id() + ".log");
  }

  /** Where a member keeps log and state. */
  public Path dataDirectory(MemberAddress member) {
    return directory.resolve("node-" + member.id());
  }

  /** What the server is told at the start of a node, be it the first or a later one. */
  public List<String> flags(MemberAddress member) {
    List<String> flags = new ArrayList<>(flags(member, members));
    flags.addAll(List.of("--cluster-bootstrap", "yes"));
    return flags;
  }

  private List<String> flags(MemberAddress member, List<MemberAddress> told) {
    List<String> flags = new ArrayList<>();
    flags.addAll(List.of("--dir", dataDirectory(member).toString()));
    flags.addAll(List.of("--node-id", "" + member.id(), "--cluster-id", "rig"));
    flags.add("--cluster-members");
    told.forEach(each -> flags.add(each.toString()));
    flags.addAll(List.of("--port", "" + member.redirectPort()));
    flags.addAll(List.of("--proxy-port", "" + member.proxyPort()));
    if (peerPort(member) != member.peerPort()) {
      flags.addAll(List.of("--cluster-port", "" + peerPort(member)));
    }
    flags.addAll(moreFlags);
    return flags;
  }

  /** Removes everything the nodes have written, unless it is to stay; none may run. */
  public void delete() {
    if (!isTemporary) {
      return;
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
