package heartwood.storage.version;

import heartwood.storage.Applied;
import heartwood.storage.Table;
import heartwood.storage.Tables;
import heartwood.storage.TablesWriter;

/**
 * A sealed overlay on its way into the tables, with the point of the log that it reaches. Made by
 * the apply thread, written by the checkpoint thread.
 */
final class Checkpoint {
  private static final byte[] FIRST = new byte[0];

  private final Overlay overlay;
  private final Applied applied;
  private volatile boolean isWritten;

  Checkpoint(Overlay overlay, Applied applied) {
    this.overlay = overlay;
    this.applied = applied;
  }

  Overlay overlay() {
    return overlay;
  }

  Applied applied() {
    return applied;
  }

  boolean isWritten() {
    return isWritten;
  }

  /**
   * Writes the youngest version of every row, in key order, and how far they reach, as one. Durable
   * on return.
   */
  void write(Tables tables, Table current, Table meta) {
    try (TablesWriter writer = tables.write();
        OverlayCursor rows = overlay.cursor(Long.MAX_VALUE)) {
      for (boolean on = rows.seek(FIRST); on; on = rows.next()) {
        if (rows.isDeletion()) {
          writer.delete(current, rows.key());
        } else {
          writer.put(current, rows.key(), rows.bornAndValue());
        }
      }
      MetaRows.putApplied(writer, meta, applied);
      writer.commit();
    }
  }

  /** Lets the apply thread read the rows from the tables. */
  void markWritten() {
    isWritten = true;
  }
}
