package heartwood.server;

import heartwood.raft.log.HardState;
import heartwood.raft.log.LogBatch;
import heartwood.raft.log.LogException;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Member;
import heartwood.server.config.Directives;
import heartwood.server.config.ServerConfig;
import heartwood.storage.Applied;
import heartwood.storage.Directories;
import heartwood.storage.DiskFault;
import heartwood.storage.StorageException;
import heartwood.storage.lmdb.LmdbLogStore;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import heartwood.storage.snapshot.StateDirectory;
import heartwood.storage.version.VersionedStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a new cluster of one out of what a surviving node holds, when the majority of the old one
 * is lost for good. Offline: the node must not run.
 *
 * <p>All that the log holds is kept, as etcd does it, and taken for committed: a node learns only
 * afterwards what is, so to drop what it does not know committed could lose what clients were told.
 * What was never committed may take effect so; how many entries that may be is said before. What
 * the others had committed and this node never got is lost.
 *
 * <pre>
 *   dir/log                  is written anew beside as log.recovered: what the state has not applied
 *                            yet, and a configuration with this node alone, under a new cluster id and
 *                            a new incarnation, with which members of the old cluster do not speak
 *   dir/log-before-recovery  what was the log; each step leaves, when the process dies in it, what
 *                            another run can go on with
 *   dir/recoveries.txt       a line for each
 * </pre>
 */
public final class Recovery {
  private static final Logger audit = LoggerFactory.getLogger("heartwood.audit");
  private static final int COPY_BYTES = 4 << 20;

  private final Path directory;
  private final ServerConfig config;
  private final NodeIdentity identity;
  private final Applied applied;
  private final Configuration before;
  private final HardState hardState;
  private final long lastIndex;

  private Recovery(
      Path directory,
      ServerConfig config,
      NodeIdentity identity,
      Applied applied,
      Configuration before,
      HardState hardState,
      long lastIndex) {
    this.directory = directory;
    this.config = config;
    this.identity = identity;
    this.applied = applied;
    this.before = before;
    this.hardState = hardState;
    this.lastIndex = lastIndex;
  }

  /**
   * Looks at what a node holds; changes no more than a start does.
   *
   * @throws StartException when it runs, or there is nothing that a cluster could begin with
   */
  public static Recovery of(ServerConfig config) {
    Path directory = Path.of(config.get(Directives.DIR)).toAbsolutePath().normalize();
    try {
      takeUp(directory);
      Applied applied = appliedOf(config, directory);
      try (LmdbLogStore log = LmdbLogStore.open(directory.resolve("log"), logOptions(config))) {
        if (applied.index() < log.baseIndex()) {
          throw new StartException(
              "dir " + directory + ": entries between state and log are missing: restore a backup");
        }
        Configuration[] last = {ConfigurationCodec.decode(applied.configuration())};
        for (long index = applied.index() + 1; index <= log.lastIndex(); ) {
          for (LogEntry entry : log.read(index, log.lastIndex(), COPY_BYTES)) {
            if (entry.kind() == EntryKind.CONFIGURATION) {
              last[0] = ConfigurationCodec.decode(entry.payload());
            }
            index = entry.index() + 1;
          }
        }
        return new Recovery(
            directory,
            config,
            log.identity(),
            applied,
            last[0],
            log.hardState(),
            Math.max(log.lastIndex(), applied.index()));
      }
    } catch (LogException.Corrupt e) {
      throw new StartException(
          "dir "
              + directory
              + ": "
              + e.getMessage()
              + ". Recover from another node that survived, or restore a backup.",
          e);
    } catch (LogException | StorageException | UncheckedIOException e) {
      throw told(directory, e);
    }
  }

  private static StartException told(Path directory, RuntimeException e) {
    String disk = DiskFault.told(directory, e);
    return new StartException(
        "dir " + directory + ": " + (disk == null ? e.getMessage() : disk), e);
  }

  /** A run that died between its last two steps has come too far to turn back. */
  private static void takeUp(Path directory) {
    Path log = directory.resolve("log");
    Path unfinished = directory.resolve("log.recovered");
    if (Files.exists(log)) {
      Directories.delete(unfinished);
    } else if (Files.exists(unfinished)) {
      Directories.rename(unfinished, log);
    }
  }

