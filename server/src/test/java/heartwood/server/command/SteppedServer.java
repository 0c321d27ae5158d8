package heartwood.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.server.keyspace.Keyspace;
import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.TablesReader;
import heartwood.storage.memory.MemoryTables;
import heartwood.storage.version.VersionedStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** For tests of what is left of the past, in answers and on disk: commands over a stepped store. */
abstract class SteppedServer {
  private final MemoryTables tables = new MemoryTables();
  final VersionedStore store =
      VersionedStore.openStepped(tables, Keyspace.rowKinds(), 1 << 20, () -> Long.MAX_VALUE);
  final DataServer server = new DataServer(store);

  @AfterEach
  final void nothingFailedThroughOurOwnFault() {
    assertThat(server.executor.internalErrors()).isZero();
  }

  /** Ends entries until nothing is left to be swept, checkpointed or merged. */
  final void quiet() {
    for (int i = 0; i < 100; i++) {
      if (i % 25 == 0) {
        store.requestCheckpoint();
      }
      server.endEntry();
      while (store.maybeCheckpoint() || store.maybeMerge()) {}
    }
    store.refresh();
  }

  final boolean isOnDisk(String text) {
    byte[] wanted = text.getBytes(StandardCharsets.ISO_8859_1);
    return rows().stream().anyMatch(row -> contains(row, wanted));
  }

  private static boolean contains(byte[] row, byte[] wanted) {
    return new String(row, StandardCharsets.ISO_8859_1)
        .contains(new String(wanted, StandardCharsets.ISO_8859_1));
  }

  /** All values of the present and of the past, as they lie in the tables. */
  private List<byte[]> rows() {
    List<String> names = new ArrayList<>(List.of("current", "undo"));
    for (int i = 0; i < 64; i++) {
      names.add("history-" + i);
    }
    List<byte[]> rows = new ArrayList<>();
    try (TablesReader reader = tables.read()) {
      for (String name : names) {
        Table table = tables.open(name);
        try (TableCursor cursor = reader.cursor(table)) {
          for (boolean on = cursor.first(); on; on = cursor.next()) {
            rows.add(bytes(cursor.value()));
          }
        }
      }
    }
    return rows;
  }

  final long rowsOf(byte table) {
    long count = 0;
    try (var cursor = store.read().scan(new byte[] {table}, new byte[] {(byte) (table + 1)})) {
      while (cursor.next()) {
        count++;
      }
    }
    return count;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }

  /** Runs commands, an entry each, and tells the revision of the first. */
  final long run(String... lines) {
    long first = server.revision + 1;
    for (String line : lines) {
      server.stampMillis++;
      assertThat(call(line)).as(line).doesNotStartWith("-");
    }
    return first;
  }

  final String call(String line) {
    return server.call(CommandLine.parse(line)).toString();
  }

  final String at(long revision, String line) {
    return server.callAt(revision, CommandLine.parse(line)).toString();
  }
}
