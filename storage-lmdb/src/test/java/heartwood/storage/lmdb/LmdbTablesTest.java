package heartwood.storage.lmdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.storage.Directories;
import heartwood.storage.StorageException;
import heartwood.storage.Tables;
import heartwood.storage.TablesContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LmdbTablesTest extends TablesContract {
  private final Path temp;
  private Path directory;
  private int created;

  LmdbTablesTest(@TempDir Path temp) {
    this.temp = temp;
    this.directory = temp;
  }

  @Override
  protected LmdbTables tables() {
    directory = temp.resolve("tables-" + created++);
    Directories.create(directory);
    return LmdbTables.open(directory, LmdbOptions.forState());
  }

  @Override
  protected LmdbTables reopen(Tables tables) {
    tables.close();
    return LmdbTables.open(directory, LmdbOptions.forState());
  }

  @Test
  void aFullMapIsATypedErrorAndNothingIsWritten() {
    Directories.create(temp.resolve("small"));
    LmdbOptions small = LmdbOptions.forState().withMapSizeBytes(1 << 20);
    LmdbTables tables = LmdbTables.open(temp.resolve("small"), small);
    put(tables, "a", "1");

    assertThatThrownBy(() -> put(tables, "b", "2".repeat(2 << 20)))
        .isInstanceOf(StorageException.Full.class);

    put(tables, "c", "3");
    assertThat(rows(tables)).containsExactly("a=1", "c=3");
    tables.close();
  }

  @Test
  void aFileThatIsNoEnvironmentIsRefused() throws IOException {
    Files.write(temp.resolve("data.mdb"), new byte[100_000]);

    assertThatThrownBy(() -> LmdbTables.open(temp, LmdbOptions.forState()))
        .isInstanceOf(StorageException.Corrupt.class);
  }

  @Test
  void aCopyHoldsTheLastCommit() {
    LmdbTables tables = tables();
    put(tables, "a", "1");
    Directories.create(temp.resolve("copy"));
    tables.copyTo(temp.resolve("copy"));
    put(tables, "a", "2");

    LmdbTables copy = LmdbTables.open(temp.resolve("copy"), LmdbOptions.forState());

    assertThat(rows(copy)).containsExactly("a=1");
    copy.close();
    tables.close();
  }
}
