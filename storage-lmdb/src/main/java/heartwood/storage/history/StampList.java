package heartwood.storage.history;

import heartwood.storage.StorageException;
import heartwood.storage.TableCursor;
import heartwood.storage.Tables;
import heartwood.storage.TablesView;
import heartwood.storage.TablesWriter;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The stamps of entries with the last revision of each, both ways, and how many bytes had been
 * written by then: in segments of a page, and by which stamp each of those is found.
 *
 * <pre>
 *   table stamps   revision 8             → a segment that begins with a stamp of this revision
 *     for each stamp, less what the one before has; before the first: 0, this revision, 0
 *       stamp(varint) revision(varint) written bytes(varint)
 *   table times    stamp 8 │ revision 8   → (nothing)   the stamp with which that segment begins
 * </pre>
 *
 * <p>Revisions, stamps and written bytes grow alike. Only where two checkpoints meet a stamp may be
 * there twice: the entries that had it were not all in the first one, and the later one counts. The
 * earlier one is not taken away, so that a segment once written does not change.
 *
 * <p>Thread-safe; what it hands out belongs to one thread.
 */
public final class StampList {
  private static final int MAX_STAMP_BYTES = 3 * Varint.MAX_BYTES;

  private final Segments stamps;
  private final Segments times;

  public StampList(Tables tables) {
    this.stamps = new Segments(tables.open("stamps"), 0);
    this.times = new Segments(tables.open("times"), 8);
  }

  /** A stamp, the last revision that has it, and the bytes written up to there. */
  public record Stamp(long stampMillis, long revision, long writtenBytes) {}

  /** Adds stamps behind all that are there, in one or more transactions. */
  public Appender appender() {
    return new Appender();
  }

  /** Takes stamps in their order; the first one may be the last of the list. */
  public final class Appender {
    private final byte[] bytes = new byte[Block.TARGET_BYTES];
    private int length;
    private Stamp first = new Stamp(0, 0, 0);
    private Stamp last = first;

    private Appender() {}

    /** Adds a stamp, which may go to the tables with a later one, in that one's transaction. */
    public void add(TablesWriter writer, Stamp stamp) {
      if (length + MAX_STAMP_BYTES > bytes.length) {
        flush(writer);
      }
      if (length == 0) {
        first = stamp;
        last = new Stamp(0, stamp.revision(), 0);
      }
      length = Varint.put(bytes, length, stamp.stampMillis() - last.stampMillis());
      length = Varint.put(bytes, length, stamp.revision() - last.revision());
      length = Varint.put(bytes, length, stamp.writtenBytes() - last.writtenBytes());
      last = stamp;
    }

    private void flush(TablesWriter writer) {
      if (length > 0) {
        writer.append(
            stamps.table(), revisionKey(first.revision()), ByteBuffer.wrap(bytes, 0, length));
        writer.append(
            times.table(), timeKey(first.stampMillis(), first.revision()), ByteBuffer.allocate(0));
        length = 0;
      }
    }

    /** Writes what is left. */
    public void end(TablesWriter writer) {
      flush(writer);
    }
  }

  private static ByteBuffer revisionKey(long revision) {
    return ByteBuffer.allocate(8).putLong(revision).flip();
  }

  private static ByteBuffer timeKey(long stampMillis, long revision) {
    return ByteBuffer.allocate(16).putLong(stampMillis).putLong(revision).flip();
  }

  /**
   * The last stamp that is not later than a time; null when all are.
   *
   * @param last of the revisions that show, one with which a checkpoint ended: behind it there may
   *     be some of one under way
   */
  public @Nullable Stamp atOrBefore(TablesView view, long stampMillis, long last) {
    try (TableCursor found = view.cursor(times.table());
        Walk walk = new Walk(view, last)) {
      boolean isFound =
          stampMillis == Long.MAX_VALUE
              ? found.last()
              : found.seekBefore(timeKey(stampMillis + 1, 0));
      while (isFound && times.firstRevision(found) > last) {
        isFound = found.previous();
      }
      return isFound && walk.seek(times.firstRevision(found))
          ? walk.lastAtOrBefore(stampMillis)
          : null;
    }
  }

