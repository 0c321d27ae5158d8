package heartwood.tools.cluster;

import heartwood.tools.client.ClientOptions;
import heartwood.tools.console.ExitCode;
import heartwood.tools.console.Failure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code heartwood status}: one line per member. */
@Command(
    name = "status",
    description = "Shows the members of a cluster, a line each; exits with 3 if one is unhealthy.",
    mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {
  @Option(
      names = {"-p", "--ports"},
      split = ",",
      paramLabel = "[HOST:]PORT",
      description = "Members to ask; they name the others. Default: 6379.")
  private List<String> addresses = List.of("6379");

  @Option(names = "--dir", paramLabel = "DIR", description = "The directory of a local cluster.")
  private @Nullable Path directory;

  @Option(
      names = {"-a", "--pass"},
      paramLabel = "PASSWORD",
      defaultValue = "${REDISCLI_AUTH:-}",
      description = "Password; or in the environment as REDISCLI_AUTH.")
  private String password = "";

  @Option(names = "--json", description = "One line of JSON.")
  private boolean isJson;

  @Override
  public Integer call() {
    return show(ClusterStatus.ask(targets()), isJson);
  }

  static int show(ClusterStatus status, boolean isJson) {
    if (isJson) {
      System.out.println(status.json());
    } else {
      System.out.print(status.table());
      System.out.println(status.sentence());
    }
    return status.isHealthy() ? ExitCode.OK : ExitCode.UNHEALTHY;
  }

  private List<ClientOptions> targets() {
    if (directory != null) {
      return LocalCluster.addresses(ClusterFiles.open(directory), password);
    }
    List<ClientOptions> targets = new ArrayList<>();
    for (String address : addresses) {
      int colon = address.lastIndexOf(':');
      String host = colon < 0 ? "127.0.0.1" : address.substring(0, colon);
      String port = address.substring(colon + 1);
      if (!port.matches("\\d{1,5}")) {
        throw Failure.usage("-p '" + address + "' (expected: PORT or HOST:PORT)");
      }
      targets.add(ClientOptions.of(host, Integer.parseInt(port)).withLogin("", password));
    }
    return targets;
  }
}
