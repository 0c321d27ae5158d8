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
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Carries a checkpoint to the tables: the youngest version of every row, in key order; what died
 * meanwhile and is not forgotten yet; what was written in which revision, and when; and with the
 * last slice how far all this reaches.
 *
 * <p>In slices, each a transaction of its own, because a commit of all at once keeps disk and
 * processor busy for half a second, and everybody's sync waits. Until the last slice is committed
 * the state is the one before: {@link UnfinishedCheckpoint} goes back to it. Readers see nothing of
 * it: of the rows those of now, for the sealed overlay hides them until the checkpoint is whole,
 * while those of the past look into its run before it is whole; and of the changes and stamps in
 * the tables nobody looks at those that are later than the tables say they reach.
 *
 * <p>Confined to the checkpoint thread.
 */
final class CheckpointWriter implements AutoCloseable {
  private static final byte[] FIRST = new byte[0];

  /**
   * What one commit writes, about: a row or version more may be of any size.
   *
   * @param rows at most: a page for each if the worst comes to the worst
   * @param bytes of keys, values and versions
   * @param listed changes or stamps at most: hundreds of them fit a page
   * @param forgotten pages of changes or stamps at most that are given back
   */
  record SliceSize(int rows, long bytes, int listed, int forgotten) {
    static final SliceSize USUAL = new SliceSize(4096, 4 << 20, 32_768, 4096);

    /** Where nobody waits: there are more places to crash in between. */
    static final SliceSize STEPPED = new SliceSize(16, 16 << 10, 64, 2);
  }

  /** What a row or a version costs beside its bytes when work is measured. */
  private static final int PIECE_BYTES = 256;

  /** A rest may be taken when so many bytes are written. */
  private static final long BYTES_PER_REST = 256 * (PIECE_BYTES + 128);

  /** What a stamp takes, about. */
  private static final int STAMP_BYTES = 4;

  private static final int LISTED_PER_REST = 4096;

  /** Of the whole work the rows are so much, about; changes and stamps are the rest. */
  private static final double ROWS_SHARE = 0.9;

  private final Checkpoint checkpoint;
  private final Target target;
  private final SliceSize sliceSize;
  private final Pace pace;
  private final Overlay overlay;
  private final long horizon;

  /** That of the checkpoint before, to which a crash goes back. */
  private final long durableHorizon;

  /** There are versions that may be asked for again. */
  private final boolean isRemembered;

  /** Those that were written in this checkpoint: older ones cover no later death. */
  private final Floors floors;

  /** Of those the ones whose versions must leave the disk soon; 0 for others. */
  private final Map<byte[], Long> urgentFloors;

  /** More than one slice: what is overwritten is noted. */
  private final boolean isSliced;

  private final OverlayCursor rows;
  private boolean isOnRow;
  private int rowsWritten;

  /** The versions of the row under way, the youngest first; those up to here are still to do. */
  private int[] versions = new int[16];

  private int versionsLeft;
  private boolean isRowBegun;

  /** What was written: in this slice, since the last rest; and in all, of the overlay's. */
  private long sliceBytes;

  private long bytesSinceRest;
  private int versionsWritten;
  private byte[] old = new byte[256];

  // The changes and the stamps, and which of each is the next.
  private final OverlayLog log;
  private final ChangeList.Appender changes;
  private int changeAt;
  private final StampList.Appender stamps;
  private int stampAt;

  /** Where a checkpoint is written to. */
  record Target(
      Table current,
      Table meta,
      UndoTable undo,
      RowKinds kinds,
      HistoryWriter history,
      ChangeList changes,
      StampList stamps) {}

  /**
   * @param durableHorizon that of the checkpoint before
   */
  CheckpointWriter(
      Checkpoint checkpoint, long durableHorizon, Target target, SliceSize sliceSize, Pace pace) {
    this.checkpoint = checkpoint;
    this.target = target;
    this.sliceSize = sliceSize;
    this.pace = pace;
    this.overlay = checkpoint.overlay();
    this.horizon = checkpoint.history().horizon();
    this.durableHorizon = durableHorizon;
    this.log = overlay.log();
    this.changes = target.changes.appender();
    this.changeAt = log.firstChangeAfter(horizon);
    this.stamps = target.stamps.appender();
    this.isRemembered = horizon < checkpoint.applied().revision();
    this.isSliced =
        overlay.rowCount() > sliceSize.rows()
            || overlay.filledBytes() > sliceSize.bytes()
            || log.changeCount() > sliceSize.listed()
            || log.stampCount() > sliceSize.listed();
    this.rows = overlay.cursor(Long.MAX_VALUE);
    this.floors = FloorRows.all(rows, target.kinds);
    this.urgentFloors = FloorRows.urgentChanges(rows, target.kinds);
    this.isOnRow = rows.seek(FIRST);
  }

  /** What the checkpoint makes of the floors whose versions must leave the disk soon. */
  Map<byte[], Long> urgentFloors() {
    return urgentFloors;
  }

  Checkpoint checkpoint() {
    return checkpoint;
  }

  /** Writes the next slice, which the caller commits; true when it is the last. */
  boolean writeSlice(TablesWriter writer) {
    sliceBytes = 0;
    boolean isWritten =
        forget(writer) && writeRows(writer) && writeChanges(writer) && writeStamps(writer);
    if (!isWritten) {
      target.history.endSlice(writer);
      return false;
    }
    target.history.endCheckpoint(writer, horizon);
    if (isSliced) {
      target.undo.clear(writer);
    }
    MetaRows.putHistory(writer, target.meta, checkpoint.history());
    MetaRows.putApplied(writer, target.meta, checkpoint.applied());
    return true;
  }

  // Each of these goes on where it was, and is true when it is done and the slice goes on.

