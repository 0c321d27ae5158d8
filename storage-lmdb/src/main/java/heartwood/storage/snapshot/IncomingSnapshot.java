package heartwood.storage.snapshot;

import heartwood.storage.Directories;
import heartwood.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * A snapshot being received, chunk by chunk in order. Nothing of it counts before {@link #verify}.
 *
 * <p>Confined to one thread at a time.
 */
public final class IncomingSnapshot implements AutoCloseable {
  /** What may wait for the disk: gigabytes at once at the end would hold up all who write there. */
  private static final long SYNC_BYTES = 64L << 20;

  private final Path directory;
  private final SnapshotId id;
  private final FileChannel channel;
  private long syncedBytes;

  /** At first what an earlier process has received: {@link #verify} finds out if it is sound. */
  private long receivedBytes;

  private boolean isVerified;

  IncomingSnapshot(Path directory, SnapshotId id) {
    this.directory = directory;
    this.id = id;
    try {
      this.channel =
          FileChannel.open(
              directory.resolve(StateDirectory.DATA_FILE),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
      this.receivedBytes = channel.size();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public SnapshotId id() {
    return id;
  }

  /** Where the next chunk begins: from here a pull that was cut goes on. */
  public long receivedBytes() {
    return receivedBytes;
  }

  public boolean isComplete() {
    return receivedBytes == id.lengthBytes();
  }

  /**
   * Takes the next chunk.
   *
   * @throws IllegalArgumentException when it does not begin where the last one ended, or is longer
   *     than what is missing
   */
  public void write(long offset, ByteBuffer chunk) {
    if (offset != receivedBytes) {
      throw new IllegalArgumentException(
          "chunk at " + offset + " (expected: " + receivedBytes + ")");
    }
    if (chunk.remaining() > id.lengthBytes() - receivedBytes) {
      throw new IllegalArgumentException(
          "chunk of "
              + chunk.remaining()
              + " at "
              + offset
              + " (length: "
              + id.lengthBytes()
              + ")");
    }
    try {
      while (chunk.hasRemaining()) {
        receivedBytes += channel.write(chunk, receivedBytes);
      }
      if (receivedBytes - syncedBytes >= SYNC_BYTES) {
        channel.force(false);
        syncedBytes = receivedBytes;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Checks length and digest and makes the file durable.
   *
   * @throws StorageException.Corrupt when it is not the file that was offered
   */
  public void verify() {
    if (!isComplete()) {
      throw new StorageException.Corrupt(
          "snapshot " + id + ": " + receivedBytes + " bytes (expected: " + id.lengthBytes() + ")");
    }
    try {
      channel.force(true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] found = StateDirectory.sha256(directory.resolve(StateDirectory.DATA_FILE));
    if (!Arrays.equals(Arrays.copyOf(found, id.sha256().length), id.sha256())) {
      throw new StorageException.Corrupt("snapshot " + id + ": digest does not hold");
    }
    Directories.sync(directory);
    isVerified = true;
  }

  boolean isVerified() {
    return isVerified;
  }

  Path directory() {
    return directory;
  }

  void closeChannel() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gives up the pull; after the installation does nothing. */
  @Override
  public void close() {
    closeChannel();
    Directories.delete(directory);
  }
}
