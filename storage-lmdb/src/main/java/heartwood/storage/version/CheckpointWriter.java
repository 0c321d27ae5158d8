package heartwood.storage.version;

import heartwood.storage.RowKinds;
import heartwood.storage.Table;
import heartwood.storage.TablesWriter;
import heartwood.storage.history.ChangeList;
import heartwood.storage.history.Floors;
import heartwood.storage.history.HistoryWriter;
import heartwood.storage.history.StampList;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Carries a checkpoint to the tables: the youngest version of every row, in key order; what died
 * meanwhile and is not forgotten yet; what was written in which revision; and with the last slice
 * how far all this reaches.
 *
 * <p>In slices, each a transaction of its own, because a commit of all at once keeps disk and
 * processor busy for half a second, and everybody's sync waits. Until the last slice is committed
 * the state is the one before: {@link UndoTable} says what to put back. Readers see nothing of it,
 * for the sealed overlay hides the rows until the checkpoint is whole.
 *
 * <p>Confined to the checkpoint thread.
 */
final class CheckpointWriter implements AutoCloseable {
  private static final byte[] FIRST = new byte[0];

  /** What one commit writes at most: a page for each row if the worst comes to the worst. */
  static final int SLICE_ROWS = 4096;

  private static final long SLICE_BYTES = 4 << 20;
  private static final int ROWS_PER_REST = 256;
  private static final int CHANGES_PER_REST = 4096;

  /** Of the whole work the rows are so much, about; the list of changes is the rest. */
  private static final double ROWS_SHARE = 0.9;

  private final Checkpoint checkpoint;
  private final Target target;
  private final int sliceRows;
  private final Pace pace;
  private final Overlay overlay;
  private final long horizon;

  /** There are versions that may be asked for again. */
  private final boolean isRemembered;

  /** Those that were written in this checkpoint: older ones cover no later death. */
  private final Floors floors = new Floors();

  /** Floors were written or taken away. */
  private boolean haveFloorsChanged;

  /** More than one slice: what is overwritten is noted. */
  private final boolean isSliced;

  private final OverlayCursor rows;
  private boolean isOnRow;
  private int rowsWritten;
  private int[] versions = new int[16];
  private byte[] old = new byte[256];

  /** Where a checkpoint is written to. */
  record Target(
      Table current,
      Table meta,
      UndoTable undo,
      RowKinds kinds,
      HistoryWriter history,
      ChangeList changes,
      StampList stamps) {}

  CheckpointWriter(Checkpoint checkpoint, Target target, int sliceRows, Pace pace) {
    this.checkpoint = checkpoint;
    this.target = target;
    this.sliceRows = sliceRows;
    this.pace = pace;
    this.overlay = checkpoint.overlay();
    this.horizon = checkpoint.history().horizon();
    this.isRemembered = horizon < checkpoint.applied().revision();
    this.isSliced = overlay.rowCount() > sliceRows || overlay.filledBytes() > SLICE_BYTES;
    this.rows = overlay.cursor(Long.MAX_VALUE);
    readFloors();
    this.isOnRow = rows.seek(FIRST);
  }

  private void readFloors() {
    byte first = target.kinds.floors();
    for (boolean on = rows.seek(new byte[] {first}); on; on = rows.next()) {
      byte[] key = overlay.keyBytes(rows.row());
      if (key[0] != first) {
        return;
      }
      haveFloorsChanged = true;
      if (!rows.isDeletion()) {
        floors.add(Arrays.copyOfRange(key, 1, key.length), target.kinds.floorOf(rows.value()));
      }
    }
  }

  /** Whether the tables have other floors than before. */
  boolean haveFloorsChanged() {
    return haveFloorsChanged;
  }

  Checkpoint checkpoint() {
    return checkpoint;
  }