  /**
   * Gives back what lay below the horizon already in the checkpoint before: after a crash that is
   * the state again, and more of the past is asked for. As much as there is: so it keeps up with
   * what is written, one checkpoint later.
   */
  private boolean forget(TablesWriter writer) {
    int limit = sliceSize.forgotten();
    return target.changes.forget(writer, durableHorizon, limit) < limit
        && target.stamps.forget(writer, durableHorizon, limit) < limit;
  }

  private boolean writeRows(TablesWriter writer) {
    int untilRow = rowsWritten + sliceSize.rows();
    while (isOnRow && hasRoom(untilRow) && writeRow(writer)) {
      isOnRow = rows.next();
      rowsWritten++;
    }
    return !isOnRow && goesOn();
  }

  /** Whether the slice takes what is next too: the last slice is to be a small one. */
  private boolean goesOn() {
    return !isSliced || sliceBytes == 0;
  }

  private boolean hasRoom(int untilRow) {
    return !isSliced || (rowsWritten < untilRow && sliceBytes < sliceSize.bytes());
  }

  /** Notes what was written, and lets others have the processor now and then. */
  private void wrote(int bytes) {
    sliceBytes += bytes;
    bytesSinceRest += bytes + PIECE_BYTES;
    if (bytesSinceRest >= BYTES_PER_REST) {
      bytesSinceRest = 0;
      double ofRows = (double) rowsWritten / overlay.rowCount();
      double ofVersions = (double) versionsWritten / overlay.versionCount();
      pace.rest(ROWS_SHARE * Math.max(ofRows, ofVersions));
    }
  }

  /** Goes on with a row; false when the slice is full before the row is done. */
  private boolean writeRow(TablesWriter writer) {
    byte[] key = overlay.keyBytes(rows.row());
    if (!isRowBegun) {
      beginRow(writer, key);
    }
    while (versionsLeft > 1) {
      if (!hasRoom(Integer.MAX_VALUE)) {
        return false;
      }
      int each = versions[--versionsLeft];
      versionsWritten++;
      if (!overlay.isDeletion(each)) {
        int endedBy = versions[versionsLeft - 1];
        writeDead(writer, endedBy, key, overlay.born(each), overlay.value(each));
      }
    }
    isRowBegun = false;
    versionsWritten++;
    if (rows.isDeletion()) {
      writer.delete(target.current, rows.key());
      wrote(key.length);
    } else {
      ByteBuffer value = rows.bornAndValue();
      wrote(key.length + value.remaining());
      writer.put(target.current, rows.key(), value);
    }
    return true;
  }

  /** What the row was, and which of its versions this checkpoint ends. */
  private void beginRow(TablesWriter writer, byte[] key) {
    boolean hasPast = isRemembered && target.kinds.hasPast(key);
    versionsLeft = 0;
    if (hasPast) {
      listVersions();
    }
    if (isSliced || hasPast) {
      ByteBuffer before = copyOfRow(writer, key);
      boolean isKept =
          hasPast
              && before != null
              && writeDead(
                  writer,
                  versions[versionsLeft - 1],
                  key,
                  CurrentRow.born(before),
                  CurrentRow.value(before.duplicate()));
      if (isSliced && !isKept) {
        noteUndo(writer, key, before);
      }
    }
    isRowBegun = true;
  }

  private void listVersions() {
    for (int each = rows.version(); each != Overlay.NONE; each = overlay.previous(each)) {
      if (versionsLeft == versions.length) {
        versions = Arrays.copyOf(versions, 2 * versionsLeft);
      }
      versions[versionsLeft++] = each;
    }
  }

  private void noteUndo(TablesWriter writer, byte[] key, @Nullable ByteBuffer before) {
    if (before == null) {
      target.undo.appendAbsent(writer, key);
    } else {
      target.undo.append(writer, key, before);
      wrote(before.remaining());
    }
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

  /** A version that another one ended; says whether it is to be remembered, and was written. */
  private boolean writeDead(
      TablesWriter writer, int endedBy, byte[] key, long born, ByteBuffer value) {
    long died = overlay.born(endedBy);
    boolean isKept = died > horizon && overlay.isFormerKept(endedBy) && !floors.cover(key, died);
    if (isKept) {
      int bytes = key.length + value.remaining();
      target.history.add(writer, key, born, died, value);
      wrote(bytes);
    }
    return isKept;
  }

  private boolean writeChanges(TablesWriter writer) {
    int until = changeAt + sliceSize.listed();
    for (; changeAt < log.changeCount(); changeAt++) {
      if (isSliced && (changeAt == until || sliceBytes >= sliceSize.bytes())) {
        return false;
      }
      ByteBuffer key = overlay.key(log.changeRow(changeAt));
      sliceBytes += key.remaining();
      changes.add(writer, log.changeRevision(changeAt), log.changeOperation(changeAt), key);
      maybeRest(changeAt);
    }
    changes.end(writer);
    return goesOn();
  }

  private boolean writeStamps(TablesWriter writer) {
    int until = stampAt + sliceSize.listed();
    for (; stampAt < log.stampCount(); stampAt++) {
      if (isSliced && stampAt == until) {
        return false;
      }
      StampList.Stamp stamp = log.stamp(stampAt);
      if (stamp.revision() >= horizon) {
        sliceBytes += STAMP_BYTES;
        stamps.add(writer, stamp);
      }
      maybeRest(stampAt);
    }
    stamps.end(writer);
    return goesOn();
  }

  private void maybeRest(int at) {
    if (at % LISTED_PER_REST == 0) {
      double ofListed = (double) (changeAt + stampAt) / (log.changeCount() + log.stampCount());
      pace.rest(ROWS_SHARE + (1 - ROWS_SHARE) * ofListed);
    }
  }

  @Override
  public void close() {
    rows.close();
  }
}
