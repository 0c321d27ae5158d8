package heartwood.storage.history;

import heartwood.storage.StorageException;
import heartwood.storage.TableCursor;
import heartwood.storage.Tables;
import heartwood.storage.TablesView;
import heartwood.storage.TablesWriter;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Which listed rows each revision wrote: the table {@code changes}, in segments of a page.
 *
 * <pre>
 *   revision 8 │ part 4   → a segment that begins with a change of this revision; a part above 0
 *                           goes on with a revision that began in the segment before
 *   for each change:
 *     step(varint)        its revision less the one of the change before; the first: 0
 *     operation(varint)
 *     shared(varint)      bytes of the key that it has in common with the one before, here
 *     rest(varint)        bytes of the key behind those
 *     key                 ...
 * </pre>
 *
 * <p>Thread-safe; what it hands out belongs to one thread.
 */
public final class ChangeList {
  private static final int MAX_HEADER_BYTES = 10 + 5 + 5 + 5;

  private final Segments segments;

  public ChangeList(Tables tables) {
    this.segments = new Segments(tables.open("changes"), 0);
  }

  private static ByteBuffer segmentKey(long revision, int part) {
    return ByteBuffer.allocate(12).putLong(revision).putInt(part).flip();
  }

  /** Adds changes behind all that are there, in one or more transactions. */
  public Appender appender() {
    return new Appender();
  }

  /**
   * Deletes segments of which nobody can ask any more, the oldest ones, up to a number; returns how
   * many there were.
   */
  public int forget(TablesWriter writer, long horizon, int segmentLimit) {
    return segments.forget(writer, horizon, segmentLimit);
  }

  /** Whether there are changes of revisions after one with which a checkpoint ended. */
  public boolean reachesBeyond(TablesView view, long revision) {
    return segments.reachBeyond(view, revision);
  }

  /** Deletes the changes after a revision with which a checkpoint ended. */
  public void truncate(TablesWriter writer, long revision) {
    segments.truncate(writer, revision);
  }

  /** Takes changes in the order of revisions, and of keys within one. */
  public final class Appender {
    private final byte[] bytes = new byte[2 * Block.TARGET_BYTES];
    private int length;
    private long firstRevision;
    private int firstPart;
    private long lastRevision = -1;
    private int lastPart;
    private byte[] lastKey = new byte[0];

    private Appender() {}

    /** Adds a change, which may go to the tables with a later one, in that one's transaction. */
    public void add(TablesWriter writer, long revision, int operation, ByteBuffer key) {
      int keyLength = key.remaining();
      if (length > 0 && length + MAX_HEADER_BYTES + keyLength > Block.TARGET_BYTES) {
        flush(writer);
      }
      int part = revision == lastRevision ? lastPart + 1 : 0;
      byte[] keyBytes = new byte[keyLength];
      key.get(key.position(), keyBytes);
      int shared = 0;
      long step = 0;
      if (length == 0) {
        firstRevision = revision;
        firstPart = part;
      } else {
        int mismatch = Arrays.mismatch(lastKey, keyBytes);
        shared = mismatch < 0 ? keyLength : mismatch;
        step = revision - lastRevision;
      }
      length = Varint.put(bytes, length, step);
      length = Varint.put(bytes, length, operation);
      length = Varint.put(bytes, length, shared);
      length = Varint.put(bytes, length, keyLength - shared);
      System.arraycopy(keyBytes, shared, bytes, length, keyLength - shared);
      length += keyLength - shared;
      lastKey = keyBytes;
      lastRevision = revision;
      lastPart = part;
    }

    private void flush(TablesWriter writer) {
      if (length > 0) {
        writer.append(
            segments.table(),
            segmentKey(firstRevision, firstPart),
            ByteBuffer.wrap(bytes, 0, length));
        length = 0;
      }
    }

    /** Writes what is left. */
    public void end(TablesWriter writer) {
      flush(writer);
    }
  }

  /**
   * The changes that a transaction sees, of the revisions {@code after < r <= last}.
   *
   * @param last with which a checkpoint ended: behind it there may be some of one under way
   */
  public Reader reader(TablesView view, long after, long last) {
    return new Reader(view.cursor(segments.table()), after, last);
  }

  /** A walk over changes; stands before the first when new. */
  public static final class Reader implements AutoCloseable {
    private final TableCursor cursor;
    private final long after;
    private final long last;
    private boolean isStarted;
    private byte[] segment = new byte[0];
    private int position;
    private long revision;
    private int operation;
    private byte[] key = new byte[64];
    private int keyLength;

    private Reader(TableCursor cursor, long after, long last) {
      this.cursor = cursor;
      this.after = after;
      this.last = last;
    }

    /** Not to be called again when it was false. */
    public boolean next() {
      if (!isStarted) {
        isStarted = true;
        // The last segment that may hold the revision: one that it begins, or one before that.
        if (!enter(cursor.seekBefore(segmentKey(after + 1, 1)) || cursor.first())) {
          return false;
        }
      }
      do {
        if (position == segment.length && !enter(cursor.next())) {
          return false;
        }
        read();
      } while (revision <= after);
      return revision <= last;
    }

    private boolean enter(boolean isOnRow) {
      if (!isOnRow) {
        return false;
      }
      ByteBuffer value = cursor.value();
      segment = new byte[value.remaining()];
      value.get(segment);
      position = 0;
      keyLength = 0;
      revision = cursor.key().getLong(cursor.key().position());
      return true;
    }

    private void read() {
      revision += varint();
      operation = (int) varint();
      int shared = (int) varint();
      int rest = (int) varint();
      if (shared > keyLength || rest < 0 || rest > segment.length - position) {
        throw damaged();
      }
      if (key.length < shared + rest) {
        key = Arrays.copyOf(key, shared + rest);
      }
      System.arraycopy(segment, position, key, shared, rest);
      keyLength = shared + rest;
      position += rest;
    }

    private long varint() {
      int end = Varint.end(segment, position, segment.length);
      if (end < 0) {
        throw damaged();
      }
      long value = Varint.get(segment, position);
      position = end;
      return value;
    }

    private StorageException damaged() {
      return new StorageException.Corrupt("segment of changes: broken at byte " + position);
    }

    public long revision() {
      return revision;
    }

    public int operation() {
      return operation;
    }

    /** Valid until the next move. */
    public ByteBuffer key() {
      return ByteBuffer.wrap(key, 0, keyLength).asReadOnlyBuffer();
    }

    @Override
    public void close() {
      cursor.close();
    }
  }
}
