package heartwood.server;

import heartwood.raft.log.LogException;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Member;
import heartwood.raft.message.NodeId;
import heartwood.server.config.Directives;
import heartwood.server.config.MemberAddress;
import heartwood.server.config.ServerConfig;
import heartwood.server.dispatch.MembershipDesk;
import heartwood.server.replication.ReplicatedKeyspace;
import heartwood.storage.Applied;
import heartwood.storage.DiskFault;
import heartwood.storage.StorageException;
import heartwood.storage.lmdb.LmdbLogStore;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.snapshot.LogVerdict;
import heartwood.storage.snapshot.LostState;
import heartwood.storage.version.VersionedStore;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's directory: who it is, its log and its state.
 *
 * <pre>
 *   dir/log/            the journal: the newest records; LMDB: entries, votes, identity
 *   dir/state/          LMDB: the state of one applied index, and the file that says which is current
 *   dir/RUNNING         a process runs on it, or has died
 * </pre>
 *
 * <p>A directory is made once, by an explicit bootstrap; what is there is opened, and refused when
 * it is another node's.
 */
final class NodeData {
  private static final Logger logger = LoggerFactory.getLogger(NodeData.class);

  private static final int SCAN_BYTES = 4 << 20;

  private final Path directory;
  private final NodeIdentity identity;
  private final LmdbLogStore log;
  private final StateFiles files;
  private final Configuration configuration;
  private final RunningMark mark;

  private NodeData(Path directory, NodeIdentity identity, LmdbLogStore log, StateFiles files) {
    this.directory = directory;
    this.identity = identity;
    this.log = log;
    this.files = files;
    this.configuration = ConfigurationCodec.decode(files.store().applied().configuration());
    this.mark = RunningMark.set(directory);
  }

  static NodeData open(ServerConfig config) {
    Path directory = Path.of(config.get(Directives.DIR)).toAbsolutePath().normalize();
    try {
      return Files.exists(directory.resolve("log"))
          ? reopen(config, directory)
          : create(config, directory);
    } catch (LogException | StorageException | UncheckedIOException e) {
      String disk = DiskFault.told(directory, e);
      throw new StartException(
          "dir " + directory + ": " + (disk == null ? e.getMessage() : disk), e);
    }
  }

  private static NodeData create(ServerConfig config, Path directory) {
    RecoveryFiles.requireNoneCutShort(directory);
    List<MemberAddress> members = config.get(Directives.CLUSTER_MEMBERS);
    boolean joins = config.get(Directives.CLUSTER_JOIN);
    if (joins) {
      requireJoinable(config);
    } else if (!members.isEmpty() && !config.get(Directives.CLUSTER_BOOTSTRAP)) {
      throw new StartException(
          "dir "
              + directory
              + " holds no data. If the cluster is new, start with cluster-bootstrap yes; if this node is to"
              + " join one, with cluster-join yes. If it has lost its disk it must not come back under its old number: its votes are"
              + " forgotten.");
    }
    SecureRandom random = new SecureRandom();
    String name = config.get(Directives.CLUSTER_ID);
    long clusterId = name.isEmpty() ? random.nextLong() : clusterId(name);
    NodeIdentity identity =
        new NodeIdentity(
            clusterId,
            new NodeId(config.get(Directives.NODE_ID)),
            random.nextLong() & Long.MAX_VALUE);
    Configuration configuration = joins ? Configuration.NONE : configuration(config, members);
    StateFiles.create(
        directory.resolve("state"),
        new Applied(0, 0, 0, 0, 0, ConfigurationCodec.encode(configuration)),
        stateOptions(config));
    LmdbLogStore log = LmdbLogStore.create(directory.resolve("log"), identity, logOptions(config));
    return open(config, directory, identity, log);
  }

  private static void requireJoinable(ServerConfig config) {
    if (config.get(Directives.CLUSTER_ID).isEmpty() || addressOf(config) == null) {
      throw new StartException(
          "cluster-join needs the cluster-id, and in cluster-members where this node, "
              + config.get(Directives.NODE_ID)
              + ", will listen.");
    }
  }

