package heartwood.server;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.storage.Applied;
import heartwood.storage.Directories;
import heartwood.storage.StorageException;
import heartwood.storage.Table;
import heartwood.storage.TablesWriter;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import heartwood.storage.snapshot.IncomingSnapshot;
import heartwood.storage.snapshot.StagedSnapshot;
import heartwood.storage.snapshot.StateDirectory;
import heartwood.storage.version.VersionedStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StateFilesTest {
  private static final LmdbOptions OPTIONS = LmdbOptions.forState();

  private final Path directory;

  StateFilesTest(@TempDir Path temp) {
    directory = temp.resolve("state");
    StateFiles.create(directory, new Applied(7, 2, 0, 0, 0, new byte[0]), OPTIONS);
  }

  @Test
  void theSizeIsToldWhileTheFilesAreCopiedOrReplaced() throws Exception {
    try (StateFiles files = open()) {
      synchronized (files) { // As staging and replacing do.
        assertThat(CompletableFuture.supplyAsync(files::usedBytes).get(10, SECONDS)).isPositive();
      }
    }
  }

  @Test
  void theSizeOfWhatIsClosedIsNothing() {
    StateFiles files = open();

    files.close();

    assertThat(files.usedBytes()).isZero();
  }

  @Test
  void aReceivedStateTakesThePlaceOfTheOldOne() {
    try (StateFiles files = open()) {
      VersionedStore old = files.store();
      IncomingSnapshot incoming = receivedFrom(files);
      files.verify(incoming);

      VersionedStore replaced = files.replace(incoming);

      assertThat(replaced).isSameAs(files.store()).isNotSameAs(old);
      assertThat(replaced.applied().index()).isEqualTo(7);
    }
  }

  @Test
  void anInstallationThatFailsHalfWayLeavesTheOldStateToTheNextStart() {
    try (StateFiles files = open()) {
      IncomingSnapshot incoming = receivedFrom(files);
      files.verify(incoming);
      for (Path child : Directories.list(directory)) {
        if (String.valueOf(child.getFileName()).startsWith("incoming-")) {
          Directories.delete(child);
        }
      }

      assertThatThrownBy(() -> files.replace(incoming))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("state is closed");
    }
    try (StateFiles files = open()) {
      assertThat(files.store().applied().index()).isEqualTo(7);
    }
  }

  @Test
  void aStateThatIsFoundDamagedAtTheStartIsMarkedAndGivenFree() {
    try (StateDirectory opened = StateDirectory.open(directory, OPTIONS);
        LmdbTables tables = opened.openTables()) {
      Table meta = tables.open("meta");
      try (TablesWriter writer = tables.write()) {
        writer.put(meta, "applied".getBytes(StandardCharsets.UTF_8), new byte[70]);
        writer.commit();
      }
    }
    for (int i = 0; i < 2; i++) { // Neither tables nor locks are left open.
      assertThatThrownBy(this::open)
          .isInstanceOf(StorageException.Corrupt.class)
          .hasMessageContaining("of table meta");
    }
    try (StateDirectory opened = StateDirectory.open(directory, OPTIONS)) {
      assertThat(opened.damage()).hasValueSatisfying(what -> assertThat(what).contains("meta"));
    }
  }

  private StateFiles open() {
    return StateFiles.open(directory, OPTIONS, 1 << 20, () -> Long.MAX_VALUE);
  }

  /** The state of these files as its own snapshot. */
  private static IncomingSnapshot receivedFrom(StateFiles files) {
    try (StagedSnapshot staged = files.stage(1)) {
      ByteBuffer whole = ByteBuffer.allocate((int) staged.id().lengthBytes());
      staged.read(0, whole);
      IncomingSnapshot incoming = files.receive(staged.id());
      incoming.write(0, whole.flip());
      return incoming;
    }
  }
}
