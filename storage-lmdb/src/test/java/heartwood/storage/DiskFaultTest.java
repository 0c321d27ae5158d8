package heartwood.storage;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.log.LogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskFaultTest {
  private final Path directory;

  DiskFaultTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void aFullDiskIsToldWithWhereAndHowMuchIsFree() {
    Throwable failure =
        new LogException("log: write failed", new IOException("No space left on device"));

    assertThat(DiskFault.told(directory, failure))
        .startsWith("No space left on device: " + directory + " has ")
        .contains(" bytes free of ");
  }

  @Test
  void anErrorOfTheDeviceIsNotCalledFullWhereThereIsRoom() {
    Throwable failure =
        new LogException("log: write failed: Platform constant error code: EIO Input/output error");

    assertThat(DiskFault.told(directory, failure)).startsWith("Input/output error: the disk of ");
  }

  @Test
  void aMapThatIsUsedUpIsNoFullDisk() {
    Throwable failure = new StorageException.Full("commit: no room: MDB_MAP_FULL", null);

    assertThat(DiskFault.told(directory, failure)).contains("map-size is used up");
  }

  @Test
  void aDamagedRowIsToldWithWhereItStands() {
    Throwable failure =
        new StorageException(
            "a checkpoint has failed",
            new StorageException.DamagedRow("current", ByteBuffer.wrap(new byte[] {1, 2})));

    assertThat(DiskFault.told(directory, failure))
        .startsWith(
            "The state in " + directory + " is damaged: the row under key 0102 of table current")
        .contains("Nothing of it is served any more");
  }

  @Test
  void whatNoDiskHasCausedIsNotToldAsIfOneHad() {
    assertThat(DiskFault.told(directory, new IllegalStateException("digest differs"))).isNull();
  }
}
