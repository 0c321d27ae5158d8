package heartwood.tools.node;

import heartwood.server.ServerNode;
import heartwood.server.config.ConfigException;
import heartwood.server.config.ConfigHelp;
import heartwood.server.config.ConfigReader;
import heartwood.server.config.ServerConfig;
import heartwood.tools.console.ExitCode;
import heartwood.tools.console.Failure;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code heartwood server}: one node, until a signal or a failure ends it. */
@Command(
    name = "server",
    description = "Runs one node.",
    customSynopsis = "heartwood server [CONFIG] [--directive value …]…")
public final class ServerCommand implements Callable<Integer> {
  /** Directives are no options of picocli: their one list is the server's. */
  @Parameters(arity = "0..*")
  private List<String> arguments = List.of();

  @Override
  public Integer call() throws InterruptedException {
    if (arguments.contains("--help") || arguments.contains("-h")) {
      printHelp();
      return ExitCode.OK;
    }
    ServerConfig config = config();
    ServerNode node = start(config, ConfigReader.fileOf(arguments));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(node), "shutdown"));
    node.awaitEnd();
    return node.hasFailed() ? ExitCode.FAILED : ExitCode.OK;
  }

  /** Starts a node whose messages are those that its configuration wants, now and later. */
  static ServerNode start(ServerConfig config, @Nullable Path configFile) {
    LogSettings.apply(config);
    ServerNode node = ServerNode.start(config, configFile);
    node.onConfigChange(LogSettings::applyLevel);
    return node;
  }

  private ServerConfig config() {
    try {
      return ConfigReader.read(arguments);
    } catch (ConfigException e) {
      throw Failure.usage("*** FATAL CONFIG ERROR ***\n" + e.reason());
    }
  }

  /** A node that was told to stop, and did, has not failed: the JVM would say 143. */
  private static void stop(ServerNode node) {
    boolean wasFailing = node.hasFailed();
    node.close();
    if (!wasFailing) {
      Runtime.getRuntime().halt(ExitCode.OK);
    }
  }

  private static void printHelp() {
    System.out.println("Usage: heartwood server [CONFIG] [--directive value …]…");
    System.out.println(
        "Runs one node, with a file in the syntax of redis.conf and with flags, which");
    System.out.println("stand above the file. Without members to join it is a cluster of one.");
    System.out.println();
    System.out.print(ConfigHelp.flags());
  }
}
