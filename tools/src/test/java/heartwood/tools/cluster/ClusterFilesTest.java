package heartwood.tools.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.server.config.Directives;
import heartwood.server.config.MemberAddress;
import heartwood.server.config.NetworkRules;
import heartwood.server.config.ServerConfig;
import heartwood.tools.console.ExitCode;
import heartwood.tools.console.Failure;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterFilesTest {
  private final Path directory;

  ClusterFilesTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void portsFollowFromTheBasePortAndTheNumber() {
    ClusterFiles files = ClusterFiles.create(directory, 3, 7000);

    assertThat(files.members())
        .containsExactly(
            new MemberAddress(1, "127.0.0.1", 7001, 7101, 7201, 0),
            new MemberAddress(2, "127.0.0.1", 7002, 7102, 7202, 0),
            new MemberAddress(3, "127.0.0.1", 7003, 7103, 7203, 0));
  }

  @Test
  void aNodeIsToldWhatItNeedsToStart() {
    Path strange = directory.resolve("a \"strange\" \\ name");
    ClusterFiles files = ClusterFiles.create(strange, 3, 7000);

    ServerConfig config = files.config(files.node(2));

    assertThat(config.get(Directives.NODE_ID)).isEqualTo(2);
    assertThat(config.get(Directives.PORT)).isEqualTo(7002);
    assertThat(config.get(Directives.DIR)).isEqualTo(strange.resolve("node-2/data").toString());
    assertThat(config.get(Directives.CLUSTER_BOOTSTRAP)).isFalse();
    assertThat(NetworkRules.reasonsNotToStart(config)).isEmpty();
  }

  @Test
  void whatWasWrittenIsFoundAgain() {
    ClusterFiles created = ClusterFiles.create(directory, 5, 7000);

    ClusterFiles opened = ClusterFiles.open(directory);

    assertThat(opened.nodes()).isEqualTo(created.nodes()).hasSize(5);
    assertThat(opened.members()).isEqualTo(created.members());
  }

  @Test
  void aClusterIsFormedOnce() {
    ClusterFiles files = ClusterFiles.create(directory, 3, 7000);
    assertThat(files.isFormed()).isFalse();

    files.markFormed();

    assertThat(ClusterFiles.open(directory).isFormed()).isTrue();
  }

  @Test
  void mistakesOfTheUserAreUsage() {
    assertUsage(() -> ClusterFiles.create(directory, 0, 7000), "--nodes 0 (expected: 1..9)");
    assertUsage(() -> ClusterFiles.create(directory, 10, 7000), "--nodes 10 (expected: 1..9)");
    assertUsage(
        () -> ClusterFiles.create(directory, 3, 65_400), "--base-port 65400 (expected: 1..65326)");
    ClusterFiles files = ClusterFiles.create(directory, 3, 7000);
    assertUsage(() -> files.node(4), "there is no node 4 in " + directory);
  }

  private static void assertUsage(Runnable mistake, String message) {
    assertThatThrownBy(mistake::run)
        .isInstanceOfSatisfying(
            Failure.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessage(message);
  }

  @Test
  void aDirectoryWithoutAClusterIsToldHowToGetOne() {
    assertThatThrownBy(() -> ClusterFiles.open(directory))
        .hasMessage("there is no cluster in " + directory + "; heartwood cluster start makes one.");
  }

  @Test
  void aPortInUseIsNamedWithAnotherToTry() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int basePort = taken.getLocalPort() - 1;

      assertThatThrownBy(() -> ClusterFiles.requireFreePorts(1, basePort))
          .hasMessageContaining("port " + taken.getLocalPort() + ", for node 1, is in use")
          .hasMessageContaining("--base-port ");
    }
  }
}
