package heartwood.storage.snapshot;

import static heartwood.storage.TestKinds.KINDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.storage.Applied;
import heartwood.storage.Directories;
import heartwood.storage.Row;
import heartwood.storage.StorageException;
import heartwood.storage.WriteTxn;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import heartwood.storage.version.VersionedStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StateDirectoryTest {
  private static final LmdbOptions OPTIONS = LmdbOptions.forState();
  private static final byte[] KEY = {1};

  private final Path temp;

  StateDirectoryTest(@TempDir Path temp) {
    this.temp = temp;
  }

  @Test
  void aSnapshotPulledInChunksAndInstalledIsTheStateThatWasStaged() {
    try (StateDirectory sender = StateDirectory.create(temp.resolve("sender"), OPTIONS);
        StateDirectory receiver = StateDirectory.create(temp.resolve("receiver"), OPTIONS)) {
      applyTo(receiver, 3, 1);
      applyTo(sender, 70, 5);
      IncomingSnapshot incoming;
      try (LmdbTables tables = sender.openTables();
          StagedSnapshot staged = sender.stage(tables, 3)) {
        assertThat(staged.id().index()).isEqualTo(70);
        assertThat(staged.id().term()).isEqualTo(5);
        incoming = receiver.receive(staged.id());
        pull(staged, incoming);
      }
      receiver.install(incoming);

      assertThat(receiver.current().getFileName()).hasToString("state-70");
      assertThat(valueIn(receiver)).isEqualTo(70);
    }
    assertThat(Directories.list(temp.resolve("sender"))).hasSize(3); // LOCK, CURRENT, state-0
    assertThat(Directories.list(temp.resolve("receiver"))).hasSize(3);
    try (StateDirectory receiver = StateDirectory.open(temp.resolve("receiver"), OPTIONS)) {
      assertThat(valueIn(receiver)).isEqualTo(70);
    }
  }

  @Test
  void aSnapshotOfTheIndexThatTheStateHasIsInstalledBesideIt() {
    try (StateDirectory directory = StateDirectory.create(temp.resolve("d"), OPTIONS)) {
      applyTo(directory, 9, 1);
      for (int round = 0; round < 2; round++) {
        IncomingSnapshot incoming;
        try (LmdbTables tables = directory.openTables();
            StagedSnapshot staged = directory.stage(tables, 3)) {
          incoming = directory.receive(staged.id());
          pull(staged, incoming);
        }
        directory.install(incoming);
        assertThat(valueIn(directory)).isEqualTo(9);
      }
    }
  }

  @Test
  void aFileThatIsNotTheOneOfferedIsRefusedAndTheOldStateStays() {
    try (StateDirectory directory = StateDirectory.create(temp.resolve("d"), OPTIONS)) {
      applyTo(directory, 9, 1);
      try (LmdbTables tables = directory.openTables();
          StagedSnapshot staged = directory.stage(tables, 3)) {
        IncomingSnapshot incoming = directory.receive(staged.id());
        ByteBuffer chunk = ByteBuffer.allocate((int) staged.id().lengthBytes());
        staged.read(0, chunk);
        chunk.put(5000, (byte) (chunk.get(5000) ^ 1));
        incoming.write(0, chunk.flip());

        assertThatThrownBy(() -> directory.install(incoming))
            .isInstanceOf(StorageException.Corrupt.class)
            .hasMessageContaining("digest");
        incoming.close();
      }
      assertThat(valueIn(directory)).isEqualTo(9);
    }
  }

  @Test
  void chunksComeInOrderAndNoMoreThanWasOffered() {
    try (StateDirectory directory = StateDirectory.create(temp.resolve("d"), OPTIONS);
        IncomingSnapshot incoming = directory.receive(new SnapshotId(3, 1, 1, 100, new byte[32]))) {
      incoming.write(0, ByteBuffer.allocate(40));

      assertThatThrownBy(() -> incoming.write(0, ByteBuffer.allocate(40)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> incoming.write(40, ByteBuffer.allocate(61)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(incoming::verify).isInstanceOf(StorageException.Corrupt.class);
      assertThat(incoming.receivedBytes()).isEqualTo(40);
    }
  }

  @Test
  void anOfferAndWhatWasReceivedOfItOutliveTheProcess() {
    SnapshotId id;
    try (StateDirectory sender = StateDirectory.create(temp.resolve("sender"), OPTIONS);
        StateDirectory receiver = StateDirectory.create(temp.resolve("receiver"), OPTIONS)) {
      applyTo(sender, 70, 5);
      try (LmdbTables tables = sender.openTables()) {
        StagedSnapshot staged = sender.stage(tables, 3);
        id = staged.id();
        ByteBuffer chunk = ByteBuffer.allocate(5000);
        staged.read(0, chunk);
        receiver.receive(id).write(0, chunk.flip());
      }
    }
    try (StateDirectory sender = StateDirectory.open(temp.resolve("sender"), OPTIONS);
        StateDirectory receiver = StateDirectory.open(temp.resolve("receiver"), OPTIONS)) {
      StagedSnapshot staged = Objects.requireNonNull(sender.offered());
      IncomingSnapshot incoming = Objects.requireNonNull(receiver.incoming());
      assertThat(staged.id()).isEqualTo(id);
      assertThat(incoming.id()).isEqualTo(id);
      assertThat(incoming.receivedBytes()).isEqualTo(5000);
      pull(staged, incoming);
      receiver.install(incoming);

      assertThat(valueIn(receiver)).isEqualTo(70);
      staged.close();
    }
    try (StateDirectory sender = StateDirectory.open(temp.resolve("sender"), OPTIONS);
        StateDirectory receiver = StateDirectory.open(temp.resolve("receiver"), OPTIONS)) {
      assertThat(sender.offered()).isNull();
      assertThat(receiver.incoming()).isNull();
      assertThat(valueIn(receiver)).isEqualTo(70);
    }
  }

  @Test
  void aStateThatIsCondemnedIsNotOpenedAnyMore() {
    try (StateDirectory directory = StateDirectory.create(temp.resolve("d"), OPTIONS)) {
      directory.condemn("it differs");
    }

    assertThatThrownBy(() -> StateDirectory.open(temp.resolve("d"), OPTIONS))
        .isInstanceOf(StorageException.Corrupt.class)
        .hasMessage("it differs");
  }

  @Test
  void aStateThatIsMarkedAsDamagedIsNotServedUntilAnotherIsInItsPlace() {
    try (StateDirectory directory = StateDirectory.create(temp.resolve("d"), OPTIONS)) {
      applyTo(directory, 9, 1);
      assertThat(directory.damage()).isEmpty();
      directory.markDamaged("row 7 is rotten");
    }
    try (StateDirectory directory = StateDirectory.open(temp.resolve("d"), OPTIONS)) {
      assertThat(directory.damage()).contains("row 7 is rotten");
      assertThatThrownBy(directory::openTables)
          .isInstanceOf(StorageException.Corrupt.class)
          .hasMessage("row 7 is rotten");
      IncomingSnapshot incoming;
      try (LmdbTables tables = directory.openTablesAsTheyAre();
          StagedSnapshot staged = directory.stage(tables, 3)) {
        incoming = directory.receive(staged.id());
        pull(staged, incoming);
      }

      directory.install(incoming);

      assertThat(directory.damage()).isEmpty();
      assertThat(valueIn(directory)).isEqualTo(9);
    }
    assertThat(Directories.list(temp.resolve("d"))).hasSize(3); // LOCK, CURRENT, state-9
  }

  @Test
  void aMarkOfAStateThatWasReplacedIsALeftover() throws IOException {
    StateDirectory.create(temp.resolve("d"), OPTIONS).close();
    Files.writeString(temp.resolve("d").resolve("DAMAGED"), "state-7\nrow 7 is rotten\n");

    try (StateDirectory directory = StateDirectory.open(temp.resolve("d"), OPTIONS)) {
      assertThat(directory.damage()).isEmpty();
    }
    assertThat(Directories.list(temp.resolve("d"))).hasSize(3);
  }

  @Test
  void aMarkThatWasNotWrittenToItsEndIsAMark() throws IOException {
    StateDirectory.create(temp.resolve("d"), OPTIONS).close();
    for (String begun : new String[] {"", "stat", "state-0", "state-0\n"}) {
      Files.writeString(temp.resolve("d").resolve("DAMAGED"), begun);

      try (StateDirectory directory = StateDirectory.open(temp.resolve("d"), OPTIONS)) {
        assertThat(directory.damage()).as("after '%s'", begun).isPresent();
        assertThatThrownBy(directory::openTables).isInstanceOf(StorageException.Corrupt.class);
      }
    }
  }

  @Test
  void whatNobodyCanSayWhatItIsIsNotTakenUp() throws IOException {
    try (StateDirectory directory = StateDirectory.create(temp.resolve("d"), OPTIONS)) {
      applyTo(directory, 9, 1);
      try (LmdbTables tables = directory.openTables()) {
        directory.stage(tables, 3);
      }
      directory.receive(new SnapshotId(3, 1, 1, 100, new byte[8]));
    }
    for (Path child : Directories.list(temp.resolve("d"))) {
      if (Files.exists(child.resolve("ID"))) {
        String line = Files.readString(child.resolve("ID"));
        Files.writeString(child.resolve("ID"), line.strip()); // Not written to its end.
      }
    }

    try (StateDirectory directory = StateDirectory.open(temp.resolve("d"), OPTIONS)) {
      assertThat(directory.offered()).isNull();
      assertThat(directory.incoming()).isNull();
    }
    assertThat(Directories.list(temp.resolve("d"))).hasSize(3);
  }

  @Test
  void whatIsLeftOfInterruptedStepsIsRemovedAtTheStart() throws IOException {
    StateDirectory.create(temp.resolve("d"), OPTIONS).close();
    for (String leftover : new String[] {"state-7", "offer-7", "incoming-8"}) {
      Files.createDirectory(temp.resolve("d").resolve(leftover));
    }
    Files.writeString(temp.resolve("d").resolve("CURRENT.new"), "state-7\n");

    StateDirectory.open(temp.resolve("d"), OPTIONS).close();

    assertThat(Directories.list(temp.resolve("d"))).hasSize(3);
  }

  @Test
  void directoriesThatAreMissingPresentInUseOrWithoutStateAreToldApart() throws IOException {
    Path directory = temp.resolve("d");
    assertThatThrownBy(() -> StateDirectory.open(directory, OPTIONS))
        .isInstanceOf(StorageException.WrongDirectory.class)
        .hasMessageContaining("no such directory");
    try (StateDirectory held = StateDirectory.create(directory, OPTIONS)) {
      assertThat(held.current()).exists();
      assertThatThrownBy(() -> StateDirectory.create(directory, OPTIONS))
          .hasMessageContaining("exists");
      assertThatThrownBy(() -> StateDirectory.open(directory, OPTIONS))
          .hasMessageContaining("in use");
    }
    Files.writeString(directory.resolve("CURRENT"), "state-99\n");
    assertThatThrownBy(() -> StateDirectory.open(directory, OPTIONS))
        .isInstanceOf(StorageException.Corrupt.class);
    assertThat(directory.resolve("state-0")).exists();
    Files.writeString(directory.resolve("CURRENT"), "../elsewhere\n");
    assertThatThrownBy(() -> StateDirectory.open(directory, OPTIONS))
        .isInstanceOf(StorageException.Corrupt.class);
  }

  private static void pull(StagedSnapshot staged, IncomingSnapshot incoming) {
    ByteBuffer chunk = ByteBuffer.allocate(5_000);
    while (!incoming.isComplete()) {
      long offset = incoming.receivedBytes();
      assertThat(staged.read(offset, chunk.clear())).isPositive();
      incoming.write(offset, chunk.flip());
    }
    assertThat(staged.read(incoming.receivedBytes(), chunk.clear())).isZero();
  }

  /** Leaves a state applied to an index, whose one row tells that index. */
  private static void applyTo(StateDirectory directory, long index, long term) {
    VersionedStore store = open(directory);
    try (WriteTxn txn = store.write(1)) {
      txn.put(KEY, ByteBuffer.allocate(8).putLong(0, index).array());
      txn.commit();
    }
    store.applied(new Applied(index, term, 1, 0, store.digest(), new byte[0]));
    store.checkpoint();
    store.close();
  }

  private static long valueIn(StateDirectory directory) {
    VersionedStore store = open(directory);
    Row row = Objects.requireNonNull(store.read().get(KEY));
    long value = row.value().getLong(row.value().position());
    assertThat(store.applied().index()).isEqualTo(value);
    store.close();
    return value;
  }

  private static VersionedStore open(StateDirectory directory) {
    return VersionedStore.openStepped(directory.openTables(), KINDS, 1 << 20, () -> Long.MAX_VALUE);
  }
}
