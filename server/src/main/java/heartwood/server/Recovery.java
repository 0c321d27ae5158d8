package heartwood.server;

import heartwood.raft.log.LogException;
import heartwood.server.config.Directives;
import heartwood.server.config.ServerConfig;
import heartwood.storage.StorageException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a new cluster of one out of what a surviving node holds, when the majority of the old one
 * is lost for good. Offline: the node must not run.
 *
 * <p>All that the log holds is kept, as etcd does it, and taken for committed: a node learns only
 * afterwards what is, so to drop what it does not know committed could lose what clients were told.
 * What was never committed may take effect so; how many entries that may be is said before. What
 * the others had committed and this node never got is lost. Only a log that a start would discard,
 * since it does not go on from the state, is not kept.
 *
 * <p>A run that was cut short is finished by the next, under the name that the first one gave:
 * {@link RecoveryFiles} says by what it is known.
 *
 * <p>Confined.
 */
public sealed interface Recovery permits NewRecovery, EarlierRecovery {
  /**
   * Looks at what a node holds; changes no more than a start does, and not the log.
   *
   * @throws StartException when it runs, or there is nothing that a cluster could begin with
   */
  static Recovery of(ServerConfig config) {
    RecoveryFiles files =
        new RecoveryFiles(Path.of(config.get(Directives.DIR)).toAbsolutePath().normalize());
    try {
      RecoveryMark begun = files.cutShort(config.get(Directives.CLUSTER_ID));
      return begun == null ? NewRecovery.of(config, files) : new EarlierRecovery(files, begun);
    } catch (LogException.Corrupt e) {
      throw new StartException(
          "dir "
              + files.directory()
              + ": "
              + e.getMessage()
              + ". Recover from another node that survived, or restore a backup.",
          e);
    } catch (LogException | StorageException | UncheckedIOException e) {
      throw files.told(e);
    }
  }

  /** The new cluster's name, if an earlier run that was cut short has given it; else null. */
  @Nullable String begunAs();

  /**
   * What is there and what will become of it, a sentence each, for whoever must decide.
   *
   * @throws StartException when an earlier run has begun under another name
   */
  List<String> plan(String newClusterId);

  /**
   * Does it; durable on return.
   *
   * @param newClusterId its name, which the node's configuration must have from now on
   * @throws StartException when it cannot be done, or not under this name
   */
  void carryOut(String newClusterId);
}
