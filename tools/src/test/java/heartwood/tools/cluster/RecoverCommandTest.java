package heartwood.tools.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.resp.Reply;
import heartwood.server.Recovery;
import heartwood.server.ServerNode;
import heartwood.server.StartException;
import heartwood.server.config.ConfigReader;
import heartwood.server.config.Directives;
import heartwood.tools.client.RedisClient;
import heartwood.tools.console.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Two of three nodes are lost for good. Real processes. */
class RecoverCommandTest {
  private static final int KEYS = 200;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Path directory;
  private final ClusterFiles files;

  RecoverCommandTest(@TempDir Path directory) {
    this.directory = directory;
    files = ClusterFiles.create(directory, 3, FreeBasePort.find(3));
  }

  @AfterEach
  void killAll() {
    if (ClusterFiles.exists(directory)) {
      ClusterFiles.open(directory)
          .nodes()
          .forEach(node -> NodeProcess.of(node).ifPresent(ProcessHandle::destroyForcibly));
    }
  }

  @Test
  void aNodeThatSurvivedIsTheBeginningOfANewCluster() throws IOException {
    LocalCluster cluster = new LocalCluster(files);
    cluster.start();
    for (int i = 0; i < KEYS; i++) {
      assertThat(call(files, 1, "SET", "key:" + i, "value:" + i))
          .isEqualTo(new Reply.SimpleString("OK"));
    }
    assertThat(call(files, 1, "WAIT", "2", "10000")).isEqualTo(new Reply.IntegerReply(2));
    assertThat(recover("--dir", directory.toString(), "--node", "2", "--yes"))
        .as("while nodes run")
        .isEqualTo(ExitCode.FAILED);
    for (int node = 1; node <= 3; node++) {
      cluster.kill(node);
    }

    assertThat(recover("--dir", directory.toString(), "--node", "2", "--yes"))
        .isEqualTo(ExitCode.OK);

    ClusterFiles alone = ClusterFiles.open(directory);
    assertThat(alone.nodes()).extracting(NodeFiles::number).containsExactly(2);
    assertThat(directory.resolve("node-1-removed")).isDirectory();
    assertThat(alone.node(2).data().resolve("recoveries.txt")).content().contains("RECOVER n2");
    new LocalCluster(alone).start();
    requireAllKeys(alone, 2);
    assertThat(call(alone, 2, "SET", "later", "1")).isEqualTo(new Reply.SimpleString("OK"));

    assertThat(new LocalCluster(alone).add()).isEqualTo(4);
    assertThat(new LocalCluster(ClusterFiles.open(directory)).add()).isEqualTo(5);
    ClusterFiles three = ClusterFiles.open(directory);
    new LocalCluster(three).kill(2);
    requireAllKeys(three, 5);
    assertThat(new Membership(three).isVoter(1)).isFalse();
    new LocalCluster(three).stop();
  }

  @Test
  void nothingChangesUntilItIsConfirmed() throws IOException {
    new LocalCluster(files).start();
    new LocalCluster(files).stop();
    String before = Files.readString(files.node(1).config());

    String[] phoenix = {
      "--dir", directory.toString(), "--node", "1", "--new-cluster-id", "phoenix"
    };
    assertThat(recoverAfter("", phoenix)).as("nothing typed").isEqualTo(ExitCode.FAILED);
    assertThat(recoverAfter("yes\n", phoenix)).as("not the name").isEqualTo(ExitCode.FAILED);

    assertThat(Files.readString(files.node(1).config())).isEqualTo(before);
    assertThat(files.node(1).data().resolve("log-before-recovery")).doesNotExist();
    assertThat(files.nodes()).allMatch(node -> Files.exists(node.config()));
    new LocalCluster(files).start();
    new LocalCluster(files).stop();

    assertThat(recoverAfter("phoenix\n", phoenix)).isEqualTo(ExitCode.OK);
  }

  /** The process died when the node was recovered and its configuration not told of it yet. */
  @Test
  void aRecoveryThatWasCutShortIsFinishedUnderTheNameThatItHad() throws IOException {
    new LocalCluster(files).start();
    new LocalCluster(files).stop();
    Recovery.of(files.config(files.node(2))).carryOut("phoenix");
    Path data = files.node(2).data();
    Files.delete(data.resolve("recoveries.txt"));

    assertThat(recover("--dir", directory.toString(), "--node", "2", "--yes"))
        .isEqualTo(ExitCode.OK);

    ClusterFiles alone = ClusterFiles.open(directory);
    assertThat(alone.config(alone.node(2)).get(Directives.CLUSTER_ID)).isEqualTo("phoenix");
    assertThat(data.resolve("recoveries.txt")).content().hasLineCount(1).contains("phoenix");
    assertThat(data.resolve("log-before-recovery")).isDirectory();
    assertThat(data.resolve("log-before-recovery-2")).doesNotExist();
    new LocalCluster(alone).start();
    new LocalCluster(alone).stop();
  }

  @Test
  void aLostNodeDoesNotComeBackEvenUnderTheNewName() throws IOException {
    new LocalCluster(files).start();
    new LocalCluster(files).stop();
    assertThat(
            recover(
                "--dir",
                directory.toString(),
                "--node",
                "3",
                "--yes",
                "--new-cluster-id",
                "phoenix"))
        .isEqualTo(ExitCode.OK);

    Path lost = directory.resolve("node-1-removed");
    Path config = lost.resolve("node.conf");
    String told =
        Files.readString(config)
            .replaceAll("cluster-id .*", "cluster-id phoenix")
            .replace("node-1/data", "node-1-removed/data");
    Files.writeString(config, told);

    assertThatThrownBy(() -> ServerNode.start(ConfigReader.read(config), null))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("of another cluster");
  }

  private static int recover(String... arguments) {
    return recoverAfter("", arguments);
  }

  private static int recoverAfter(String typed, String... arguments) {
    return new CommandLine(new RecoverCommand(new BufferedReader(new StringReader(typed))))
        .setExecutionExceptionHandler((e, command, parsed) -> ExitCode.FAILED)
        .execute(arguments);
  }

  private void requireAllKeys(ClusterFiles cluster, int node) throws IOException {
    for (int i = 0; i < KEYS; i++) {
      assertThat(call(cluster, node, "GET", "key:" + i))
          .isEqualTo(Reply.BulkString.utf8("value:" + i));
    }
  }

  private static Reply call(ClusterFiles cluster, int node, String... words) throws IOException {
    int port = cluster.address(cluster.node(node)).proxyPort();
    try (RedisClient client =
        new RedisClient(
            cluster.client(cluster.node(node)).at("127.0.0.1", port).withTimeout(PATIENCE))) {
      return client.call(words);
    }
  }
}
