package heartwood.storage.lmdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.raft.log.LogException;
import heartwood.raft.log.LogStore;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.NodeId;
import heartwood.storage.Table;
import heartwood.storage.TablesWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LmdbLogStoreTest extends LogStoreContract {
  private static final NodeIdentity IDENTITY = new NodeIdentity(42, new NodeId(1), 4711);
  private static final LmdbOptions OPTIONS = LmdbOptions.forLog();

  private final Path temp;
  private final List<LmdbLogStore> opened = new ArrayList<>();
  private int created;

  LmdbLogStoreTest(@TempDir Path temp) {
    this.temp = temp;
  }

  @Override
  LmdbLogStore log() {
    return kept(LmdbLogStore.create(temp.resolve("log-" + created++), IDENTITY, OPTIONS));
  }

  @Override
  LmdbLogStore reopen(LogStore log) {
    log.close();
    return kept(LmdbLogStore.open(directory(), 42, new NodeId(1), OPTIONS));
  }

  private Path directory() {
    return temp.resolve("log-" + (created - 1));
  }

  private LmdbLogStore kept(LmdbLogStore log) {
    opened.add(log);
    return log;
  }

  @AfterEach
  void close() {
    opened.forEach(LmdbLogStore::close);
  }

  @Test
  void createRefusesADirectoryThatIsThere() throws IOException {
    Files.createDirectory(temp.resolve("log-0"));

    assertThatThrownBy(this::log)
        .isInstanceOf(LogException.WrongDirectory.class)
        .hasMessageContaining("exists");
  }

  @Test
  void openRefusesADirectoryThatIsMissing() {
    assertThatThrownBy(() -> LmdbLogStore.open(temp.resolve("none"), OPTIONS))
        .isInstanceOf(LogException.WrongDirectory.class);
    assertThat(temp.resolve("none")).doesNotExist();
  }

  @Test
  void anUnfinishedCreationIsNoDirectory() throws IOException {
    Files.createDirectory(temp.resolve("log-0.new"));
    Files.writeString(temp.resolve("log-0.new").resolve("data.mdb"), "half");

    assertThat(log().identity()).isEqualTo(IDENTITY);
  }

  @Test
  void aDirectoryOfAnotherClusterOrNodeIsRefusedUntouched() throws IOException {
    log().close();
    byte[] before = Files.readAllBytes(directory().resolve("data.mdb"));

    assertThatThrownBy(() -> LmdbLogStore.open(directory(), 43, new NodeId(1), OPTIONS))
        .isInstanceOf(LogException.WrongDirectory.class)
        .hasMessageContaining("belongs to n1 of cluster 000000000000002a");
    assertThatThrownBy(() -> LmdbLogStore.open(directory(), 42, new NodeId(2), OPTIONS))
        .isInstanceOf(LogException.WrongDirectory.class);

    assertThat(Files.readAllBytes(directory().resolve("data.mdb"))).isEqualTo(before);
  }

  @Test
  void aDirectoryIsOpenedOnce() {
    log();

    assertThatThrownBy(() -> LmdbLogStore.open(directory(), OPTIONS))
        .isInstanceOf(LogException.WrongDirectory.class)
        .hasMessageContaining("in use");
  }

  @Test
  void aFullMapPoisonsTheLogAndARestartFindsWhatWasThere() {
    LmdbLogStore log =
        kept(
            LmdbLogStore.create(
                temp.resolve("log-" + created++), IDENTITY, OPTIONS.withMapSizeBytes(1 << 20)));
    log.write(batch(TERM_9, entries(1, 1)));
    LogEntry tooLarge = new LogEntry(2, 1, EntryKind.COMMANDS, new byte[8 << 20]);

    assertThatThrownBy(() -> log.write(batch(TERM_9, List.of(tooLarge))))
        .isInstanceOf(LogException.Full.class);
    assertThatThrownBy(() -> log.write(batch(TERM_9, entries(2, 1))))
        .isInstanceOf(LogException.Poisoned.class);

    assertThat(log.read(1, 1, 1)).hasSize(1);
    assertThat(reopen(log).lastIndex()).isEqualTo(1);
  }

  @Test
  void aDamagedEntryIsFound() throws IOException {
    LmdbLogStore log = log();
    byte[] payload = "the payload that rots".getBytes(StandardCharsets.UTF_8);
    log.write(
        batch(
            TERM_9,
            List.of(
                new LogEntry(1, 1, EntryKind.COMMANDS, new byte[0]),
                new LogEntry(2, 1, EntryKind.COMMANDS, payload))));
    reopen(log).close(); // Into LMDB.
    flipABitOf(payload);

    LmdbLogStore damaged = kept(LmdbLogStore.open(directory(), OPTIONS));

    assertThat(damaged.read(1, 1, 1)).hasSize(1);
    assertThatThrownBy(() -> damaged.read(2, 2, 1000))
        .isInstanceOf(LogException.Corrupt.class)
        .hasMessageContaining("entry 2: checksum");
    assertThatThrownBy(damaged::verify).isInstanceOf(LogException.Corrupt.class);
  }

  @Test
  void aDamagedEntryIsMendedInItsPlaceAndTheChainHolds() throws IOException {
    LmdbLogStore log = log();
    byte[] payload = "the payload that rots".getBytes(StandardCharsets.UTF_8);
    LogEntry sound = new LogEntry(2, 1, EntryKind.COMMANDS, payload);
    log.write(batch(TERM_9, entries(1, 1)));
    log.write(batch(TERM_9, List.of(sound)));
    log.write(batch(TERM_9, entries(3, 1, 2)));
    reopen(log).close(); // Into LMDB.
    flipABitOf(payload);
    LmdbLogStore damaged = kept(LmdbLogStore.open(directory(), OPTIONS));

    damaged.repair(sound);

    damaged.verify();
    assertThat(damaged.lastIndex()).isEqualTo(4);
    assertSame(damaged.read(2, 2, 1000), List.of(sound));
    damaged.write(batch(TERM_9, entries(5, 2)));
    LmdbLogStore reopened = reopen(damaged);
    reopened.verify();
    assertThat(reopened.lastIndex()).isEqualTo(5);
  }

  @Test
  void aLastEntryThatIsMendedIsFollowedByOthers() throws IOException {
    LmdbLogStore log = log();
    byte[] payload = "the payload that rots".getBytes(StandardCharsets.UTF_8);
    LogEntry sound = new LogEntry(2, 1, EntryKind.COMMANDS, payload);
    log.write(batch(TERM_9, entries(1, 1)));
    log.write(batch(TERM_9, List.of(sound)));
    reopen(log).close();
    flipABitOf(payload);
    LmdbLogStore damaged = kept(LmdbLogStore.open(directory(), OPTIONS));

    damaged.repair(sound);
    damaged.write(batch(TERM_9, entries(3, 1)));

    reopen(damaged).verify();
  }

  @Test
  void anEntryOfAnotherHistoryIsMended() {
    LmdbLogStore other = log();
    other.write(batch(TERM_9, entries(1, 1, 2, 2)));
    reopen(other).close();
    byte[] stray = rowOf(directory(), 3, null);
    LmdbLogStore log = log();
    log.write(batch(TERM_9, entries(1, 1, 1, 2)));
    LogEntry sound = log.read(3, 3, 1).get(0);
    reopen(log).close();
    rowOf(directory(), 3, stray);
    LmdbLogStore damaged = kept(LmdbLogStore.open(directory(), OPTIONS));

    damaged.repair(sound);

    damaged.verify();
  }

  /** Such as a page of an older write: whole by itself, but not what follows. */
  @Test
  void anEntryOfAnotherHistoryIsFound() {
    LmdbLogStore other = log();
    other.write(batch(TERM_9, entries(1, 1, 2, 2)));
    reopen(other).close();
    byte[] stray = rowOf(directory(), 3, null);
    LmdbLogStore log = log();
    log.write(batch(TERM_9, entries(1, 1, 1, 2)));
    reopen(log).close();
    rowOf(directory(), 3, stray);

    LmdbLogStore damaged = kept(LmdbLogStore.open(directory(), OPTIONS));

    assertThat(damaged.read(3, 3, 1000)).hasSize(1);
    assertThatThrownBy(() -> damaged.read(2, 3, 1000))
        .isInstanceOf(LogException.Corrupt.class)
        .hasMessageContaining("entry 3: does not continue");
  }

  /** Reads a row behind the log's back, and puts another in its place unless that is null. */
  private static byte[] rowOf(Path directory, long index, byte @Nullable [] replacement) {
    try (LmdbTables tables = LmdbTables.open(directory, OPTIONS)) {
      Table table = tables.open("log-0");
      ByteBuffer key = ByteBuffer.allocate(8).putLong(0, index);
      try (TablesWriter writer = tables.write()) {
        ByteBuffer row = Objects.requireNonNull(writer.get(table, key));
        byte[] bytes = new byte[row.remaining()];
        row.get(bytes);
        if (replacement != null) {
          writer.put(table, key, ByteBuffer.wrap(replacement));
          writer.commit();
        }
        return bytes;
      }
    }
  }

  private void flipABitOf(byte[] bytes) throws IOException {
    Path file = directory().resolve("data.mdb");
    String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    int at = content.indexOf(new String(bytes, StandardCharsets.ISO_8859_1));
    assertThat(at).isPositive();
    byte[] damaged = content.getBytes(StandardCharsets.ISO_8859_1);
    damaged[at] ^= 1;
    Files.write(file, damaged);
  }
}
