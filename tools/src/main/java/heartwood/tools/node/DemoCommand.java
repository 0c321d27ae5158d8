package heartwood.tools.node;

import heartwood.server.ServerNode;
import heartwood.tools.cli.LineEditor;
import heartwood.tools.client.ClientOptions;
import heartwood.tools.client.RedisClient;
import heartwood.tools.cluster.ClusterFiles;
import heartwood.tools.console.DurationText;
import heartwood.tools.console.ExitCode;
import heartwood.tools.console.Terminals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code heartwood demo}: a cluster to play with, gone at the end. */
@Command(
    name = "demo",
    description = "Three nodes in one JVM, a little data and a shell; leaves nothing behind.",
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  @Option(names = "--nodes", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int nodeCount = 3;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Keep the data there; a later demo goes on with it.")
  private @Nullable Path givenDirectory;

  @Option(
      names = "--base-port",
      paramLabel = "PORT",
      description = "Node N listens on PORT+N, PORT+100+N and PORT+200+N. Default: 7000.")
  private int basePort = 7000;

  @Option(names = "--no-shell", description = "No prompt; ends with Ctrl-C.")
  private boolean isWithoutShell;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = DurationText.class,
      description = "No prompt; ends after this time, such as 30s.")
  private @Nullable Duration duration;

  @Override
  public Integer call() throws IOException, InterruptedException {
    boolean isTemporary = givenDirectory == null;
    if (givenDirectory == null || !ClusterFiles.exists(givenDirectory)) {
      ClusterFiles.requireFreePorts(nodeCount, basePort);
    }
    Path directory =
        givenDirectory == null ? Files.createTempDirectory("heartwood-demo-") : givenDirectory;
    DemoCluster cluster = new DemoCluster(directory, isTemporary);
    // The one way out, for the end of the shell, for Ctrl-C and for a failure.
    Runtime.getRuntime().addShutdownHook(new Thread(cluster::close, "shutdown"));
    boolean isNew = !ClusterFiles.exists(directory);
    ClusterFiles files =
        isNew ? ClusterFiles.create(directory, nodeCount, basePort) : ClusterFiles.open(directory);
    LogSettings.toFile(directory.resolve("demo.log"));
    cluster.start(files);
    int proxyPort = cluster.nodes().get(0).proxyPort();
    try (RedisClient client = new RedisClient(ClientOptions.of("127.0.0.1", proxyPort))) {
      int commandCount = isNew ? SampleData.write(client) : 0;
      welcome(cluster, directory, isTemporary, commandCount);
      stay(client);
    }
    return ExitCode.OK;
  }

  private void stay(RedisClient client) throws IOException, InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    if (duration != null) {
      never.await(duration.toMillis(), TimeUnit.MILLISECONDS);
    } else if (isWithoutShell || !Terminals.isInput() || !Terminals.isOutput()) {
      never.await();
    } else {
      LineEditor.run(client);
    }
  }

  private static void welcome(
      DemoCluster cluster, Path directory, boolean isTemporary, int commandCount) {
    List<ServerNode> nodes = cluster.nodes();
    System.out.printf(
        """
        %d nodes of Heartwood, node %d leads. Data in %s%s.

          redis-cli -c -p PORT   %s   redirect: for clients that know Redis Cluster
          redis-cli -p PORT      %s   proxy: for all others
        """,
        nodes.size(),
        cluster.leader() + 1,
        directory,
        isTemporary ? ", removed at the end" : "",
        ports(nodes, ServerNode::port),
        ports(nodes, ServerNode::proxyPort));
    if (commandCount > 0) {
      System.out.printf("%n%d commands have written some keys. Try:%n", commandCount);
      System.out.print(
          """

            GET greeting
            SET greeting "written on a majority of disks"
            HGETALL user:1
            SCAN 0 MATCH user:*
            INFO raft

          """);
    } else {
      System.out.println();
    }
    System.out.flush();
  }

  private static String ports(List<ServerNode> nodes, ToIntFunction<ServerNode> port) {
    return String.join(
        " ", nodes.stream().map(node -> String.valueOf(port.applyAsInt(node))).toList());
  }
}
