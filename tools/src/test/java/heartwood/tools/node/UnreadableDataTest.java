package heartwood.tools.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.server.ServerNode;
import heartwood.server.StartException;
import heartwood.server.config.ConfigReader;
import heartwood.server.config.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node whose files are no LMDB any more says what is lost and what to do, and touches nothing.
 */
class UnreadableDataTest {
  private final Path directory;
  private final ServerConfig config;

  UnreadableDataTest(@TempDir Path directory) throws Exception {
    this.directory = directory;
    this.config = ConfigReader.read(List.of("--port", "0", "--dir", directory.toString()));
    ServerNode.start(config, null).close();
  }

  /** Overwrites both of LMDB's meta pages. */
  private static byte[] ruin(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, 0, 2 * 4096, (byte) 0x55);
    Files.write(file, bytes);
    return bytes;
  }

  @Test
  void aNodeThatHasLostItsLogMustNotComeBackAndSaysSo() throws IOException {
    Path file = directory.resolve("log/data.mdb");
    byte[] ruined = ruin(file);

    assertThatThrownBy(() -> ServerNode.start(config, null))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("the log cannot be read")
        .hasMessageContaining("heartwood cluster remove 1")
        .hasMessageContaining("heartwood recover");

    assertThat(Files.readAllBytes(file)).isEqualTo(ruined);
  }

  @Test
  void aNodeThatHasLostItsStateServesNothingOfItAndSaysSo() throws IOException {
    Path state = directory.resolve("state");
    Path file =
        state.resolve(Files.readString(state.resolve("CURRENT")).strip()).resolve("data.mdb");
    byte[] ruined = ruin(file);

    assertThatThrownBy(() -> ServerNode.start(config, null))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("the state cannot be used")
        .hasMessageContaining("The log and the votes are sound.");

    assertThat(Files.readAllBytes(file)).isEqualTo(ruined);
  }
}
