package heartwood.tools.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.server.DataCheck;
import heartwood.server.ServerNode;
import heartwood.server.StartException;
import heartwood.server.config.ConfigReader;
import heartwood.server.config.ServerConfig;
import heartwood.storage.Directories;
import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.Tables;
import heartwood.storage.TablesReader;
import heartwood.storage.TablesWriter;
import heartwood.storage.checked.CheckedTables;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import heartwood.storage.snapshot.StateDirectory;
import heartwood.tools.client.RespConnection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyCommandTest {
  private static final Duration BOUND = Duration.ofSeconds(10);

  private final Path directory;
  private final ServerConfig config;
  private final List<String> told = new ArrayList<>();

  VerifyCommandTest(@TempDir Path directory) throws Exception {
    this.directory = directory;
    this.config = ConfigReader.read(List.of("--port", "0", "--dir", directory.toString()));
  }

  @Test
  void whatANodeLeftBehindIsSound() throws Exception {
    runNode();

    assertThat(DataCheck.run(config, told::add)).isTrue();

    assertThat(told.get(1)).startsWith("log: entries 1 to ").contains(" are sound");
    assertThat(told.get(2))
        .startsWith("state: rows that hold their checksums: changes 1, current ")
        .contains(", history 2, meta 3, ", "stamps 1, times 1");
    assertThat(told.get(3)).startsWith("state: index ").contains("199 versions of the past, 200");
    assertThat(told).hasSize(4);
  }

  @Test
  void aNodeThatRunsIsNotDisturbed() throws Exception {
    try (ServerNode node = ServerNode.start(config, null)) {
      assertThat(node.hasFailed()).isFalse();

      assertThatThrownBy(() -> DataCheck.run(config, told::add))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("in use");
    }
  }

  @Test
  void aRowOfARevisionThatNeverWasIsFound() throws Exception {
    runNode();
    LmdbOptions options = LmdbOptions.forState();
    try (StateDirectory state = StateDirectory.open(directory.resolve("state"), options);
        LmdbTables lmdb = state.openTables()) {
      Tables tables = new CheckedTables(lmdb);
      Table current = tables.open("current");
      try (TablesWriter writer = tables.write()) {
        ByteBuffer row = ByteBuffer.allocate(9).putLong(0, 1L << 40);
        writer.put(current, ByteBuffer.wrap(new byte[] {9}), row);
        writer.commit();
      }
    }

    assertThat(DataCheck.run(config, told::add)).isFalse();

    assertThat(told.get(2))
        .startsWith("state: damaged: row ")
        .contains("of revision " + (1L << 40));
  }

  @Test
  void aDamagedRowIsFoundAndSoIsTheMarkThatANodeHasLeft() throws Exception {
    runNode();
    LmdbOptions options = LmdbOptions.forState();
    try (StateDirectory state = StateDirectory.open(directory.resolve("state"), options);
        LmdbTables tables = state.openTables()) {
      Table stamps = tables.open("stamps");
      ByteBuffer key;
      try (TablesReader reader = tables.read();
          TableCursor cursor = reader.cursor(stamps)) {
        assertThat(cursor.first()).isTrue();
        key = ByteBuffer.allocate(8).put(cursor.key()).flip();
      }
      try (TablesWriter writer = tables.write()) {
        writer.put(stamps, key, ByteBuffer.allocate(40));
        writer.commit();
      }
      state.markDamaged("somebody has read it");
    }

    assertThat(DataCheck.run(config, told::add)).isFalse();

    assertThat(told.get(2)).isEqualTo("state: a node has found: somebody has read it");
    assertThat(told.get(3))
        .startsWith("state: damaged: 1 of 1 rows of stamps; the row under key 0000");
    assertThat(told).hasSize(4);
  }

  @Test
  void aStateThatIsGoneIsFound() throws Exception {
    runNode();
    Directories.delete(directory.resolve("state"));

    assertThatThrownBy(() -> DataCheck.run(config, told::add)).isInstanceOf(StartException.class);
  }

  private void runNode() throws Exception {
    try (ServerNode node = ServerNode.start(config, null);
        RespConnection client = RespConnection.open("127.0.0.1", node.port(), BOUND, BOUND)) {
      for (int i = 0; i < 200; i++) {
        client.send(List.of(bytes("SET"), bytes("k"), bytes("v" + i)));
        client.read();
      }
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
