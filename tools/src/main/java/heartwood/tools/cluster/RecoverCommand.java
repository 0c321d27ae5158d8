package heartwood.tools.cluster;

import heartwood.server.Recovery;
import heartwood.server.StartException;
import heartwood.server.config.ConfigException;
import heartwood.server.config.ConfigReader;
import heartwood.server.config.Directives;
import heartwood.server.config.ServerConfig;
import heartwood.tools.console.ExitCode;
import heartwood.tools.console.Failure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heartwood recover}: a new cluster of one, from a node that survived. */
@Command(
    name = "recover",
    description = "Makes a new cluster out of one node, when most of the old one is lost for good.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Either --dir and --node, of a cluster on this machine, or the CONFIG of a node and",
      "--new-cluster-id. The node must not run, nor may any other of its cluster. Choose, of those",
      "that survived, the one whose log ends last. Other nodes join the new cluster empty. A run",
      "that was cut short is finished by running it again."
    })
public final class RecoverCommand implements Callable<Integer> {
  @Option(names = "--dir", paramLabel = "DIR", description = "Directory of a local cluster.")
  private @Nullable Path directory;

  @Option(names = "--node", paramLabel = "N", description = "The node that survived.")
  private int number;

  @Option(
      names = "--new-cluster-id",
      paramLabel = "NAME",
      description = "The new cluster's name; of a local cluster one is made up.")
  private @Nullable String newClusterId;

  @Option(names = "--yes", description = "Does not ask.")
  private boolean isSure;

  @Parameters(arity = "0..1", paramLabel = "CONFIG", description = "A node's configuration.")
  private @Nullable Path configFile;

  private final BufferedReader answers;

  /** Asks whoever sits before the terminal. */
  public RecoverCommand() {
    this(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
  }

  /**
   * @param answers what is typed
   */
  RecoverCommand(BufferedReader answers) {
    this.answers = answers;
  }

  @Override
  public Integer call() {
    Path local = directory;
    Path file = configFile;
    String name = newClusterId;
    try {
      if (local != null && file == null && number > 0) {
        recoverLocal(ClusterFiles.open(local), name);
      } else if (local == null && file != null && name != null) {
        recover(ConfigReader.read(file), name);
        System.out.printf(
            "%s must say from now on: cluster-id %s, and in cluster-members this node alone.%n",
            file, name);
      } else {
        throw Failure.usage("either --dir DIR --node N, or CONFIG --new-cluster-id NAME");
      }
      return ExitCode.OK;
    } catch (ConfigException e) {
      throw Failure.usage(e.reason());
    } catch (StartException e) {
      throw Failure.failed(String.valueOf(e.getMessage()));
    }
  }

  private static String madeUp() {
    return "local-" + UUID.randomUUID().toString().substring(0, 8);
  }

  private void recoverLocal(ClusterFiles files, @Nullable String wanted) {
    NodeFiles survivor = files.node(number);
    for (NodeFiles node : files.nodes()) {
      if (NodeProcess.of(node).isPresent()) {
        throw Failure.failed(
            "node "
                + node.number()
                + " runs: stop it first. Where a majority still runs, cluster remove is what you"
                + " want.");
      }
    }
    String name = recover(files.config(survivor), wanted);
    files.leaveAlone(survivor, name);
    System.out.printf(
        "node %d is cluster %s, alone. Start it with heartwood cluster start --dir %s, and take"
            + " in others with heartwood cluster add; what the lost nodes had is kept beside.%n",
        number, name, files.directory());
  }

  /**
   * Recovers, or finishes what an earlier run has begun.
   *
   * @param wanted null: the name that the earlier run gave, or one made up
   * @return the new cluster's name
   */
  private String recover(ServerConfig config, @Nullable String wanted) {
    Recovery recovery = Recovery.of(config);
    String begun = recovery.begunAs();
    String unasked = begun == null ? madeUp() : begun;
    String name = wanted == null ? unasked : wanted;
    if (begun == null && config.get(Directives.CLUSTER_ID).equals(name)) {
      throw Failure.usage("--new-cluster-id " + name + " is the name of the old cluster");
    }
    recovery.plan(name).forEach(System.out::println);
    if (!isSure && !confirms(name)) {
      throw Failure.failed("nothing was changed.");
    }
    recovery.carryOut(name);
    return name;
  }

  private boolean confirms(String name) {
    System.out.print("Type the new cluster's name to go on: ");
    System.out.flush();
    try {
      return name.equals(answers.readLine());
    } catch (IOException e) {
      return false;
    }
  }
}