  /** Writes the next slice, which the caller commits; true when it is the last. */
  boolean writeSlice(TablesWriter writer) {
    int untilRow = rowsWritten + sliceRows;
    long bytes = 0;
    while (isOnRow && (!isSliced || (rowsWritten < untilRow && bytes < SLICE_BYTES))) {
      bytes += writeRow(writer);
      isOnRow = rows.next();
      if (++rowsWritten % ROWS_PER_REST == 0) {
        pace.rest(ROWS_SHARE * rowsWritten / overlay.rowCount());
      }
    }
    if (isOnRow) {
      target.history.endSlice(writer);
      return false;
    }
    target.history.endCheckpoint(writer, horizon);
    writeLog(writer);
    if (isSliced) {
      target.undo.clear(writer);
    }
    MetaRows.putHistory(writer, target.meta, checkpoint.history());
    MetaRows.putApplied(writer, target.meta, checkpoint.applied());
    return true;
  }

  /** Returns how many bytes that were, about. */
  private long writeRow(TablesWriter writer) {
    byte[] key = overlay.keyBytes(rows.row());
    boolean hasPast = isRemembered && target.kinds.hasPast(key);
    ByteBuffer before = isSliced || hasPast ? copyOfRow(writer, key) : null;
    boolean isKept = hasPast && writeDead(writer, key, before);
    if (isSliced && !isKept) {
      if (before == null) {
        target.undo.appendAbsent(writer, key);
      } else {
        target.undo.append(writer, key, before);
      }
    }
    if (rows.isDeletion()) {
      writer.delete(target.current, rows.key());
      return key.length;
    }
    ByteBuffer value = rows.bornAndValue();
    writer.put(target.current, rows.key(), value);
    return (long) key.length + value.remaining();
  }

  /** Of the tables' bytes, which hold only until the next write; null when there is none. */
  private @Nullable ByteBuffer copyOfRow(TablesWriter writer, byte[] key) {
    ByteBuffer row = writer.get(target.current, ByteBuffer.wrap(key));
    if (row == null) {
      return null;
    }
    int length = row.remaining();
    if (old.length < length) {
      old = new byte[Math.max(length, 2 * old.length)];
    }
    row.get(row.position(), old, 0, length);
    return ByteBuffer.wrap(old, 0, length);
  }

  /**
   * The versions of a row that this checkpoint ends, the oldest first.
   *
   * @param before the row in the tables
   * @return whether that one was written
   */
  private boolean writeDead(TablesWriter writer, byte[] key, @Nullable ByteBuffer before) {
    int count = 0;
    for (int each = rows.version(); each != Overlay.NONE; each = overlay.previous(each)) {
      if (count == versions.length) {
        versions = Arrays.copyOf(versions, 2 * count);
      }
      versions[count++] = each;
    }
    boolean isKept =
        before != null
            && endedBy(
                writer,
                versions[count - 1],
                key,
                CurrentRow.born(before),
                CurrentRow.value(before.duplicate()));
    for (int i = count - 1; i > 0; i--) {
      int each = versions[i];
      if (!overlay.isDeletion(each)) {
        endedBy(writer, versions[i - 1], key, overlay.born(each), overlay.value(each));
      }
    }
    return isKept;
  }

  private boolean endedBy(
      TablesWriter writer, int version, byte[] key, long born, ByteBuffer value) {
    long died = overlay.born(version);
    boolean isKept = died > horizon && !overlay.isForgotten(version) && !floors.cover(key, died);
    if (isKept) {
      target.history.add(writer, key, born, died, value);
    }
    return isKept;
  }

  private void writeLog(TablesWriter writer) {
    OverlayLog log = overlay.log();
    ChangeList.Appender changes = target.changes.appender(writer);
    for (int i = log.firstChangeAfter(horizon); i < log.changeCount(); i++) {
      changes.add(log.changeRevision(i), log.changeOperation(i), overlay.key(log.changeRow(i)));
      if (i % CHANGES_PER_REST == 0) {
        pace.rest(ROWS_SHARE + (1 - ROWS_SHARE) * i / log.changeCount());
      }
    }
    changes.end();
    for (int i = 0; i < log.stampCount(); i++) {
      if (log.stamp(i).revision() >= horizon) {
        target.stamps.put(writer, log.stamp(i));
      }
    }
    target.changes.forget(writer, horizon);
    target.stamps.forget(writer, horizon);
  }

  @Override
  public void close() {
    rows.close();
  }
}
