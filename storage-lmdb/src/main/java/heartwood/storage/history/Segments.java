package heartwood.storage.history;

import heartwood.storage.Table;
import heartwood.storage.TableCursor;
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
  /** Those that a checkpoint deletes at most: more than one writes in steady state. */
  private static final int FORGET_SEGMENTS = 20_000;

  long firstRevision(TableCursor cursor) {
    ByteBuffer key = cursor.key();
    return key.getLong(key.position() + revisionOffset);
  }

  /** Deletes those of which nobody can ask any more, the oldest ones, up to a number. */
  void forget(TablesWriter writer, long horizon) {
    List<ByteBuffer> forgotten = new ArrayList<>();
    try (TableCursor cursor = writer.cursor(table)) {
      ByteBuffer before = null;
      for (boolean on = cursor.first();
          on && firstRevision(cursor) <= horizon && forgotten.size() < FORGET_SEGMENTS;
          on = cursor.next()) {
        // A segment ends where the next one begins, or in the same revision.
        if (before != null) {
          forgotten.add(before);
        }
        before = copyOfKey(cursor);
      }
    }
    forgotten.forEach(key -> writer.delete(table, key));
  }

  private static ByteBuffer copyOfKey(TableCursor cursor) {
    ByteBuffer key = cursor.key();
    byte[] copy = new byte[key.remaining()];
    key.get(key.position(), copy);
    return ByteBuffer.wrap(copy);
  }
}
