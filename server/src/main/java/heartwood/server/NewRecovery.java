package heartwood.server;

import heartwood.raft.log.HardState;
import heartwood.raft.log.LogBatch;
import heartwood.raft.log.LogException;
import heartwood.raft.log.LogStore;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Member;
import heartwood.server.config.Directives;
import heartwood.server.config.ServerConfig;
import heartwood.storage.Applied;
import heartwood.storage.StorageException;
import heartwood.storage.lmdb.LmdbLogStore;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import heartwood.storage.snapshot.LogVerdict;
import heartwood.storage.snapshot.StateDirectory;
import heartwood.storage.version.VersionedStore;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A recovery from the beginning. Confined. */
final class NewRecovery implements Recovery {
  private static final int COPY_BYTES = 4 << 20;

  private final RecoveryFiles files;
  private final ServerConfig config;
  private final NodeIdentity identity;
  private final Applied applied;
  private final Configuration before;
  private final HardState hardState;

  /** Of the log as it was found, whatever becomes of it. */
  private final long foundLastIndex;

  /** What becomes of the log: kept, or else the state alone is. */
  private final LogVerdict verdict;

  /** Of what is kept. Invariant: not below what is applied. */
  private final long lastIndex;

  private NewRecovery(RecoveryFiles files, ServerConfig config, Applied applied, LmdbLogStore log) {
    this.files = files;
    this.config = config;
    this.identity = log.identity();
    this.applied = applied;
    this.hardState = log.hardState();
    this.foundLastIndex = log.lastIndex();
    this.verdict = LogVerdict.judge(applied, log);
    if (applied.isLost()) {
      throw new StartException(
          "dir "
              + files.directory()
              + ": the state is lost, the node was to get another from its leader. Recover from"
              + " another node that survived, or restore a backup. What could not be used lies in "
              + files.state()
              + " under a name that begins with damaged-.");
    }
    if (verdict == LogVerdict.REFUSE) {
      throw new StartException(
          String.format(
              "dir %s: entries between state and log are missing: the state ends at %d, the log"
                  + " begins behind %d. Recover from another node that survived, or restore a"
                  + " backup.",
              files.directory(), applied.index(), log.baseIndex()));
    }
    this.lastIndex = verdict == LogVerdict.KEEP ? log.lastIndex() : applied.index();
    this.before = configurationOf(applied, log, lastIndex);
  }

  /** Looks at what a node holds; changes no more than a start does, and not the log. */
  static NewRecovery of(ServerConfig config, RecoveryFiles files) {
    Applied applied = appliedOf(config, files);
    try (LmdbLogStore log = LmdbLogStore.open(files.log(), logOptions(config))) {
      return new NewRecovery(files, config, applied, log);
    }
  }

  private static Configuration configurationOf(Applied applied, LogStore log, long lastIndex) {
    Configuration last = ConfigurationCodec.decode(applied.configuration());
    for (long index = applied.index() + 1; index <= lastIndex; ) {
      for (LogEntry entry : log.read(index, lastIndex, COPY_BYTES)) {
        if (entry.kind() == EntryKind.CONFIGURATION) {
          last = ConfigurationCodec.decode(entry.payload());
        }
        index = entry.index() + 1;
      }
    }
    return last;
  }

  private static Applied appliedOf(ServerConfig config, RecoveryFiles files) {
    LmdbOptions options =
        LmdbOptions.forState().withMapSizeBytes(config.get(Directives.STATE_MAP_SIZE));
    try (StateDirectory state = StateDirectory.open(files.state(), options);
        LmdbTables tables = state.openTables()) {
      return VersionedStore.appliedOf(tables);
    }
  }

  private static LmdbOptions logOptions(ServerConfig config) {
    return LmdbOptions.forLog().withMapSizeBytes(config.get(Directives.LOG_MAP_SIZE));
  }

  @Override
  public @Nullable String begunAs() {
    return null;
  }

  @Override
  public List<String> plan(String newClusterId) {
    return List.of(
        String.format(
            "%s holds %s of cluster %016x, whose voters were %s.",
            files.directory(),
            identity.nodeId(),
            identity.clusterId(),
            new TreeSet<>(before.voters())),
        verdict == LogVerdict.KEEP ? planOfTheLog() : planWithoutTheLog(),
        String.format(
            "%s becomes the only member of a new cluster, %s. No node of the old one can come"
                + " back; make sure that none of them runs, or two clusters go different ways.",
            identity.nodeId(), newClusterId));
  }

  private String planOfTheLog() {
    return String.format(
        "Its log ends with entry %d; the last %d are not known committed. All are kept:"
            + " what was not committed may take effect, and what the others had committed"
            + " beyond is lost.",
        lastIndex, Math.max(0, lastIndex - knownCommitted()));
  }

  private String planWithoutTheLog() {
    return String.format(
        "Its log does not go on from its state, which a snapshot brought to entry %d: nothing of"
            + " the log is kept, all of the state is; what the others had committed beyond is"
            + " lost.",
        lastIndex);
  }

  private long knownCommitted() {
    return Math.max(hardState.commitIndex(), applied.index());
  }

  @Override
  public void carryOut(String newClusterId) {
    long newId = NodeData.clusterId(newClusterId);
    if (newId == identity.clusterId()) {
      throw new StartException("the new cluster needs another name than the old one");
    }
    if (newClusterId.isBlank() || newClusterId.indexOf('\n') >= 0) {
      throw new StartException("the new cluster's name must be one line, and not empty");
    }
    try {
      files.removeUnfinished();
      write(newId);
      RecoveryMark mark = new RecoveryMark(newClusterId, line(newClusterId, newId));
      mark.write(files.recovered());
      files.finish(mark);
    } catch (LogException | StorageException | UncheckedIOException e) {
      throw files.told(e);
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
    try (LmdbLogStore old = LmdbLogStore.open(files.log(), logOptions(config))) {
      requireAsFound(old);
      try (LmdbLogStore fresh =
          LmdbLogStore.create(files.recovered(), renewed, logOptions(config))) {
        fresh.reset(applied.index(), applied.term());
        HardState meanwhile = new HardState(term, null, applied.index());
        for (long next = applied.index() + 1; next < index; next = fresh.lastIndex() + 1) {
          fresh.write(new LogBatch(old.read(next, index - 1, COPY_BYTES), meanwhile));
        }
        fresh.write(new LogBatch(List.of(entry), new HardState(term, null, index)));
      }
    }
  }

  /** Whoever must decide may take long: what the node wrote meanwhile must not be dropped. */
  private void requireAsFound(LmdbLogStore log) {
    if (log.lastIndex() != foundLastIndex || !log.hardState().equals(hardState)) {
      throw new StartException(
          String.format(
              "dir %s: the node ran meanwhile: its log ends with %d (expected: %d). Stop it, and run"
                  + " heartwood recover again.",
              files.directory(), log.lastIndex(), foundLastIndex));
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

  private String line(String newClusterId, long newId) {
    return String.format(
        "RECOVER %s from cluster %016x, voters %s, %s to %d committed to %d, as cluster %s (%016x)",
        identity.nodeId(),
        identity.clusterId(),
        new TreeSet<>(before.voters()),
        verdict == LogVerdict.KEEP ? "log" : "state without log",
        lastIndex,
        knownCommitted(),
        newClusterId,
        newId);
  }
}
