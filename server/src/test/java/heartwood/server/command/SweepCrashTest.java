package heartwood.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.server.keyspace.Keyspace;
import heartwood.storage.Cursor;
import heartwood.storage.memory.MemoryTables;
import heartwood.storage.version.VersionedStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Objects, a namespace and expired keys are swept in slices, while checkpoints are written in
 * slices too. A process that dies at any boundary between two of them replays the log and ends up
 * where one does that never died.
 */
class SweepCrashTest {
  private static final long OVERLAY_BYTES = 1 << 20;
  private static final int FIELDS = 40;

  /** With those of a few entries a checkpoint takes several slices. */
  private static final int SWEEP_ROWS = 13;

  private static final int NEVER = Integer.MAX_VALUE;

  /** What an entry of the log does; entry 1 has made the databases. */
  private final List<List<String>> log = new ArrayList<>();

  private MemoryTables tables = new MemoryTables();
  private int boundaries;

  @Test
  void aCrashAtAnyBoundaryOfTheSweepChangesNothing() {
    writeLog();
    List<String> expected = run(NEVER);
    int count = boundaries;
    assertThat(count).isGreaterThan(120);
    assertThat(expected).as("all was swept but what is left to be asked").hasSizeLessThan(40);

    for (int at = 1; at <= count; at++) {
      assertThat(run(at)).as("crash at boundary %d", at).isEqualTo(expected);
    }
  }

  private void writeLog() {
    entry(hash("big"), hash("other"), "SET long " + "x".repeat(6000), "SET string 1");
    entry(hash("moved"), "SET soon 1 PX 5", "HPEXPIRE other 5 FIELDS 2 field0 field1");
    entry("SELECT 1", hash("elsewhere"), "SET elsewhere2 " + "y".repeat(3000));
    entry("SELECT 0", "HSET other field7 again", "DEL big", "SET long short");
    entry("RENAME string moved", "SELECT 1", "FLUSHDB", "SET after 1");
    entry("SELECT 0", "EXPIRE other 100");
    for (int i = 0; i < 80; i++) {
      entry(i == 20 ? "DEL other" : "HINCRBY counter field" + i % 3 + " 1");
    }
  }

  private static String hash(String key) {
    StringBuilder command = new StringBuilder("HSET ").append(key);
    for (int i = 0; i < FIELDS; i++) {
      command.append(" field").append(i).append(" value").append(i);
    }
    return command.toString();
  }

  private void entry(String... commands) {
    log.add(List.of(commands));
  }

  /** All rows at the end. */
  private List<String> run(int crashAt) {
    tables = new MemoryTables();
    boundaries = 0;
    VersionedStore store = open();
    DataServer server = new DataServer(store);
    int next = 0;
    boolean hasCrashed = false;
    while (next < log.size()) {
      apply(server, store, next);
      next++;
      boolean goesOn = true;
      while (goesOn) {
        if (++boundaries == crashAt && !hasCrashed) {
          hasCrashed = true;
          store.close();
          tables = tables.restart();
          store = open();
          server = store.applied().index() == 0 ? new DataServer(store) : DataServer.resumed(store);
          next = (int) Math.max(0, store.applied().index() - 1);
          break;
        }
        goesOn = store.maybeCheckpoint() || store.maybeMerge();
      }
    }
    List<String> rows = rows(store);
    store.close();
    return rows;
  }

  private VersionedStore open() {
    return VersionedStore.openStepped(
        tables, Keyspace.rowKinds(), OVERLAY_BYTES, () -> Long.MAX_VALUE);
  }

  /** Database and time are the entry's own, as in the log. */
  private void apply(DataServer server, VersionedStore store, int number) {
    server.database = 0;
    server.sweepRows = SWEEP_ROWS;
    server.stampMillis = 1_700_000_000_000L + number;
    for (String command : log.get(number)) {
      byte[][] words =
          Arrays.stream(command.split(" "))
              .map(word -> word.getBytes(StandardCharsets.ISO_8859_1))
              .toArray(byte[][]::new);
      assertThat(server.call(words).toString()).as(command).doesNotStartWith("-");
    }
    server.sweepExpired(2);
    if (number >= 10) {
      store.raiseHorizon(server.revision);
    }
    if (number % 3 == 2) {
      store.requestCheckpoint();
    }
    server.endEntry();
  }

  private static List<String> rows(VersionedStore store) {
    List<String> rows = new ArrayList<>();
    try (Cursor cursor = store.read().scan(new byte[0], new byte[0])) {
      while (cursor.next()) {
        rows.add(hex(cursor.key()) + "=" + hex(cursor.value()) + "@" + cursor.born());
      }
    }
    rows.add("digest " + store.digest());
    return rows;
  }

  private static String hex(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
