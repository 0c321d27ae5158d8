package heartwood.server;

import heartwood.server.keyspace.Keyspace;
import heartwood.storage.Applied;
import heartwood.storage.StorageException;
import heartwood.storage.checked.RowWalk;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import heartwood.storage.snapshot.IncomingSnapshot;
import heartwood.storage.snapshot.SnapshotId;
import heartwood.storage.snapshot.StagedSnapshot;
import heartwood.storage.snapshot.StateDirectory;
import heartwood.storage.version.VersionedStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The state of a node on its disk: the directory, its tables and the store over them, replaced as a
 * whole when a snapshot is installed. Thread-safe: staging and replacing exclude each other, and
 * take as long as copying and reading a whole state takes.
 */
final class StateFiles implements AutoCloseable {
  private final StateDirectory directory;
  private final long overlayBytes;
  private final LongSupplier durableLogIndex;

  /** Asked for its size by any thread, which must not wait for a copy. */
  private volatile LmdbTables tables;

  private VersionedStore store;

  /** Invariant: false only between two states, and for good when the second was not reached. */
  private boolean isStoreOpen = true;

  /** A walk over all rows of the present state; null: none is under way. */
  private @Nullable RowWalk scrub;

  private StateFiles(StateDirectory directory, long overlayBytes, LongSupplier durableLogIndex) {
    this.directory = directory;
    this.overlayBytes = overlayBytes;
    this.durableLogIndex = durableLogIndex;
    this.tables = directory.openTables();
    this.store = openStore();
  }

  private VersionedStore openStore() {
    try {
      if (VersionedStore.appliedIndexOf(tables) == null) {
        throw new StorageException.Corrupt("the state holds nothing, not even that it is empty");
      }
      return VersionedStore.open(tables, Keyspace.rowKinds(), overlayBytes, durableLogIndex);
    } catch (RuntimeException e) {
      if (e instanceof StorageException.Corrupt damage) {
        directory.markDamaged(String.valueOf(damage.getMessage()));
      }
      tables.close();
      throw e;
    }
  }

  /**
   * Makes the state that a new node begins with. What a start that was cut short has left is taken
   * up; a state that has lost its log is refused.
   */
  static void create(Path path, Applied applied, LmdbOptions options) {
    try (StateDirectory directory =
            Files.exists(path)
                ? StateDirectory.open(path, options)
                : StateDirectory.create(path, options);
        LmdbTables tables = directory.openTables()) {
      Long index = VersionedStore.appliedIndexOf(tables);
      if (index != null && index != 0) {
        throw new StorageException(
            path
                + (index == Applied.LOST
                    ? " is that of a node which had lost its state"
                    : " holds a state of index " + index)
                + ", but its log is missing");
      }
      VersionedStore.initialize(tables, applied);
    }
  }

  static StateFiles open(
      Path path, LmdbOptions options, long overlayBytes, LongSupplier durableLogIndex) {
    StateDirectory directory = StateDirectory.open(path, options);
    try {
      return new StateFiles(directory, overlayBytes, durableLogIndex);
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  synchronized VersionedStore store() {
    return store;
  }

  /** Bytes in use of the state's file; 0 while it is replaced. Does not wait. */
  long usedBytes() {
    return tables.usedBytes();
  }

  /** Copies the last checkpoint, to be offered by a node. */
  synchronized StagedSnapshot stage(int node) {
    return directory.stage(tables, node);
  }

  /** This state is not opened any more, by whatever process. */
  void condemn(String why) {
    directory.condemn(why);
  }

  /** Rows of this state are damaged: no process serves it any more. */
  void markDamaged(String what) {
    directory.markDamaged(what);
  }

  /**
   * Goes on checking all rows of the state for a while, beginning anew where it was replaced; null
   * when there is no state.
   *
   * @throws StorageException.DamagedRow when one is not as it was written
   */
  synchronized @Nullable ScrubStep scrub(long maxBytes, long maxNanos) {
    if (!isStoreOpen) {
      return null;
    }
    RowWalk walk = scrub;
    if (walk == null) {
      walk =
          new RowWalk(
              tables,
              damage -> {
                throw damage;
              });
      scrub = walk;
    }
    boolean goesOn = walk.step(maxBytes, maxNanos);
    if (!goesOn) {
      scrub = null;
    }
    return new ScrubStep(walk.rows(), walk.bytes(), !goesOn);
  }

  /**
   * How far a walk over all rows is.
   *
   * @param bytes that those take, about
   */
  record ScrubStep(long rows, long bytes, boolean isLast) {}

  /** What was on offer when the files were opened; null: nothing. */
  synchronized @Nullable StagedSnapshot offered() {
    return directory.offered();
  }

  /** What was being received when the files were opened; null: nothing. */
  synchronized @Nullable IncomingSnapshot incoming() {
    return directory.incoming();
  }

  synchronized IncomingSnapshot receive(SnapshotId id) {
    return directory.receive(id);
  }

  /**
   * Throws unless what was received is what was offered.
   *
   * @throws StorageException.Corrupt when it is not
   */
  synchronized void verify(IncomingSnapshot incoming) {
    directory.verify(incoming);
  }

  /**
   * Puts a state that was verified in the place of this one, whose store is closed.
   *
   * @throws StorageException when that fails half-way: the node must stop, for its state as it was
   *     in memory is gone, and what the directory holds is older than what was applied
   */
  synchronized VersionedStore replace(IncomingSnapshot incoming) {
    isStoreOpen = false;
    scrub = null;
    store.close();
    try {
      directory.install(incoming);
      tables = directory.openTables();
      store = openStore();
    } catch (RuntimeException e) {
      throw new StorageException(
          "state is closed and snapshot " + incoming.id() + " is not in its place; start anew", e);
    }
    isStoreOpen = true;
    return store;
  }

  @Override
  public synchronized void close() {
    if (isStoreOpen) {
      isStoreOpen = false;
      store.close();
    }
    directory.close();
  }
}