  /** Where the configuration says that this node listens, if it does. */
  static @Nullable Member addressOf(ServerConfig config) {
    for (MemberAddress each : config.get(Directives.CLUSTER_MEMBERS)) {
      if (each.id() == config.get(Directives.NODE_ID)) {
        return MembershipDesk.member(each);
      }
    }
    return null;
  }

  private static NodeData reopen(ServerConfig config, Path directory) {
    LmdbLogStore log;
    try {
      log =
          LmdbLogStore.open(
              directory.resolve("log"),
              identity -> requireOurs(config, directory, identity),
              logOptions(config));
    } catch (LogException.Corrupt damage) {
      throw new StartException(
          "dir "
              + directory
              + ": the log cannot be read ("
              + damage.getMessage()
              + "). With it the votes of this node and what it acknowledged are forgotten, so it must"
              + " not come back under its number. "
              + replacement(config),
          damage);
    }
    return open(config, directory, log.identity(), log);
  }

  /** How another node takes the place of this one. */
  private static String replacement(ServerConfig config) {
    int number = config.get(Directives.NODE_ID);
    return "Take it out with heartwood cluster remove "
        + number
        + " (or RAFT REMOVE "
        + number
        + " on another node), and take in a new one with heartwood cluster add (or RAFT ADD). If most"
        + " of the cluster is lost, see heartwood recover.";
  }

  private static void requireOurs(ServerConfig config, Path directory, NodeIdentity identity) {
    String name = config.get(Directives.CLUSTER_ID);
    boolean isOurs =
        identity.nodeId().number() == config.get(Directives.NODE_ID)
            && (name.isEmpty() || identity.clusterId() == clusterId(name));
    if (!isOurs) {
      throw new StartException(
          "dir "
              + directory
              + " belongs to node "
              + identity.nodeId().number()
              + (name.isEmpty() || identity.clusterId() == clusterId(name)
                  ? ""
                  : " of another cluster")
              + ", not to node "
              + config.get(Directives.NODE_ID)
              + " of this one."
              + RecoveryFiles.renamed(directory));
    }
  }

  private static NodeData open(
      ServerConfig config, Path directory, NodeIdentity identity, LmdbLogStore log) {
    StateFiles files = null;
    try {
      files = openState(config, directory.resolve("state"), log);
      Applied applied = files.store().applied();
      if (!applied.isLost() && LogVerdict.reconcile(applied, log) == LogVerdict.DISCARD) {
        logger.info("the log is behind the state and begins anew at {}", log.baseIndex());
      }
      return new NodeData(directory, identity, log, files);
    } catch (StorageException.Corrupt damage) {
      boolean isReplaceable =
          damage instanceof StorageException.Condemned || hasOthers(config, log);
      log.close();
      throw new StartException(
          "dir "
              + directory
              + ": the state cannot be used ("
              + damage.getMessage()
              + "); nothing of it is served. The log and the votes are sound. "
              + (isReplaceable
                  ? replacement(config)
                  : "There is no other node to get it from: read it through with heartwood verify,"
                      + " and restore a backup."),
          damage);
    } catch (RuntimeException e) {
      if (files != null) {
        files.close();
      }
      log.close();
      throw e;
    }
  }

  /**
   * A state that was right once and cannot be read is right elsewhere: where there are others, it
   * is put aside, and the node starts without one and asks its leader for theirs. One that was
   * found to differ from theirs is not: somebody must ask why.
   */
  private static StateFiles openState(ServerConfig config, Path path, LmdbLogStore log) {
    try {
      if (LostState.isMissing(path)) {
        throw new StorageException.Corrupt(path + " holds no state");
      }
      return openFiles(config, path, log);
    } catch (StorageException.Condemned wrong) {
      throw wrong;
    } catch (StorageException.Corrupt damage) {
      if (!hasOthers(config, log)) {
        throw damage;
      }
      logger.error(
          "the state cannot be used and is put aside; the log and the votes are sound, and a"
              + " snapshot is asked of the leader: {}",
          damage.getMessage());
      LostState.setAside(path, stateOptions(config), ConfigurationCodec.encode(Configuration.NONE));
      return openFiles(config, path, log);
    }
  }

