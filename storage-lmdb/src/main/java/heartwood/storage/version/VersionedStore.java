package heartwood.storage.version;

import heartwood.storage.Applied;
import heartwood.storage.Cursor;
import heartwood.storage.Hash64;
import heartwood.storage.Past;
import heartwood.storage.ReadTxn;
import heartwood.storage.Row;
import heartwood.storage.RowKinds;
import heartwood.storage.StorageException;
import heartwood.storage.Store;
import heartwood.storage.Table;
import heartwood.storage.Tables;
import heartwood.storage.TablesReader;
import heartwood.storage.TablesWriter;
import heartwood.storage.WriteTxn;
import heartwood.storage.checked.CheckedTables;
import heartwood.storage.history.ChangeList;
import heartwood.storage.history.HistoryStats;
import heartwood.storage.history.Run;
import heartwood.storage.history.RunTables;
import heartwood.storage.history.StampList;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The state over ordered tables: writes go to an overlay in memory, and checkpoints carry it to the
 * tables in the background. What a commit wrote is readable at once and durable with the checkpoint
 * that holds it; after a crash the log is replayed from {@link #applied()}.
 *
 * <p>Apply thread: {@link #write}, {@link #read}, {@link #snapshot}, {@link #applied(Applied)},
 * {@link #digest}, {@link #checkpoint}, {@link #close}. Any thread: the rest.
 */
public final class VersionedStore implements Store {
  /**
   * Half of it is the share of one overlay: 64 MiB hold about 270,000 rows of 100 bytes. A
   * checkpoint of so many random rows in a table of a million writes each of its pages once; a
   * smaller overlay would write them as often for fewer rows.
   */
  public static final long DEFAULT_OVERLAY_BYTES = 128L << 20;

  /** What a version takes beside key and value, about. */
  private static final int VERSION_BYTES = 16;

  /** What a deletion adds to the digest in the place of a value's hash. */
  private static final long DELETED = 0x7f4a7c159e3779b9L;

  private static final Applied NOTHING = new Applied(0, 0, 0, 0, 0, new byte[0]);

  private final Tables tables;
  private final Table current;
  private final Table meta;
  private final RunTables runTables;
  private final ChangeList changeList;
  private final StampList stampList;
  private final RowKinds kinds;
  private final long overlayLimitBytes;
  private final CheckpointDriver driver;
  private final @Nullable CheckpointThread checkpointThread;
  private final RedoBuffer redo = new RedoBuffer();
  private final ListedRows listed = new ListedRows();
  private final ReadTxn live = new LiveView();
  private final StorePast past;

  /** The layers of now; apply thread. */
  private final Layers layers;

  /** An empty overlay, for the next one; apply thread. */
  private @Nullable Overlay spare;

  /** Rolling hash of all write sets committed; apply thread. */
  private long digest;

  /** Rows were committed since {@link #applied(Applied)}: no place to cut. Apply thread. */
  private boolean isInsideEntry;

  private boolean isWriting;

  /** Keys and values of all versions ever written that have a past; apply thread. */
  private long writtenBytes;

  /** The oldest revision that can be asked. Written by the apply thread, never goes down. */
  private volatile long horizon;

  /** Which of the transactions of the checkpoint thread the layers of now were made from. */
  private long seenTablesVersion;

  /** Replaced by the apply thread only, as a whole, so that its identity tells whether it moved. */
  private volatile View view;

  /** The last revision committed. Invariant: grows with every commit that wrote something. */
  private volatile long committedRevision;

  private volatile Applied applied;
  private volatile boolean isCheckpointWanted;

  /** The overlay that takes the writes, and the one below it that is on its way to the tables. */
  private static final class View {
    final Overlay active;
    final @Nullable Checkpoint checkpoint;

    View(Overlay active, @Nullable Checkpoint checkpoint) {
      this.active = active;
      this.checkpoint = checkpoint;
    }

    @Nullable Overlay sealed() {
      return checkpoint == null ? null : checkpoint.overlay();
    }

    /** Another thread's: its overlays stay as they are until it is closed. */
    void open() {
      active.openView();
      if (checkpoint != null) {
        checkpoint.overlay().openView();
      }
    }

    void close() {
      active.closeView();
      if (checkpoint != null) {
        checkpoint.overlay().closeView();
      }
    }
  }

  private VersionedStore(
      Tables unchecked,
      RowKinds kinds,
      long overlayLimitBytes,
      LongSupplier durableLogIndex,
      boolean ownThread) {
    MetaRows.requireChecksums(unchecked);
    this.tables = new CheckedTables(unchecked);
    this.kinds = kinds;
    this.overlayLimitBytes = overlayLimitBytes;
    this.current = tables.open("current");
    this.meta = tables.open("meta");
    this.runTables = new RunTables(tables);
    this.changeList = new ChangeList(tables);
    this.stampList = new StampList(tables);
    Applied found = readApplied(unchecked);
    this.driver =
        new CheckpointDriver(
            tables, runTables, changeList, stampList, kinds, !ownThread, durableLogIndex);
    this.applied = found;
    this.digest = found.digest();
    this.committedRevision = found.revision();
    Overlay active = new Overlay(0);
    this.view = new View(active, null);
    this.layers =
        new Layers(
            current, meta, runTables, tables.read(), Long.MAX_VALUE, active, null, null, null);
    HistoryMark mark = readHistory();
    this.horizon = mark.horizon();
    this.writtenBytes = mark.writtenBytes();
    this.past = new StorePast(new PresentEnd(), layers, changeList, stampList);
    this.checkpointThread = ownThread ? new CheckpointThread(driver, this::isBehind) : null;
  }

  /**
   * Opens a state and starts its checkpoint thread. The tables belong to the store from now on,
   * unless it throws.
   *
   * @param kinds what to remember
   * @param overlayLimitBytes memory for rows that are not in the tables yet
   * @param durableLogIndex the last index that this node's own log holds durably; asked by the
   *     checkpoint thread
   */
  public static VersionedStore open(
      Tables tables, RowKinds kinds, long overlayLimitBytes, LongSupplier durableLogIndex) {
    VersionedStore store =
        new VersionedStore(tables, kinds, overlayLimitBytes, durableLogIndex, true);
    if (store.checkpointThread != null) {
      store.checkpointThread.start();
    }
    return store;
  }

  /**
   * The same without a thread: whoever steps the simulation calls {@link #maybeCheckpoint} and
   * {@link #maybeMerge}.
   */
  public static VersionedStore openStepped(
      Tables tables, RowKinds kinds, long overlayLimitBytes, LongSupplier durableLogIndex) {
    return new VersionedStore(tables, kinds, overlayLimitBytes, durableLogIndex, false);
  }

  /**
   * How far a state has been applied that no store has open: an installed snapshot's, say.
   *
   * @throws StorageException.Corrupt when these are not the tables of a state
   */
  public static Applied appliedOf(Tables tables) {
    Applied applied = findApplied(tables);
    if (applied == null) {
      throw new StorageException.Corrupt("row format: missing");
    }
    return applied;
  }

  /** The same, of tables that may be empty: null then. */
  public static @Nullable Long appliedIndexOf(Tables tables) {
    Applied applied = findApplied(tables);
    return applied == null ? null : applied.index();
  }

  private static @Nullable Applied findApplied(Tables unchecked) {
    MetaRows.requireChecksums(unchecked);
    Tables tables = new CheckedTables(unchecked);
    Table meta = tables.open("meta");
    try (TablesReader reader = tables.read()) {
      return MetaRows.hasFormat(reader, meta) ? MetaRows.applied(reader, meta) : null;
    }
  }

  private HistoryMark readHistory() {
    try {
      return MetaRows.history(layers.reader(), meta);
    } catch (RuntimeException e) {
      layers.close();
      throw e;
    }
  }

  private static Applied readApplied(Tables unchecked) {
    Applied found = findApplied(unchecked);
    if (found != null) {
      return found;
    }
    initialize(unchecked, NOTHING);
    return NOTHING;
  }

  /** Says of empty tables what their state is to begin with; durable on return. */
  public static void initialize(Tables unchecked, Applied applied) {
    Tables tables = new CheckedTables(unchecked);
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
    return new VersionedWriteTxn(this, layers, redo, revision, operation);
  }

  void commit(RedoBuffer writes, long revision, int operation) {
    Overlay active = layers.active();
    long sum = 0; // A sum: the order in which a command wrote its rows is nobody's business.
    boolean wrote = false;
    listed.clear();
    for (int i = 0; i < writes.rowCount(); i++) {
      if (writes.isVoid(i)) {
        continue;
      }
      byte[] key = writes.key(i);
      byte[] value = writes.value(i);
      long keyHash = Layers.hashOf(key);
      long seed = Hash64.mix(keyHash, revision);
      sum += value == null ? Hash64.mix(seed, DELETED) : Hash64.hash(seed, value);
      boolean isFormerKept = writes.isFormerKept(i);
      int row = active.put(key, keyHash, revision, value, isFormerKept);
      if (kinds.hasPast(key) && !writes.isForgotten(i)) {
        if (isFormerKept) {
          writtenBytes += key.length + (value == null ? 0 : value.length) + VERSION_BYTES;
        }
        if (kinds.isListed(key)) {
          listed.add(key, row);
        }
      } else if (key[0] == kinds.floors() && value != null && isUrgentFloor(value)) {
        isCheckpointWanted = true; // What it covers is to leave the disk soon.
      }
      wrote = true;
    }
    if (wrote) {
      digest = Hash64.mix(digest, sum);
      isInsideEntry = true;
      committedRevision = revision;
      listed.addTo(active.log(), revision, operation);
    }
    discard(writes);
  }

  /** Whether it was raised for what must leave the disk soon. */
  private boolean isUrgentFloor(byte[] value) {
    ByteBuffer row = ByteBuffer.wrap(value);
    return kinds.urgentFloorOf(row) == kinds.floorOf(row);
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
    return past;
  }

  @Override
  public void raiseHorizon(long revision) {
    if (isWriting) {
      throw new IllegalStateException("a write transaction is open");
    }
    long raised = Math.min(revision, lastRevision());
    if (raised > horizon) {
      horizon = raised;
      Run oldest = layers.runs().oldest();
      if (oldest != null && oldest.toRevision() <= raised) {
        isCheckpointWanted = true; // It drops the run.
      }
    }
  }

  /** The oldest revision that can be asked. Any thread. */
  public long horizon() {
    return horizon;
  }

  /** The last revision that wrote something, or was told to {@link #applied(Applied)}. */
  long lastRevision() {
    return Math.max(committedRevision, applied.revision());
  }

  /**
   * A view of the last commit that stands still, for a thread that it is handed to. Must be closed
   * before the store is. Apply thread, in the midst of an entry too, but not of a transaction.
   */
  public StoreSnapshot snapshot() {
    return snapshot(() -> {});
  }

  /**
   * The same.
   *
   * @param onVisit is called for each row, version and change that is asked for; what it throws
   *     goes to whoever asks: so a reader is stopped that takes too long
   */
  public StoreSnapshot snapshot(Runnable onVisit) {
    if (isWriting) {
      throw new IllegalStateException("a write transaction is open");
    }
    View now = view;
    long revision = committedRevision;
    // The tables hold what lies below the view, or some or all of its sealed overlay too: alike for
    // readers.
    Layers below =
        new Layers(
            current,
            meta,
            runTables,
            tables.read(),
            revision,
            now.active,
            now.sealed(),
            now.active.log().frozen(),
            onVisit);
    StorePast.End end = new SnapshotEnd(horizon, applied.stamp(), writtenBytes);
    now.open();
    return new StoreSnapshot(
        revision, below, new StorePast(end, below, changeList, stampList), now::close);
  }

  private record SnapshotEnd(long horizon, long stampMillis, long writtenBytes)
      implements StorePast.End {}

  private final class PresentEnd implements StorePast.End {
    @Override
    public long horizon() {
      return horizon;
    }

    @Override
    public long stampMillis() {
      return applied.stamp();
    }

    @Override
    public long writtenBytes() {
      return writtenBytes;
    }
  }

  @Override
  public Applied applied() {
    return applied;
  }

  @Override
  public Applied durable() {
    return driver.durable();
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
    driver.requireHealthy();
    if (isWriting) {
      throw new IllegalStateException("a write transaction is open");
    }
    require(now.digest() == digest, "digest of another state", now);
    require(now.index() >= applied.index(), "index goes back", now);
    require(now.revision() >= committedRevision, "revision goes back", now);
    if (now.revision() > applied.revision()) {
      layers.active().log().addStamp(now.stamp(), now.revision(), writtenBytes);
    }
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

  /**
   * Drops the sealed overlay once it is in the tables, and follows merges: not while a checkpoint
   * is under way, whose slices show only as a whole.
   */
  private void maybeAdopt() {
    View old = view;
    long version = driver.tablesVersion();
    if (old.checkpoint != null && old.checkpoint.isWritten()) {
      layers.adoptCheckpoint();
      view = new View(old.active, null);
      seenTablesVersion = version;
      Overlay written = old.checkpoint.overlay();
      spare = written.clear() ? written : null;
    } else if (old.checkpoint == null && version != seenTablesVersion) {
      layers.renew();
      seenTablesVersion = version;
    }
  }

  /**
   * Lets go of pages that were freed since, so that they can be used anew: now and then while
   * nothing is applied. Apply thread, between entries.
   */
  public void refresh() {
    driver.requireHealthy();
    maybeAdopt();
    boolean isBetweenEntries = !isInsideEntry && !isWriting;
    boolean isWorthwhile = isCheckpointWanted && durable().index() < applied.index();
    if (isBetweenEntries && isWorthwhile && view.checkpoint == null) {
      seal(applied);
    }
  }

  private void seal(Applied at) {
    layers.requireNoCursor();
    isCheckpointWanted = false;
    Overlay sealed = layers.active();
    Overlay empty = spare;
    Overlay active = empty != null ? empty : new Overlay(sealed.rowCount());
    spare = null;
    layers.seal(active);
    HistoryMark mark = new HistoryMark(horizon, writtenBytes);
    Checkpoint checkpoint = new Checkpoint(sealed, at, mark);
    view = new View(active, checkpoint);
    driver.begin(checkpoint);
    if (checkpointThread != null) {
      checkpointThread.wake();
    }
  }

  /**
   * The next entry's end seals a checkpoint, however small, or the next {@link #refresh}, should no
   * entry come: so that the log may be cut, or a peer be given what is here.
   */
  public void requestCheckpoint() {
    isCheckpointWanted = true;
  }

  /**
   * Writes a slice of the sealed overlay if there is one and this node's log is durable as far as
   * it reaches. True when something was written: with the last slice the checkpoint is durable.
   * Called by whoever steps the simulation.
   */
  public boolean maybeCheckpoint() {
    return driver.maybeCheckpoint(Pace.HURRIED);
  }

  /** Whether {@link #maybeMerge} has something to do. Any thread. */
  public boolean wantsMerge() {
    return driver.wantsMerge();
  }

  /**
   * Goes on merging runs of the past, for a short while; durable on return. False when there was
   * nothing to do. Called by whoever calls {@link #maybeCheckpoint}, when that has nothing to do.
   */
  public boolean maybeMerge() {
    return driver.maybeMerge();
  }

  /**
   * Whether a checkpoint of which such a part is done should not rest: it is to be whole when the
   * next overlay has taken four fifths of its share. Any thread.
   */
  private boolean isBehind(double done) {
    return isFull() || done <= 1.25 * view.active.filledShare(overlayLimitBytes / 2);
  }

  /** What this node holds of the past. Any thread. */
  public HistoryStats historyStats() {
    return driver.historyStats();
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
    driver.requireHealthy();
    awaitCheckpoint();
    if (durable().index() != applied.index() || !layers.active().isEmpty()) {
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
        while (!pending.isWritten() && maybeCheckpoint()) {}
      }
      driver.requireHealthy();
      if (!pending.isWritten()) {
        throw new StorageException(
            "checkpoint " + pending.applied().index() + ": not written: the log is behind");
      }
    }
    maybeAdopt();
  }

  /** True while a checkpoint is needed, to be written by {@link #maybeCheckpoint}. Any thread. */
  public boolean isCheckpointPending() {
    return driver.isPending();
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
    return driver.checkpointCount();
  }

  public long overlayLimitBytes() {
    return overlayLimitBytes;
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
