package heartwood.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a directory to one owner: a lock on the file {@code LOCK} inside, which the kernel drops
 * when the process dies.
 *
 * <p>Thread-safe.
 */
public final class DirectoryLock implements AutoCloseable {
  public static final String FILE_NAME = "LOCK";

  /**
   * What this process holds. POSIX drops a file's locks when the process closes any descriptor of
   * it, so a second attempt of our own must fail before it opens the file.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final FileChannel channel;

  private DirectoryLock(Path directory, FileChannel channel) {
    this.directory = directory;
    this.channel = channel;
  }

  /**
   * Takes the lock of an existing directory.
   *
   * @throws StorageException.WrongDirectory when it is missing or another holds it
   */
  public static DirectoryLock acquire(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new StorageException.WrongDirectory(directory + ": no such directory");
    }
    try {
      Path real = directory.toRealPath();
      if (!HELD.add(real)) {
        throw inUse(directory);
      }
      boolean locked = false;
      try {
        FileChannel channel =
            FileChannel.open(
                real.resolve(FILE_NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        locked = channel.tryLock() != null;
        if (!locked) {
          channel.close();
          throw inUse(directory);
        }
        return new DirectoryLock(real, channel);
      } finally {
        if (!locked) {
          HELD.remove(real);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static StorageException inUse(Path directory) {
    return new StorageException.WrongDirectory(directory + ": in use by another node");
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      HELD.remove(directory);
    }
  }
}