  private static StateFiles openFiles(ServerConfig config, Path path, LmdbLogStore log) {
    return StateFiles.open(
        path, stateOptions(config), config.get(Directives.OVERLAY_MAX_BYTES), log::lastIndex);
  }

  /**
   * Whether the node is one of several, by the last configuration in its log or, if it has none, by
   * what it is told; and knows where it listens itself, which the state would have said.
   */
  private static boolean hasOthers(ServerConfig config, LmdbLogStore log) {
    boolean isOneOfSeveral =
        config.get(Directives.CLUSTER_MEMBERS).size() > 1 || config.get(Directives.CLUSTER_JOIN);
    Configuration last = lastConfiguration(log);
    return addressOf(config) != null && (last == null ? isOneOfSeveral : last.members().size() > 1);
  }

  private static @Nullable Configuration lastConfiguration(LmdbLogStore log) {
    Configuration last = null;
    try {
      for (long index = log.baseIndex() + 1; index <= log.lastIndex(); ) {
        for (LogEntry entry : log.read(index, log.lastIndex(), SCAN_BYTES)) {
          index = entry.index() + 1;
          if (entry.kind() == EntryKind.CONFIGURATION) {
            last = ConfigurationCodec.decode(entry.payload());
          }
        }
      }
    } catch (LogException.Corrupt damage) {
      return null; // What is damaged may be one; others mend it, if there are any.
    }
    return last;
  }

  /** The number of a cluster's name: what frames carry. */
  static long clusterId(String name) {
    CRC32C crc = new CRC32C();
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    crc.update(bytes);
    return (long) name.hashCode() << 32 | crc.getValue();
  }

  private static Configuration configuration(ServerConfig config, List<MemberAddress> addresses) {
    if (addresses.isEmpty()) {
      return Configuration.of(
          List.of(
              new Member(
                  new NodeId(config.get(Directives.NODE_ID)),
                  "127.0.0.1",
                  config.get(Directives.PORT),
                  config.get(Directives.PROXY_PORT),
                  0,
                  0)));
    }
    List<Member> members = new ArrayList<>();
    for (MemberAddress address : addresses) {
      members.add(MembershipDesk.member(address));
    }
    return Configuration.of(members);
  }

  private static LmdbOptions logOptions(ServerConfig config) {
    return LmdbOptions.forLog().withMapSizeBytes(config.get(Directives.LOG_MAP_SIZE));
  }

  private static LmdbOptions stateOptions(ServerConfig config) {
    return LmdbOptions.forState().withMapSizeBytes(config.get(Directives.STATE_MAP_SIZE));
  }

  Path directory() {
    return directory;
  }

  NodeIdentity identity() {
    return identity;
  }

  LmdbLogStore log() {
    return log;
  }

  VersionedStore store() {
    return files.store();
  }

  /** The state is wrong: no process of this node opens it any more. */
  void condemnState(String why) {
    files.condemn(why);
  }

  /** Bytes in use of the state's file. */
  long stateBytes() {
    return files.usedBytes();
  }

  /** Of the state as it was found: the log may know a later one. */
  Configuration configuration() {
    return configuration;
  }

  /** Where this node listens: as it is told itself, else as the cluster knows it. */
  Member self(ServerConfig config) {
    Member told = addressOf(config);
    Member self = told != null ? told : configuration.member(identity.nodeId());
    if (self == null) {
      throw new StartException(identity.nodeId() + " is no member of its cluster any more");
    }
    return self;
  }

  /** Whether a failure says that rows of the state are damaged: then the next start knows. */
  boolean noteDamage(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof StorageException.Corrupt) {
        files.markDamaged(String.valueOf(cause.getMessage()));
        return true;
      }
    }
    return false;
  }

  StateFiles files() {
    return files;
  }

  NodeSnapshots snapshots(ReplicatedKeyspace state, Consumer<Throwable> onDamage) {
    return new NodeSnapshots(identity.nodeId(), files, state::endLongReads, state::load, onDamage);
  }

  /** Whether the process before this one died in whatever it did, in LMDB maybe. */
  boolean wasInterrupted() {
    return mark.wasThere();
  }

  void close() {
    files.close();
    log.close();
    mark.remove();
  }
}
