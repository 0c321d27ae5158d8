package heartwood.tools.cluster;

import heartwood.server.config.MemberAddress;
import heartwood.tools.console.ExitCode;
import heartwood.tools.console.Failure;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heartwood cluster}: nodes as processes of this machine, one directory for all. */
@Command(
    name = "cluster",
    description = "Runs a cluster on this machine, one process per node.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Node N of base port B: B+N for clients, B+100+N for clients that follow no redirects,",
      "B+200+N for peers."
    })
public final class ClusterCommand implements Runnable {
  private static final int DEFAULT_NODES = 3;
  private static final int DEFAULT_BASE_PORT = 7000;

  @Spec private @Nullable CommandSpec spec;

  /** Which cluster. */
  static final class Place {
    @Option(
        names = "--dir",
        paramLabel = "DIR",
        required = true,
        description = "The cluster's directory.")
    private Path directory = Path.of("");

    LocalCluster cluster() {
      return new LocalCluster(files());
    }

    ClusterFiles files() {
      return ClusterFiles.open(directory);
    }
  }

  @Override
  public void run() {
    if (spec != null) {
      throw new ParameterException(spec.commandLine(), "cluster what? start, stop, status, …");
    }
  }

  @Command(
      name = "start",
      description = "Starts the nodes that do not run; returns when a leader serves.",
      mixinStandardHelpOptions = true)
  int start(
      @Mixin Place place,
      @Option(names = "--nodes", paramLabel = "N", description = "Nodes of a new cluster: 3.")
          @Nullable Integer nodes,
      @Option(
              names = "--base-port",
              paramLabel = "PORT",
              description = "Ports of a new cluster begin above it: 7000.")
          @Nullable Integer basePort) {
    ClusterFiles files =
        ClusterFiles.exists(place.directory)
            ? known(place, nodes, basePort)
            : fresh(
                place,
                nodes == null ? DEFAULT_NODES : nodes,
                basePort == null ? DEFAULT_BASE_PORT : basePort);
    MemberStatus leader = new LocalCluster(files).start();
    List<String> ports =
        files.members().stream().map(member -> String.valueOf(member.redirectPort())).toList();
    List<String> proxyPorts =
        files.members().stream().map(member -> String.valueOf(member.proxyPort())).toList();
    System.out.printf(
        "%d nodes serve on 127.0.0.1, ports %s (redirect: redis-cli -c) and %s (proxy); %s leads.%n",
        files.nodes().size(),
        String.join(", ", ports),
        String.join(", ", proxyPorts),
        leader.address());
    return ExitCode.OK;
  }

  private static ClusterFiles fresh(Place place, int nodes, int basePort) {
    ClusterFiles.requireFreePorts(nodes, basePort);
    return ClusterFiles.create(place.directory, nodes, basePort);
  }

  /** Nodes and ports of a cluster that exists are what its files say. */
  private static ClusterFiles known(
      Place place, @Nullable Integer nodes, @Nullable Integer basePort) {
    ClusterFiles files = place.files();
    MemberAddress first = files.members().get(0);
    int presentBase = first.redirectPort() - first.id();
    boolean isSame =
        (nodes == null || nodes == files.members().size())
            && (basePort == null || basePort == presentBase);
    if (!isSame) {
      throw Failure.usage(
          files.directory()
              + " holds a cluster of "
              + files.members().size()
              + " nodes with base port "
              + presentBase
              + "; that cannot be changed here.");
    }
    return files;
  }

  @Command(name = "stop", description = "Stops all nodes.", mixinStandardHelpOptions = true)
  int stop(@Mixin Place place) {
    int count = place.cluster().stop();
    System.out.println(count == 0 ? "nothing was running." : count + " nodes have stopped.");
    return ExitCode.OK;
  }

  @Command(
      name = "status",
      description = "Shows the nodes, a line each; exits with 3 if one is unhealthy.",
      mixinStandardHelpOptions = true)
  int status(
      @Mixin Place place,
      @Option(names = "--json", description = "One line of JSON.") boolean isJson) {
    return StatusCommand.show(ClusterStatus.of(place.files()), isJson);
  }

  @Command(
      name = "kill",
      description = "Kills a node as kill -9 does.",
      mixinStandardHelpOptions = true)
  int kill(@Mixin Place place, @Parameters(paramLabel = "N") int node) {
    place.cluster().kill(node);
    return said(node, "is killed");
  }

  @Command(
      name = "restart",
      description = "Starts a node, after stopping it if it runs; returns when it knows a leader.",
      mixinStandardHelpOptions = true)
  int restart(@Mixin Place place, @Parameters(paramLabel = "N") int node) {
    place.cluster().restart(node);
    return said(node, "runs again");
  }

  @Command(
      name = "pause",
      description = "Stops a node's clock, as SIGSTOP does; it keeps its memory and its sockets.",
      mixinStandardHelpOptions = true)
  int pause(@Mixin Place place, @Parameters(paramLabel = "N") int node) {
    place.cluster().pause(node);
    return said(node, "is paused");
  }

  @Command(
      name = "resume",
      description = "Lets a paused node go on.",
      mixinStandardHelpOptions = true)
  int resume(@Mixin Place place, @Parameters(paramLabel = "N") int node) {
    place.cluster().resume(node);
    return said(node, "goes on");
  }

  @Command(
      name = "add",
      description = "Takes in one more node; returns when it votes.",
      mixinStandardHelpOptions = true)
  int add(@Mixin Place place) {
    return said(place.cluster().add(), "runs and votes");
  }

  @Command(
      name = "remove",
      description = "Takes a node out of the cluster and stops it; its files are kept aside.",
      mixinStandardHelpOptions = true)
  int remove(@Mixin Place place, @Parameters(paramLabel = "N") int node) {
    place.cluster().remove(node);
    return said(node, "is no member any more and has stopped");
  }

  private static int said(int node, String what) {
    System.out.println("node " + node + " " + what + ".");
    return ExitCode.OK;
  }
}
