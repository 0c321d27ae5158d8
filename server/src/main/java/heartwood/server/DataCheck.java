package heartwood.server;

import heartwood.raft.log.LogException;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.message.LogEntry;
import heartwood.server.config.Directives;
import heartwood.server.config.ServerConfig;
import heartwood.storage.StorageException;
import heartwood.storage.lmdb.LmdbLogStore;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import heartwood.storage.snapshot.StateDirectory;
import heartwood.storage.version.StateCheck;
import java.nio.file.Path;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Reads a data directory through, while its node does not run: every entry of the log with its
 * checksum and its place in the chain, every row and version of the state.
 *
 * <p>Opening does what it does at every start, and no more is changed: the journal moves to the
 * log's tables, and what interrupted steps have left is removed.
 */
public final class DataCheck {
  private static final int READ_BYTES = 4 << 20;
  private static final long ENTRIES_PER_REPORT = 1_000_000;

  private DataCheck() {}

  /**
   * Checks the directory that a configuration names.
   *
   * @param told gets what was found, a line each
   * @return whether a node could start from it and lacks nothing
   * @throws StartException when it is missing, in use or not of this version
   */
  public static boolean run(ServerConfig config, Consumer<String> told) {
    Path directory = Path.of(config.get(Directives.DIR)).toAbsolutePath().normalize();
    try (LmdbLogStore log =
        LmdbLogStore.open(
            directory.resolve("log"),
            LmdbOptions.forLog().withMapSizeBytes(config.get(Directives.LOG_MAP_SIZE)))) {
      NodeIdentity identity = log.identity();
      told.accept(
          String.format(
              "%s: data of %s, cluster %016x, incarnation %016x",
              directory, identity.nodeId(), identity.clusterId(), identity.incarnation()));
      boolean isSound = checkLog(log, told);
      return checkState(config, directory.resolve("state"), log, told) && isSound;
    } catch (LogException.Corrupt damage) {
      told.accept("log: damaged: " + damage.getMessage());
      return false;
    } catch (LogException | StorageException e) {
      throw new StartException(e.getMessage(), e);
    }
  }

  private static boolean checkLog(LmdbLogStore log, Consumer<String> told) {
    long index = log.baseIndex() + 1;
    try {
      while (index <= log.lastIndex()) {
        for (LogEntry entry : log.read(index, log.lastIndex(), READ_BYTES)) {
          index = entry.index() + 1;
          if (index % ENTRIES_PER_REPORT == 0) {
            told.accept("log: " + index + " of " + log.lastIndex() + " entries read");
          }
        }
      }
    } catch (LogException.Corrupt damage) {
      told.accept("log: entry " + index + " or one behind it is damaged: " + damage.getMessage());
      return false;
    }
    told.accept(
        "log: entries "
            + (log.baseIndex() + 1)
            + " to "
            + log.lastIndex()
            + " are sound, "
            + log.hardState());
    return true;
  }

  private static boolean checkState(
      ServerConfig config, Path path, LmdbLogStore log, Consumer<String> told) {
    LmdbOptions options =
        LmdbOptions.forState().withMapSizeBytes(config.get(Directives.STATE_MAP_SIZE));
    StateCheck state;
    boolean isMarked;
    try (StateDirectory directory = StateDirectory.open(path, options);
        LmdbTables tables = directory.openTablesAsTheyAre()) {
      directory.damage().ifPresent(what -> told.accept("state: a node has found: " + what));
      state = StateCheck.of(tables, rows -> told.accept("state: " + rows + " rows read"));
      isMarked = directory.damage().isPresent();
    } catch (StorageException.Corrupt damage) {
      told.accept("state: damaged: " + damage.getMessage());
      return false;
    }
    if (state.applied().isLost()) {
      told.accept("state: it is lost; the node asks its leader for a snapshot when it starts");
      return false;
    }
    told.accept("state: rows that hold their checksums: " + counts(state.rowsByTable()));
    long applied = state.applied().index();
    told.accept(
        String.format(
            "state: index %d, revision %d: %d rows, %d versions of the past, %d changes are sound%s",
            applied,
            state.applied().revision(),
            state.rows(),
            state.versions(),
            state.changes(),
            state.isWhole() ? "" : "; a checkpoint was cut short, the next start takes it back"));
    if (isMarked) {
      told.accept(
          "what a node has found damaged is sound when read now: trust neither disk nor memory."
              + " A node alone starts from it again once the file DAMAGED is removed");
      return false;
    }
    if (applied < log.baseIndex()) {
      told.accept("between state and log entries are missing: the node cannot start from this");
      return false;
    }
    if (applied > log.lastIndex()) {
      told.accept(
          "the log ends before the state, as after a snapshot: the next start begins it anew");
    }
    return true;
  }

  /** The many tables of the past's runs count as one. */
  private static String counts(Map<String, Long> rowsByTable) {
    Map<String, Long> counts = new TreeMap<>();
    rowsByTable.forEach(
        (table, rows) -> counts.merge(table.replaceFirst("-[0-9]+$", ""), rows, Long::sum));
    StringJoiner text = new StringJoiner(", ");
    counts.forEach((table, rows) -> text.add(table + " " + rows));
    return text.toString();
  }
}
