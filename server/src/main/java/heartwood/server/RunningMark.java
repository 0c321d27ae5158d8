package heartwood.server;

import heartwood.storage.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that stands in a node's directory for as long as a process runs on it: who finds it at the
 * start knows that the last process died, in whatever it was doing. Confined to one thread.
 */
final class RunningMark {
  private final Path file;
  private final boolean wasThere;

  private RunningMark(Path file, boolean wasThere) {
    this.file = file;
    this.wasThere = wasThere;
  }

  /** Sets it; the directory is this process' own by now. */
  static RunningMark set(Path directory) {
    Path file = directory.resolve("RUNNING");
    boolean wasThere = Files.exists(file);
    if (!wasThere) {
      try {
        Files.createFile(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      Directories.sync(directory);
    }
    return new RunningMark(file, wasThere);
  }

  /** Whether the last process did not come to its end. */
  boolean wasThere() {
    return wasThere;
  }

  /** The process comes to its end. */
  void remove() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
