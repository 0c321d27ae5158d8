package heartwood.storage.history;

import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.Tables;
import heartwood.storage.TablesView;
import heartwood.storage.TablesWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The stamps of entries with the last revision of each, both ways, and how many bytes had been
 * written by then:
 *
 * <pre>
 *   table stamps      stamp 8      → revision 8 │ written bytes 8
 *   table revisions   revision 8   → stamp 8
 * </pre>
 *
 * <p>Revisions and stamps grow alike. Thread-safe.
 */
public final class StampList {
  /** Rows below the horizon that a checkpoint deletes: more than one writes in steady state. */
  private static final int FORGET_ROWS = 100_000;

  private final Table stamps;
  private final Table revisions;

  public StampList(Tables tables) {
    this.stamps = tables.open("stamps");
    this.revisions = tables.open("revisions");
  }

  /** A stamp, the last revision that has it, and the bytes written up to there. */
  public record Stamp(long stampMillis, long revision, long writtenBytes) {}

  /** Adds a stamp behind the last one, or replaces that one. */
  public void put(TablesWriter writer, Stamp stamp) {
    writer.put(
        stamps,
        key(stamp.stampMillis()),
        ByteBuffer.allocate(16).putLong(stamp.revision()).putLong(stamp.writtenBytes()).flip());
    writer.put(revisions, key(stamp.revision()), key(stamp.stampMillis()));
  }

  /** The last stamp that is not later than a time; null when all are. */
  public @Nullable Stamp atOrBefore(TablesView view, long stampMillis) {
    try (TableCursor cursor = view.cursor(stamps)) {
      boolean isFound =
          stampMillis == Long.MAX_VALUE ? cursor.last() : cursor.seekBefore(key(stampMillis + 1));
      return isFound ? stamp(cursor) : null;
    }
  }

  /** The first stamp whose last revision is not before a revision; null when there is none. */
  public @Nullable Stamp ofRevision(TablesView view, long revision) {
    try (TableCursor cursor = view.cursor(revisions)) {
      if (!cursor.seek(key(revision))) {
        return null;
      }
      ByteBuffer value = cursor.value();
      return atOrBefore(view, value.getLong(value.position()));
    }
  }

  /**
   * The first stamp after a revision by which so many bytes had been written; null when there is
   * none.
   */
  public @Nullable Stamp firstWritten(TablesView view, long afterRevision, long writtenBytes) {
    Stamp first = ofRevision(view, afterRevision);
    if (first == null) {
      return null;
    }
    try (TableCursor cursor = view.cursor(stamps)) {
      for (boolean on = cursor.seek(key(first.stampMillis())); on; on = cursor.next()) {
        Stamp stamp = stamp(cursor);
        if (stamp.writtenBytes() >= writtenBytes) {
          return stamp;
        }
      }
      return null;
    }
  }

  private static Stamp stamp(TableCursor cursor) {
    ByteBuffer key = cursor.key();
    ByteBuffer value = cursor.value();
    return new Stamp(
        key.getLong(key.position()),
        value.getLong(value.position()),
        value.getLong(value.position() + 8));
  }

  /** Deletes rows of which nobody can ask any more, the oldest ones, up to a number. */
  public void forget(TablesWriter writer, long horizon) {
    forget(writer, stamps, horizon, cursor -> stamp(cursor).revision());
    forget(writer, revisions, horizon, cursor -> cursor.key().getLong(cursor.key().position()));
  }

  private static void forget(
      TablesWriter writer, Table table, long horizon, ToLongFunction<TableCursor> revision) {
    List<ByteBuffer> forgotten = new ArrayList<>();
    try (TableCursor cursor = writer.cursor(table)) {
      for (boolean on = cursor.first();
          on && revision.applyAsLong(cursor) < horizon && forgotten.size() < FORGET_ROWS;
          on = cursor.next()) {
        forgotten.add(key(cursor.key().getLong(cursor.key().position())));
      }
    }
    forgotten.forEach(key -> writer.delete(table, key));
  }

  private static ByteBuffer key(long number) {
    return ByteBuffer.allocate(8).putLong(number).flip();
  }
}
