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
  private static final int PORTS_PER_NODE = 3;

  private final Path directory;
  private final List<MemberAddress> members;
  private final List<String> moreFlags;

  private ClusterLayout(Path directory, List<MemberAddress> members, List<String> moreFlags) {
    this.directory = directory;
    this.members = members;
    this.moreFlags = moreFlags;
  }

  /** Nodes 1 to N on free ports, in a directory of their own; each gets the flags too. */
  public static ClusterLayout create(int nodeCount, String... moreFlags) {
    List<Integer> ports = FreePorts.find(nodeCount * PORTS_PER_NODE);
    List<MemberAddress> members = new ArrayList<>();
    for (int i = 0; i < nodeCount; i++) {
      int first = i * PORTS_PER_NODE;
      members.add(
          new MemberAddress(
              i + 1, "127.0.0.1", ports.get(first), ports.get(first + 1), ports.get(first + 2), 0));
    }
    try {
      Path directory = Files.createTempDirectory("heartwood-rig");
      return new ClusterLayout(directory, members, List.of(moreFlags));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The members, in the order of their numbers, which begin at 1. */
  public List<MemberAddress> members() {
    return members;
  }

  Path logFile(MemberAddress member) {
    return directory.resolve("node-" + member.id() + ".log");
  }

  Path dataDirectory(MemberAddress member) {
    return directory.resolve("node-" + member.id());
  }

  /** What the server is told at the start of a node, be it the first or a later one. */
  public List<String> flags(MemberAddress member) {
    List<String> flags = new ArrayList<>();
    flags.addAll(List.of("--dir", dataDirectory(member).toString()));
    flags.addAll(List.of("--node-id", "" + member.id(), "--cluster-id", "rig"));
    flags.addAll(List.of("--cluster-bootstrap", "yes", "--cluster-members"));
    members.forEach(each -> flags.add(each.toString()));
    flags.addAll(List.of("--port", "" + member.redirectPort()));
    flags.addAll(List.of("--proxy-port", "" + member.proxyPort()));
    flags.addAll(moreFlags);
    return flags;
  }

  /** Removes everything the nodes have written; none may run. */
  public void delete() {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
