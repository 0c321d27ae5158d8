package heartwood.storage.version;

import heartwood.storage.Applied;
import heartwood.storage.RowKinds;
import heartwood.storage.StorageException;
import heartwood.storage.Table;
import heartwood.storage.Tables;
import heartwood.storage.TablesReader;
import heartwood.storage.TablesWriter;
import heartwood.storage.history.ChangeList;
import heartwood.storage.history.HistoryStats;
import heartwood.storage.history.HistoryWriter;
import heartwood.storage.history.RunTables;
import heartwood.storage.history.StampList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All that is written to the tables of a state: the slices of one sealed overlay after another, and
 * between two of those the steps of merges.
 *
 * <pre>
 *   begin(checkpoint)      the apply thread hands an overlay over; the one before is written
 *   maybeCheckpoint(pace)  one slice; the last one makes it durable, and its floors count
 *   maybeMerge()           one step; not while slices of a checkpoint are missing
 * </pre>
 *
 * <p>What fails, fails for good: the state of the tables is not known any more, {@link
 * #requireHealthy} stops the apply thread, and a new process finds the checkpoint before or this
 * one.
 *
 * <p>{@link #begin} is the apply thread's, {@link #maybeCheckpoint} and {@link #maybeMerge} are the
 * checkpoint thread's, or of whoever steps the simulation; the rest any thread's.
 */
final class CheckpointDriver {
  private static final long MERGE_STEP_BYTES = 1 << 20;

  /** Where nobody waits, steps are small: there are more places to crash in between. */
  private static final long STEPPED_MERGE_BYTES = 16 << 10;

  private final Tables tables;
  private final HistoryWriter history;
  private final CheckpointWriter.Target target;
  private final CheckpointWriter.SliceSize sliceSize;
  private final LongSupplier durableLogIndex;

  /** The last one that was handed over; null before the first. Apply thread writes. */
  private volatile @Nullable Checkpoint checkpoint;

  /** The checkpoint of which some slices are written; checkpoint thread. */
  private @Nullable CheckpointWriter slices;

  private volatile Applied durable;

  /** Runs may leave out what lies below: it is so in the tables. Checkpoint thread. */
  private long durableHorizon;

  private volatile boolean wantsMerge;

  /** Counts what the layers of now do not see before they are made anew. */
  private final AtomicLong tablesVersion = new AtomicLong();

  private final AtomicLong checkpointCount = new AtomicLong();

  /** Why a checkpoint or a merge has failed: lasting. */
  private volatile @Nullable Throwable failure;

  /** Takes back what a crash has left unfinished; the tables say then how far they reach. */
  CheckpointDriver(
      Tables tables,
      RunTables runTables,
      ChangeList changeList,
      StampList stampList,
      RowKinds kinds,
      boolean isStepped,
      LongSupplier durableLogIndex) {
    this.tables = tables;
    this.durableLogIndex = durableLogIndex;
    this.sliceSize =
        isStepped ? CheckpointWriter.SliceSize.STEPPED : CheckpointWriter.SliceSize.USUAL;
    Table current = tables.open("current");
    this.history =
        new HistoryWriter(
            tables,
            runTables,
            new FloorTable(current, kinds),
            isStepped ? STEPPED_MERGE_BYTES : MERGE_STEP_BYTES);
    Table meta = tables.open("meta");
    this.target =
        new CheckpointWriter.Target(
            current, meta, new UndoTable(tables), kinds, history, changeList, stampList);
    UnfinishedCheckpoint.rollBack(tables, target);
    try (TablesReader reader = tables.read()) {
      this.durable = MetaRows.applied(reader, meta);
      this.durableHorizon = MetaRows.history(reader, meta).horizon();
    }
    readFloors();
    this.wantsMerge = history.wantsMerge();
  }

  /** Those in the tables: runs are to hold only what they leave. */
  private void readFloors() {
    try (TablesReader reader = tables.read();
        TableSource rows = new TableSource(reader.cursor(target.current()), Long.MAX_VALUE)) {
      history.setFloors(FloorRows.urgent(rows, target.kinds()));
    }
  }

  /** Takes a sealed overlay, the one before written. */
  void begin(Checkpoint sealed) {
    checkpoint = sealed;
  }

  /** True while a checkpoint is to be written, and can be. */
  boolean isPending() {
    Checkpoint last = checkpoint;
    return last != null && !last.isWritten() && failure == null;
  }

  /**
   * Writes a slice, or a step of a merge that cannot wait; durable on return. False when there is
   * no checkpoint, or the log is not durable so far.
   */
  boolean maybeCheckpoint(Pace pace) {
    Checkpoint next = checkpoint;
    if (next == null || next.isWritten() || durableLogIndex.getAsLong() < next.applied().index()) {
      return false;
    }
    CheckpointWriter present = slices;
    if (present == null) {
      if (history.mustMerge()) {
        return maybeMerge(); // A step at a time: somebody may want to close.
      }
      present = new CheckpointWriter(next, durableHorizon, target, sliceSize, pace);
      slices = present;
    }
    boolean isLast;
    try (TablesWriter writer = tables.write()) {
      isLast = present.writeSlice(writer);
      writer.commit();
    } catch (RuntimeException | Error e) {
      failure = e;
      throw e;
    }
    if (isLast) {
      slices = null;
      present.close();
      history.setFloors(history.floors().with(present.urgentFloors()));
      finish(next);
    }
    return true;
  }

  private void finish(Checkpoint written) {
    durable = written.applied();
    durableHorizon = written.history().horizon();
    wantsMerge = history.wantsMerge();
    tablesVersion.incrementAndGet();
    written.markWritten();
    checkpointCount.incrementAndGet();
  }

  boolean wantsMerge() {
    return wantsMerge && failure == null;
  }

  /** Goes on merging for a short while; durable on return. False when there was nothing to do. */
  boolean maybeMerge() {
    if (slices != null) {
      return false;
    }
    boolean merged;
    try {
      merged = history.mergeStep(durableHorizon);
      wantsMerge = history.wantsMerge();
    } catch (RuntimeException | Error e) {
      failure = e;
      throw e;
    }
    if (merged) {
      tablesVersion.incrementAndGet();
    }
    return merged;
  }

  /** Whether merging should not rest. Checkpoint thread. */
  boolean isMergeUrgent() {
    return history.isMergeUrgent();
  }

  /** How far the tables reach. */
  Applied durable() {
    return durable;
  }

  /** Moves whenever the tables hold something that the layers of now should see. */
  long tablesVersion() {
    return tablesVersion.get();
  }

  /** How many checkpoints were written since the state was opened. */
  long checkpointCount() {
    return checkpointCount.get();
  }

  HistoryStats historyStats() {
    return history.stats();
  }

  /**
   * @throws StorageException when something has failed
   */
  void requireHealthy() {
    Throwable cause = failure;
    if (cause != null) {
      throw new StorageException("a checkpoint has failed", cause);
    }
  }
}
