package heartwood.server.config;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** The text file of a configuration. Stateless. */
public final class ConfigFile {
  private ConfigFile() {}

  /**
   * Puts lines in the place of what a file holds, or makes it: whoever reads it, after a crash too,
   * finds the old ones or the new ones, whole.
   */
  public static void replace(Path file, List<String> lines) throws IOException {
    Path draft =
        Files.createTempFile(
            file.toAbsolutePath().getParent(), String.valueOf(file.getFileName()), ".draft");
    try {
      Files.write(draft, lines);
      try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
    }
  }
}