  /**
   * The first stamp whose last revision is not before a revision; null when there is none.
   *
   * @param last of the revisions that show, as above
   */
  public @Nullable Stamp ofRevision(TablesView view, long revision, long last) {
    return firstWritten(view, revision, 0, last);
  }

  /**
   * The first stamp whose last revision is not before a revision, and by which so many bytes had
   * been written; null when there is none.
   *
   * @param last of the revisions that show, as above
   */
  public @Nullable Stamp firstWritten(
      TablesView view, long revision, long writtenBytes, long last) {
    try (Walk walk = new Walk(view, last)) {
      if (!walk.seek(revision)) {
        return null;
      }
      while (walk.next()) {
        if (walk.revision >= revision && walk.writtenBytes >= writtenBytes) {
          return walk.lastOfItsStamp();
        }
      }
      return null;
    }
  }

  /**
   * Deletes segments of which nobody can ask any more, the oldest ones, up to a number; returns how
   * many there were.
   */
  public int forget(TablesWriter writer, long horizon, int segmentLimit) {
    times.forget(writer, horizon, segmentLimit);
    return stamps.forget(writer, horizon, segmentLimit);
  }

  /** Whether there are stamps of revisions after one with which a checkpoint ended. */
  public boolean reachesBeyond(TablesView view, long revision) {
    return stamps.reachBeyond(view, revision);
  }

  /** Deletes the stamps after a revision with which a checkpoint ended. */
  public void truncate(TablesWriter writer, long revision) {
    stamps.truncate(writer, revision);
    times.truncate(writer, revision);
  }

  /** A walk over stamps. */
  private final class Walk implements AutoCloseable {
    private final TableCursor cursor;
    private final long last;
    private byte[] segment = new byte[0];
    private int position;
    private long stampMillis;
    private long revision;
    private long writtenBytes;

    Walk(TablesView view, long last) {
      this.last = last;
      this.cursor = view.cursor(stamps.table());
    }

    /** Before the segment that holds a revision, or the first one; false when there is none. */
    boolean seek(long wanted) {
      return enter(cursor.seekBefore(revisionKey(wanted + 1)) || cursor.first());
    }

    private boolean enter(boolean isOnRow) {
      if (!isOnRow || stamps.firstRevision(cursor) > last) {
        return false;
      }
      ByteBuffer value = cursor.value();
      segment = new byte[value.remaining()];
      value.get(segment);
      position = 0;
      stampMillis = 0;
      revision = stamps.firstRevision(cursor);
      writtenBytes = 0;
      return true;
    }

    boolean next() {
      if (position == segment.length && !enter(cursor.next())) {
        return false;
      }
      stampMillis += varint();
      revision += varint();
      writtenBytes += varint();
      return true;
    }

    private long varint() {
      int end = Varint.end(segment, position, segment.length);
      if (end < 0) {
        throw new StorageException.Corrupt("segment of stamps: broken at byte " + position);
      }
      long value = Varint.get(segment, position);
      position = end;
      return value;
    }

    /** Goes on to the last stamp that is not later than a time, which the next one is not. */
    @Nullable Stamp lastAtOrBefore(long time) {
      Stamp found = null;
      while (next() && stampMillis <= time) {
        found = stamp();
      }
      return found;
    }

    /** Goes on in the next segment if it begins with the same stamp. */
    Stamp lastOfItsStamp() {
      Stamp found = stamp();
      while (position == segment.length && next() && stampMillis == found.stampMillis()) {
        found = stamp();
      }
      return found;
    }

    private Stamp stamp() {
      return new Stamp(stampMillis, revision, writtenBytes);
    }

    @Override
    public void close() {
      cursor.close();
    }
  }
}
