package heartwood.storage.snapshot;

import heartwood.storage.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * A snapshot on offer. The log may not be cut behind its index while it is.
 *
 * <p>Thread-safe.
 */
public final class StagedSnapshot implements AutoCloseable {
  private final Path directory;
  private final SnapshotId id;
  private final FileChannel channel;

  StagedSnapshot(Path directory, SnapshotId id) {
    this.directory = directory;
    this.id = id;
    try {
      this.channel =
          FileChannel.open(directory.resolve(StateDirectory.DATA_FILE), StandardOpenOption.READ);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public SnapshotId id() {
    return id;
  }

  /** Whether the file is what its id says; reads all of it. */
  public boolean isSound() {
    byte[] found = StateDirectory.sha256(directory.resolve(StateDirectory.DATA_FILE));
    return Arrays.equals(Arrays.copyOf(found, id.sha256().length), id.sha256());
  }

  /**
   * Fills the buffer from an offset on, less at the end of the file; the bytes read, 0 at the end.
   */
  public int read(long offset, ByteBuffer target) {
    try {
      int total = 0;
      while (target.hasRemaining()) {
        int count = channel.read(target, offset + total);
        if (count < 0) {
          break;
        }
        total += count;
      }
      return total;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Withdraws the offer and removes the file. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Directories.delete(directory);
  }
}
