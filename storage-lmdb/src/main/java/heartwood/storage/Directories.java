package heartwood.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The steps that make names on a disk as durable as the bytes below them. Stateless. */
public final class Directories {
  private Directories() {}

  /** Makes the entries of a directory, or the bytes of a file, durable. */
  public static void sync(Path path) {
    StandardOpenOption mode =
        Files.isDirectory(path) ? StandardOpenOption.READ : StandardOpenOption.WRITE;
    try (FileChannel channel = FileChannel.open(path, mode)) {
      channel.force(true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Renames within one directory, atomically and durably; replaces a file of the new name. */
  public static void rename(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    syncParent(to);
  }

  public static void create(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    syncParent(directory);
  }

  private static void syncParent(Path path) {
    sync(Objects.requireNonNull(path.toAbsolutePath().getParent()));
  }

  /** Removes a file, or a directory with all that is in it; does nothing when there is none. */
  public static void delete(Path path) {
    try {
      if (Files.isDirectory(path)) {
        for (Path child : list(path)) {
          delete(child);
        }
      }
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static List<Path> list(Path directory) {
    try (Stream<Path> children = Files.list(directory)) {
      return children.sorted().collect(Collectors.toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
