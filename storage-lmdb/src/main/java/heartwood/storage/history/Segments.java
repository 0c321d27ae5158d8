package heartwood.storage.history;

import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.TablesView;
import heartwood.storage.TablesWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of a table that is written in the order of revisions: each holds what some of them left,
 * and its key says with which it begins. A checkpoint begins rows of its own. Immutable.
 *
 * @param revisionOffset where the first revision stands in a key
 */
record Segments(Table table, int revisionOffset) {
  long firstRevision(TableCursor cursor) {
    ByteBuffer key = cursor.key();
    return key.getLong(key.position() + revisionOffset);
  }

  /**
   * Deletes those of which nobody can ask any more, the oldest ones, up to a number; returns how
   * many there were.
   */
  int forget(TablesWriter writer, long horizon, int limit) {
    List<ByteBuffer> forgotten = new ArrayList<>();
    try (TableCursor cursor = writer.cursor(table)) {
      ByteBuffer before = null;
      for (boolean on = cursor.first();
          on && firstRevision(cursor) <= horizon && forgotten.size() < limit;
          on = cursor.next()) {
        // A segment ends where the next one begins, or in the same revision.
        if (before != null) {
          forgotten.add(before);
        }
        before = copyOfKey(cursor);
      }
    }
    forgotten.forEach(key -> writer.delete(table, key));
    return forgotten.size();
  }

  boolean reachBeyond(TablesView view, long revision) {
    try (TableCursor cursor = view.cursor(table)) {
      return cursor.last() && firstRevision(cursor) > revision;
    }
  }

  /** Deletes those that begin after a revision. */
  void truncate(TablesWriter writer, long revision) {
    List<ByteBuffer> later = new ArrayList<>();
    try (TableCursor cursor = writer.cursor(table)) {
      for (boolean on = cursor.last();
          on && firstRevision(cursor) > revision;
          on = cursor.previous()) {
        later.add(copyOfKey(cursor));
      }
    }
    later.forEach(key -> writer.delete(table, key));
  }

  private static ByteBuffer copyOfKey(TableCursor cursor) {
    ByteBuffer key = cursor.key();
    byte[] copy = new byte[key.remaining()];
    key.get(key.position(), copy);
    return ByteBuffer.wrap(copy);
  }
}
