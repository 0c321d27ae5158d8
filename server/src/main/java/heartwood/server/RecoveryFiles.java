package heartwood.server;

import heartwood.storage.Directories;
import heartwood.storage.DiskFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a recovery leaves in a node's directory, step by step, and how far an earlier one came. A
 * process may die between any two steps: before the first renaming all begins anew, behind it the
 * mark tells the next run what is to be finished.
 *
 * <pre>
 *   dir/log.recovered        1. written anew: what the state has not applied yet, and a configuration
 *                            with this node alone, under a new cluster id and a new incarnation, with
 *                            which members of the old cluster do not speak
 *   dir/log.recovered/RECOVERY   2. its mark ({@link RecoveryMark}): now it is whole
 *   dir/log-before-recovery  3. what was the log; of another recovery log-before-recovery-2 and so on
 *   dir/log                  4. renamed from log.recovered
 *   dir/recoveries.txt       5. a line for each
 * </pre>
 *
 * <p>Confined.
 */
final class RecoveryFiles {
  private static final Logger audit = LoggerFactory.getLogger("heartwood.audit");
  private static final String RECOVERED = "log.recovered";

  private final Path directory;

  RecoveryFiles(Path directory) {
    this.directory = directory;
  }

  Path directory() {
    return directory;
  }

  Path log() {
    return directory.resolve("log");
  }

  Path state() {
    return directory.resolve("state");
  }

  Path recovered() {
    return directory.resolve(RECOVERED);
  }

  /** What a fault means for whoever runs the command. */
  StartException told(RuntimeException e) {
    String disk = DiskFault.told(directory, e);
    return new StartException(
        "dir " + directory + ": " + (disk == null ? e.getMessage() : disk), e);
  }

  /**
   * The mark of an earlier recovery of which something is missing: a log in its place, its line, or
   * its name in the node's configuration. Null: there is none. Changes nothing.
   *
   * @param configuredName what the node's configuration says; empty: nothing
   * @throws StartException when the log is gone and what lies beside is not whole
   */
  @Nullable RecoveryMark cutShort(String configuredName) {
    if (!Files.exists(log())) {
      return Files.exists(recovered()) ? wholeMark() : null;
    }
    RecoveryMark mark = RecoveryMark.read(log());
    if (mark == null) {
      return null;
    }
    boolean isNamed = configuredName.isEmpty() || configuredName.equals(mark.clusterName());
    return isNamed && isNoted(mark) ? null : mark;
  }

  private RecoveryMark wholeMark() {
    RecoveryMark mark = RecoveryMark.read(recovered());
    if (mark == null) {
      throw new StartException(
          "dir "
              + directory
              + ": log is missing, and "
              + RECOVERED
              + " was not written to its end. Put back the log, which no recovery has moved, and run"
              + " heartwood recover again.");
    }
    return mark;
  }

  /**
   * Says so when a recovery was cut short between its renamings: the node has lost nothing then,
   * and must neither begin anew nor be given up.
   */
  static void requireNoneCutShort(Path directory) {
    if (Files.exists(directory.resolve(RECOVERED))) {
      throw new StartException(
          "dir "
              + directory
              + ": a recovery was cut short, and the log lies in "
              + RECOVERED
              + ". Run heartwood recover again as before: it goes on from there.");
    }
  }

  /** What became of a log that names another cluster than the configuration; empty: unknown. */
  static String renamed(Path directory) {
    RecoveryMark mark = RecoveryMark.read(directory.resolve("log"));
    return mark == null
        ? ""
        : " A recovery has made cluster "
            + mark.clusterName()
            + " of it; heartwood recover, run again, finishes what is missing of that.";
  }

  /** Removes what a run left that did not come to renaming: the log has all of it. */
  void removeUnfinished() {
    Directories.delete(recovered());
  }

  /** Does what is missing once log.recovered is whole; durable on return. */
  void finish(RecoveryMark mark) {
    if (mark.equals(RecoveryMark.read(recovered()))) {
      if (Files.exists(log())) {
        Directories.rename(log(), unusedBackup());
      }
      Directories.rename(recovered(), log());
    }
    if (!isNoted(mark)) {
      note(mark);
    }
  }

  /** No backup is ever removed: it may be all that is left of what another recovery dropped. */
  private Path unusedBackup() {
    Path backup = directory.resolve("log-before-recovery");
    for (int i = 2; Files.exists(backup); i++) {
      backup = directory.resolve("log-before-recovery-" + i);
    }
    return backup;
  }

  private boolean isNoted(RecoveryMark mark) {
    return notes().contains(" " + mark.line() + "\n");
  }

  private void note(RecoveryMark mark) {
    String before = notes();
    String torn = before.isEmpty() || before.endsWith("\n") ? "" : "\n";
    audit.info(mark.line());
    try {
      Files.writeString(
          file(),
          torn + Instant.now() + " " + mark.line() + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Directories.sync(file());
    Directories.sync(directory);
  }

  private String notes() {
    try {
      return Files.exists(file()) ? Files.readString(file()) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file() {
    return directory.resolve("recoveries.txt");
  }
}