  private static Applied appliedOf(ServerConfig config, Path directory) {
    LmdbOptions options =
        LmdbOptions.forState().withMapSizeBytes(config.get(Directives.STATE_MAP_SIZE));
    try (StateDirectory state = StateDirectory.open(directory.resolve("state"), options);
        LmdbTables tables = state.openTables()) {
      return VersionedStore.appliedOf(tables);
    }
  }

  private static LmdbOptions logOptions(ServerConfig config) {
    return LmdbOptions.forLog().withMapSizeBytes(config.get(Directives.LOG_MAP_SIZE));
  }

  /** What is there and what will become of it, a sentence each, for whoever must decide. */
  public List<String> plan(String newClusterId) {
    long uncertain = Math.max(0, lastIndex - Math.max(hardState.commitIndex(), applied.index()));
    return List.of(
        String.format(
            "%s holds %s of cluster %016x, whose voters were %s.",
            directory, identity.nodeId(), identity.clusterId(), new TreeSet<>(before.voters())),
        String.format(
            "Its log ends with entry %d; the last %d are not known committed. All are kept:"
                + " what was not committed may take effect, and what the others had committed"
                + " beyond is lost.",
            lastIndex, uncertain),
        String.format(
            "%s becomes the only member of a new cluster, %s. No node of the old one can come"
                + " back; make sure that none of them runs, or two clusters go different ways.",
            identity.nodeId(), newClusterId));
  }

  /**
   * Does it; durable on return.
   *
   * @param newClusterId its name, which the node's configuration must have from now on
   */
  public void carryOut(String newClusterId) {
    long newId = NodeData.clusterId(newClusterId);
    if (newId == identity.clusterId()) {
      throw new StartException("the new cluster needs another name than the old one");
    }
    try {
      write(newId);
      Path old = directory.resolve("log-before-recovery");
      Directories.delete(old);
      Directories.rename(directory.resolve("log"), old);
      Directories.rename(directory.resolve("log.recovered"), directory.resolve("log"));
      note(newClusterId, newId);
    } catch (LogException | StorageException | UncheckedIOException e) {
      throw told(directory, e);
    }
  }

  private void write(long newId) {
    NodeIdentity renewed =
        new NodeIdentity(newId, identity.nodeId(), new SecureRandom().nextLong() & Long.MAX_VALUE);
    long term = Math.max(hardState.currentTerm(), applied.term()) + 1;
    long index = lastIndex + 1;
    Configuration alone = Configuration.of(List.of(self()));
    LogEntry entry =
        new LogEntry(index, term, EntryKind.CONFIGURATION, ConfigurationCodec.encode(alone));
    try (LmdbLogStore old = LmdbLogStore.open(directory.resolve("log"), logOptions(config));
        LmdbLogStore fresh =
            LmdbLogStore.create(directory.resolve("log.recovered"), renewed, logOptions(config))) {
      fresh.reset(applied.index(), applied.term());
      HardState meanwhile = new HardState(term, null, applied.index());
      for (long next = applied.index() + 1; next < index; next = fresh.lastIndex() + 1) {
        fresh.write(new LogBatch(old.read(next, index - 1, COPY_BYTES), meanwhile));
      }
      fresh.write(new LogBatch(List.of(entry), new HardState(term, null, index)));
    }
  }

  /** Where the node listens, as it is told or else as the old cluster knew it. */
  private Member self() {
    @Nullable Member told = NodeData.addressOf(config);
    Member self = told == null ? before.member(identity.nodeId()) : told;
    if (self == null) {
      throw new StartException(
          "cluster-members must say where node " + identity.nodeId().number() + " listens");
    }
    return self;
  }

  private void note(String newClusterId, long newId) {
    String line =
        String.format(
            "RECOVER %s from cluster %016x, voters %s, log to %d committed to %d, as cluster %s"
                + " (%016x)",
            identity.nodeId(),
            identity.clusterId(),
            new TreeSet<>(before.voters()),
            lastIndex,
            hardState.commitIndex(),
            newClusterId,
            newId);
    audit.info(line);
    Path file = directory.resolve("recoveries.txt");
    try {
      Files.writeString(
          file,
          Instant.now() + " " + line + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Directories.sync(file);
  }
}
