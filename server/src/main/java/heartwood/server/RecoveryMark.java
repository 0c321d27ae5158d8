package heartwood.server;

import heartwood.storage.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file in a log's directory that says which recovery wrote it: its last step, so that what has
 * one is whole. It stays, and goes with the directory when that is renamed. Immutable.
 *
 * <pre>
 *   log/RECOVERY   UTF-8: the new cluster's name, and below it the line for recoveries.txt
 * </pre>
 *
 * @param clusterName of the new cluster: its identity is made from it, and does not lead back to it
 * @param line what was done
 */
record RecoveryMark(String clusterName, String line) {
  private static final String FILE = "RECOVERY";

  /** Null: no recovery has written this log, or not to its end. */
  static @Nullable RecoveryMark read(Path log) {
    Path file = log.resolve(FILE);
    if (!Files.exists(file)) {
      return null;
    }
    try {
      String text = Files.readString(file);
      String[] lines = text.split("\n", -1);
      return lines.length == 3 && lines[2].isEmpty() ? new RecoveryMark(lines[0], lines[1]) : null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Durable on return. */
  void write(Path log) {
    Path file = log.resolve(FILE);
    try {
      Files.writeString(file, clusterName + "\n" + line + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Directories.sync(file);
    Directories.sync(log);
  }
}
