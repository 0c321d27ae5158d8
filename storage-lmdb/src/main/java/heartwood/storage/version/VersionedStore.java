package heartwood.storage.version;

import heartwood.storage.Applied;
import heartwood.storage.Cursor;
import heartwood.storage.Hash64;
import heartwood.storage.Past;
import heartwood.storage.ReadTxn;
import heartwood.storage.Row;
import heartwood.storage.StorageException;
import heartwood.storage.Store;
import heartwood.storage.Table;
import heartwood.storage.Tables;
import heartwood.storage.TablesReader;
import heartwood.storage.TablesWriter;
import heartwood.storage.WriteTxn;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The state over ordered tables: writes go to an overlay in memory, and checkpoints carry it to the
 * tables in the background. What a commit wrote is readable at once and durable with the checkpoint
 * that holds it; after a crash the log is replayed from {@link #applied()}.
 *
 * <p>Apply thread: {@link #write}, {@link #read}, {@link #applied(Applied)}, {@link #digest},
 * {@link #checkpoint}, {@link #close}. Any thread: the rest.
 */
public final class VersionedStore implements Store {
  /**
   * Half of it is the share of one overlay: 64 MiB hold about 270,000 rows of 100 bytes. A
   * checkpoint of so many random rows in a table of a million writes each of its pages once; a
   * smaller overlay would write them as often for fewer rows.
   */
  public static final long DEFAULT_OVERLAY_BYTES = 128L << 20;

  /** What a deletion adds to the digest in the place of a value's hash. */
  private static final long DELETED = 0x7f4a7c159e3779b9L;

  private static final Applied NOTHING = new Applied(0, 0, 0, 0, 0, new byte[0]);

  private final Tables tables;
  private final Table current;
  private final Table meta;
  private final long overlayLimitBytes;
  private final LongSupplier durableLogIndex;
  private final @Nullable CheckpointThread checkpointThread;
  private final RedoBuffer redo = new RedoBuffer();
  private final ReadTxn live = new LiveView();

  /** The layers of now; apply thread. */
  private final Layers layers;

  /** Rolling hash of all write sets committed; apply thread. */
  private long digest;

  /** Rows were committed since {@link #applied(Applied)}: no place to cut. Apply thread. */
  private boolean isInsideEntry;

  private boolean isWriting;

  /** Replaced by the apply thread only, as a whole, so that its identity tells whether it moved. */
  private volatile View view;

  /** The last revision committed. Invariant: grows with every commit that wrote something. */
  private volatile long committedRevision;

  private volatile Applied applied;
  private volatile Applied durable;
  private volatile boolean isCheckpointWanted;

  private final AtomicLong checkpointCount = new AtomicLong();

  /** Why the last checkpoint failed: lasting. */
  private volatile @Nullable Throwable failure;

  /** The overlay that takes the writes, and the one below it that is on its way to the tables. */
  private static final class View {
    final Overlay active;
    final @Nullable Checkpoint checkpoint;

    View(Overlay active, @Nullable Checkpoint checkpoint) {
      this.active = active;
      this.checkpoint = checkpoint;
    }
  }

  private VersionedStore(
      Tables tables, long overlayLimitBytes, LongSupplier durableLogIndex, boolean ownThread) {
    this.tables = tables;
    this.overlayLimitBytes = overlayLimitBytes;
    this.durableLogIndex = durableLogIndex;
    this.current = tables.open("current");
    this.meta = tables.open("meta");
    Applied found = readApplied();
    this.applied = found;
    this.durable = found;
    this.digest = found.digest();
    this.committedRevision = found.revision();
    Overlay active = new Overlay(0);
    this.view = new View(active, null);
    this.layers = new Layers(current, tables.read(), Long.MAX_VALUE, active, null);
    this.checkpointThread = ownThread ? new CheckpointThread(this) : null;
  }

  /**
   * Opens a state and starts its checkpoint thread. The tables belong to the store from now on.
   *
   * @param overlayLimitBytes memory for rows that are not in the tables yet
   * @param durableLogIndex the last index that this node's own log holds durably; asked by the
   *     checkpoint thread
   */
  public static VersionedStore open(
      Tables tables, long overlayLimitBytes, LongSupplier durableLogIndex) {
    VersionedStore store = new VersionedStore(tables, overlayLimitBytes, durableLogIndex, true);
    if (store.checkpointThread != null) {
      store.checkpointThread.start();
    }
    return store;
  }

  /** The same without a thread: whoever steps the simulation calls {@link #maybeCheckpoint}. */
  public static VersionedStore openStepped(
      Tables tables, long overlayLimitBytes, LongSupplier durableLogIndex) {
    return new VersionedStore(tables, overlayLimitBytes, durableLogIndex, false);
  }

  /**
   * How far a state has been applied that no store has open: an installed snapshot's, say.
   *
   * @throws StorageException.Corrupt when these are not the tables of a state
   */
  public static Applied appliedOf(Tables tables) {
    Table meta = tables.open("meta");
    Applied applied = appliedOf(tables, meta);
    if (applied == null) {
      throw new StorageException.Corrupt("row format: missing");
    }
    return applied;
  }

  /** The same, of tables that may be empty: null then. */
  public static @Nullable Long appliedIndexOf(Tables tables) {
    Applied applied = appliedOf(tables, tables.open("meta"));
    return applied == null ? null : applied.index();
  }

  private static @Nullable Applied appliedOf(Tables tables, Table meta) {
    try (TablesReader reader = tables.read()) {
      return MetaRows.hasFormat(reader, meta) ? MetaRows.applied(reader, meta) : null;
    }
  }

  private Applied readApplied() {
    Applied found = appliedOf(tables, meta);
    if (found != null) {
      return found;
    }
    initialize(tables, NOTHING);
    return NOTHING;
  }

  /** Says of empty tables what their state is to begin with; durable on return. */
  public static void initialize(Tables tables, Applied applied) {
    Table meta = tables.open("meta");
    try (TablesWriter writer = tables.write()) {
      MetaRows.putFormat(writer, meta);
      MetaRows.putApplied(writer, meta, applied);
      writer.commit();
    }
  }

  @Override
  public WriteTxn write(long revision, int operation) {
    if (isWriting) {
      throw new IllegalStateException("the former write transaction is open");
    }
    if (revision <= committedRevision) {
      throw new IllegalArgumentException(
          "revision: " + revision + " (expected: above " + committedRevision + ")");
    }
    isWriting = true;
    return new VersionedWriteTxn(this, layers, redo, revision);
  }

  void commit(RedoBuffer writes, long revision) {
    Overlay active = layers.active();
    long sum = 0; // A sum: the order in which a command wrote its rows is nobody's business.
    boolean wrote = false;
    for (int i = 0; i < writes.rowCount(); i++) {
      if (writes.isVoid(i)) {
        continue;
      }
      byte[] key = writes.key(i);
      byte[] value = writes.value(i);
      long keyHash = Layers.hashOf(key);
      long seed = Hash64.mix(keyHash, revision);
      sum += value == null ? Hash64.mix(seed, DELETED) : Hash64.hash(seed, value);
      active.put(key, keyHash, revision, value);
      wrote = true;
    }
    if (wrote) {
      digest = Hash64.mix(digest, sum);
      isInsideEntry = true;
      committedRevision = revision;
    }
    discard(writes);
  }

  void discard(RedoBuffer writes) {
    writes.clear();
    isWriting = false;
  }

  @Override
  public ReadTxn read() {
    return live;
  }

  @Override
  public Past past() {
    throw new UnsupportedOperationException("the past");
  }

  @Override
  public void raiseHorizon(long revision) {
    throw new UnsupportedOperationException("the past");
  }

  /** A view of the last commit that stands still, for any thread. Must be closed. */
  public StoreSnapshot snapshot() {
    for (; ; ) {
      View now = view;
      long revision = committedRevision;
      TablesReader reader = tables.read();
      if (view == now) {
        // The tables hold what lies below the view, or its sealed overlay too: alike for readers.
        Checkpoint checkpoint = now.checkpoint;
        Overlay sealed = checkpoint == null ? null : checkpoint.overlay();
        return new StoreSnapshot(
            revision, new Layers(current, reader, revision, now.active, sealed));
      }
      reader.close();
    }
  }

  @Override
  public Applied applied() {
    return applied;
  }

  @Override
  public Applied durable() {
    return durable;
  }

  @Override
  public long digest() {
    return digest;
  }

  /**
   * {@inheritDoc}
   *
   * @throws StorageException when a checkpoint has failed: the node must stop
   * @throws IllegalArgumentException when it goes back, or does not tell this state's digest
   */
  @Override
  public void applied(Applied now) {
    requireHealthy();
    if (isWriting) {
      throw new IllegalStateException("a write transaction is open");
    }
    require(now.digest() == digest, "digest of another state", now);
    require(now.index() >= applied.index(), "index goes back", now);
    require(now.revision() >= committedRevision, "revision goes back", now);
    applied = now;
    isInsideEntry = false;
    maybeAdopt();
    View old = view;
    if (old.checkpoint == null
        && (isCheckpointWanted || old.active.bytes() >= overlayLimitBytes / 2)) {
      seal(now);
    }
  }

  private void require(boolean condition, String complaint, Applied now) {
    if (!condition) {
      throw new IllegalArgumentException(
          complaint
              + ": "
              + now
              + " (revision: "
              + committedRevision
              + ", digest: "
              + digest
              + ")");
    }
  }

  /** Drops the sealed overlay once it is in the tables. */
  private void maybeAdopt() {
    View old = view;
    if (old.checkpoint != null && old.checkpoint.isWritten()) {
      layers.adoptCheckpoint();
      view = new View(old.active, null);
    }
  }

  private void seal(Applied at) {
    layers.requireNoCursor();
    isCheckpointWanted = false;
    Overlay sealed = layers.active();
    Overlay active = new Overlay(sealed.rowCount());
    layers.seal(active);
    view = new View(active, new Checkpoint(sealed, at));
    if (checkpointThread != null) {
      checkpointThread.wake();
    }
  }

  /** The next entry's end seals a checkpoint, however small: so that the log may be cut. */
  public void requestCheckpoint() {
    isCheckpointWanted = true;
  }

  /**
   * Writes the sealed overlay if there is one and this node's log is durable as far as it reaches;
   * durable on return. True when something was written. Called by the checkpoint thread, or by the
   * simulation.
   */
  public boolean maybeCheckpoint() {
    Checkpoint checkpoint = view.checkpoint;
    if (checkpoint == null
        || checkpoint.isWritten()
        || durableLogIndex.getAsLong() < checkpoint.applied().index()) {
      return false;
    }
    try {
      checkpoint.write(tables, current, meta);
    } catch (RuntimeException | Error e) {
      failure = e;
      throw e;
    }
    durable = checkpoint.applied();
    checkpoint.markWritten();
    checkpointCount.incrementAndGet();
    return true;
  }

  /**
   * Writes all that is applied, durable on return; waits for a checkpoint under way and for the
   * log. Between two entries only.
   *
   * @throws StorageException when it fails, or a stepped store's log is not durable so far
   */
  public void checkpoint() {
    if (isInsideEntry) {
      throw new IllegalStateException("checkpoint inside an entry");
    }
    requireHealthy();
    awaitCheckpoint();
    if (durable.index() != applied.index() || !layers.active().isEmpty()) {
      seal(applied);
      awaitCheckpoint();
    }
  }

  private void awaitCheckpoint() {
    Checkpoint pending = view.checkpoint;
    if (pending != null && !pending.isWritten()) {
      if (checkpointThread != null) {
        checkpointThread.await(pending);
      } else {
        maybeCheckpoint();
      }
      requireHealthy();
      if (!pending.isWritten()) {
        throw new StorageException(
            "checkpoint " + pending.applied().index() + ": not written: the log is behind");
      }
    }
    maybeAdopt();
  }

  /** True while a checkpoint is needed, to be written by {@link #maybeCheckpoint}. Any thread. */
  public boolean isCheckpointPending() {
    Checkpoint checkpoint = view.checkpoint;
    return checkpoint != null && !checkpoint.isWritten() && failure == null;
  }

  /**
   * True while the checkpoint under way cannot keep up and the overlays have reached their limit:
   * no more should be proposed or applied. Any thread. Ends when the checkpoint is written; one
   * that has failed ends it too, and the next write throws that failure.
   */
  public boolean isFull() {
    return isCheckpointPending() && overlayBytes() >= overlayLimitBytes;
  }

  /** Memory that rows take which are not in the tables yet. */
  public long overlayBytes() {
    View now = view;
    Checkpoint checkpoint = now.checkpoint;
    long bytes = now.active.bytes();
    if (checkpoint != null && !checkpoint.isWritten()) {
      bytes += checkpoint.overlay().bytes();
    }
    return bytes;
  }

  /** How many checkpoints were written since the state was opened. Any thread. */
  public long checkpointCount() {
    return checkpointCount.get();
  }

  public long overlayLimitBytes() {
    return overlayLimitBytes;
  }

  private void requireHealthy() {
    Throwable cause = failure;
    if (cause != null) {
      throw new StorageException("a checkpoint has failed", cause);
    }
  }

  /** Stops without a checkpoint: what is not durable will be replayed. Snapshots must be closed. */
  @Override
  public void close() {
    if (checkpointThread != null) {
      checkpointThread.close();
    }
    layers.close();
    tables.close();
  }

  private final class LiveView implements ReadTxn {
    @Override
    public @Nullable Row get(byte[] key) {
      return layers.get(key);
    }

    @Override
    public Cursor scan(byte[] from, byte[] to) {
      return layers.scan(from, to, true, null);
    }

    @Override
    public Cursor scanReverse(byte[] from, byte[] to) {
      return layers.scan(from, to, false, null);
    }
  }
}
