package heartwood.storage.version;

import heartwood.storage.Applied;
import heartwood.storage.RowKinds;
import heartwood.storage.Table;
import heartwood.storage.TablesWriter;
import heartwood.storage.history.ChangeList;
import heartwood.storage.history.HistoryWriter;
import heartwood.storage.history.StampList;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A sealed overlay on its way into the tables, with the point of the log that it reaches. Made by
 * the apply thread, written by the checkpoint thread.
 */
final class Checkpoint {
  private static final byte[] FIRST = new byte[0];

  private final Overlay overlay;
  private final Applied applied;
  private final HistoryMark history;
  private volatile boolean isWritten;

  Checkpoint(Overlay overlay, Applied applied, HistoryMark history) {
    this.overlay = overlay;
    this.applied = applied;
    this.history = history;
  }

  Overlay overlay() {
    return overlay;
  }

  Applied applied() {
    return applied;
  }

  HistoryMark history() {
    return history;
  }

  boolean isWritten() {
    return isWritten;
  }

  /** Where a checkpoint is written to. */
  record Target(
      Table current,
      Table meta,
      RowKinds kinds,
      HistoryWriter history,
      ChangeList changes,
      StampList stamps) {}

  /**
   * Writes the youngest version of every row, in key order, what died meanwhile and is not
   * forgotten yet, and how far they reach; the caller commits.
   */
  void write(TablesWriter writer, Target target) {
    boolean isRemembered = history.horizon() < applied.revision();
    try (OverlayCursor rows = overlay.cursor(Long.MAX_VALUE)) {
      DeadVersions dead = new DeadVersions(writer, target);
      for (boolean on = rows.seek(FIRST); on; on = rows.next()) {
        byte[] key = overlay.keyBytes(rows.row());
        if (isRemembered && target.kinds.hasPast(key)) {
          dead.write(key, rows.version());
        }
        if (rows.isDeletion()) {
          writer.delete(target.current, rows.key());
        } else {
          writer.put(target.current, rows.key(), rows.bornAndValue());
        }
      }
    }
    target.history.endCheckpoint(writer, history.horizon());
    writeLog(writer, target);
    MetaRows.putHistory(writer, target.meta, history);
    MetaRows.putApplied(writer, target.meta, applied);
  }

  private void writeLog(TablesWriter writer, Target target) {
    OverlayLog log = overlay.log();
    ChangeList.Appender changes = target.changes.appender(writer);
    for (int i = log.firstChangeAfter(history.horizon()); i < log.changeCount(); i++) {
      changes.add(log.changeRevision(i), log.changeOperation(i), overlay.key(log.changeRow(i)));
    }
    changes.end();
    for (int i = 0; i < log.stampCount(); i++) {
      if (log.stamp(i).revision() >= history.horizon()) {
        target.stamps.put(writer, log.stamp(i));
      }
    }
    target.changes.forget(writer, history.horizon());
    target.stamps.forget(writer, history.horizon());
  }

  /** The versions of a row that this checkpoint ends, the oldest first. */
  private final class DeadVersions {
    private final TablesWriter writer;
    private final Target target;
    private int[] versions = new int[16];
    private byte[] old = new byte[256];

    DeadVersions(TablesWriter writer, Target target) {
      this.writer = writer;
      this.target = target;
    }

    void write(byte[] key, int youngest) {
      int count = 0;
      for (int each = youngest; each != Overlay.NONE; each = overlay.previous(each)) {
        if (count == versions.length) {
          versions = Arrays.copyOf(versions, 2 * count);
        }
        versions[count++] = each;
      }
      ByteBuffer row = writer.get(target.current, ByteBuffer.wrap(key));
      if (row != null) {
        long born = CurrentRow.born(row);
        endedBy(versions[count - 1], key, born, copy(CurrentRow.value(row)));
      }
      for (int i = count - 1; i > 0; i--) {
        if (!overlay.isDeletion(versions[i])) {
          endedBy(versions[i - 1], key, overlay.born(versions[i]), overlay.value(versions[i]));
        }
      }
    }

    private void endedBy(int version, byte[] key, long born, ByteBuffer value) {
      long died = overlay.born(version);
      if (died > history.horizon() && !overlay.isForgotten(version)) {
        target.history.add(writer, key, born, died, value);
      }
    }

    /** Of the tables' bytes, which hold only until the next write. */
    private ByteBuffer copy(ByteBuffer value) {
      int length = value.remaining();
      if (old.length < length) {
        old = new byte[Math.max(length, 2 * old.length)];
      }
      value.get(value.position(), old, 0, length);
      return ByteBuffer.wrap(old, 0, length);
    }
  }

  /** Lets the apply thread read the rows from the tables. */
  void markWritten() {
    isWritten = true;
  }
}
