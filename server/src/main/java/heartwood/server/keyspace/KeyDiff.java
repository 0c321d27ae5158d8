package heartwood.server.keyspace;

import static java.util.Objects.requireNonNull;

import heartwood.storage.Cursor;
import heartwood.storage.Past;
import heartwood.storage.Row;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a database that differ between two moments. Confined to the thread of its keyspaces,
 * valid until the next write.
 *
 * <p>A key differs when it is there at one of them only, when something was written below it in
 * between, be it the same again, or when some of its fields expired. Two ways lead there, and the
 * two moments decide which:
 *
 * <ol>
 *   <li>The database has one namespace at both: then the changes of its directory rows in between
 *       tell all, in O(changes). Each key is taken at its last change. What expired with no
 *       revision to say so is in no change, but in the indexes of expiries: first the keys that are
 *       gone come last, then the hashes that live on without some of their fields. Those cost what
 *       the second moment had of hashes with due fields, which a sweep keeps few.
 *   <li>Else, after FLUSHDB or SWAPDB, both are walked in their common order, in O(keys).
 * </ol>
 *
 * <p>A cursor is twice a position, plus one in the second way: the place in the order of {@link
 * KeyScan}. In the first way the positions are the revisions, then one for each millisecond from
 * the first moment to the second, when keys were gone, then one for each millisecond from 0 on, of
 * hashes by their first expiry. A page ends only between different positions, so each key is met
 * once, on whatever node.
 */
public final class KeyDiff {
  /** So many changes are looked at for one question that has no pages. */
  public static final int MAX_CHANGES = 100_000;

  public static final long UNKNOWN = -1;

  /** How a key differs. */
  public enum Change {
    CREATED,
    CHANGED,
    DELETED
  }

  /** Takes the keys that differ; false ends the page as soon as it may end. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * @param type at the second moment, or else at the first
     * @param firstRevision that wrote what is there at the first moment, 0 if nothing is
     * @param secondRevision that wrote what is there at the second, or deleted it; 0 if its time
     *     came and nobody has. Of a hash that only time has changed it is the first revision again
     */
    boolean key(byte[] key, Change change, KeyType type, long firstRevision, long secondRevision);
  }

  private final Keyspace first;
  private final Keyspace second;
  private final Past past;
  private final long firstRevision;
  private final long secondRevision;
  private final boolean isOneNamespace;

  /** Where the positions of hashes begin of which fields were due at the second moment. */
  private final long firstHashPosition;

  /** Whether what expired and was not touched since is left out. */
  private final boolean skipsUntouched;

  private Visitor visitor = (key, change, type, from, to) -> true;
  private boolean hasRoom;
  private long visitedRows;

  /**
   * @param present whose past is asked
   * @param first as it was at {@code firstRevision}
   * @param second as it was at {@code secondRevision}, which is not less
   */
  public KeyDiff(
      Keyspace present,
      Keyspace first,
      long firstRevision,
      Keyspace second,
      long secondRevision,
      boolean skipsUntouched) {
    this.first = first;
    this.second = second;
    this.past = present.past();
    this.firstRevision = firstRevision;
    this.secondRevision = secondRevision;
    this.isOneNamespace = first.namespace() == second.namespace();
    this.skipsUntouched = skipsUntouched;
    long betweenMillis = second.context().stampMillis() - first.context().stampMillis();
    this.firstHashPosition = secondRevision + 1 + betweenMillis + 1;
  }

  /**
   * The first revision behind one that changed the selected database of the present, or 0; {@link
   * #UNKNOWN} if more than {@link #MAX_CHANGES} of other databases come before.
   */
  public static long firstChange(Keyspace present, long afterRevision) {
    byte[] mapping = KeyLayout.metaKey(KeyLayout.META_DATABASE, present.database());
    ByteBuffer mappingKey = ByteBuffer.wrap(mapping);
    int changeCount = 0;
    try (Past.Changes changes = present.past().changes(afterRevision, present.lastRevision())) {
      while (changes.next()) {
        if (++changeCount > MAX_CHANGES) {
          return UNKNOWN;
        }
        if (isOf(present.namespace(), changes.key()) || changes.key().equals(mappingKey)) {
          return changes.revision();
        }
      }
    }
    return 0;
  }

  /** Whether a page can begin here: a cursor of the other way means nothing. */
  public boolean accepts(long cursor) {
    return cursor == 0 || (cursor > 0 && (cursor & 1) == (isOneNamespace ? 0 : 1));
  }

  /** Visits what differs in at least {@code count} rows, and returns the next cursor or 0. */
  public long page(long cursor, long count, Visitor pageVisitor) {
    visitor = pageVisitor;
    hasRoom = true;
    visitedRows = 0;
    long position = cursor >>> 1;
    if (!isOneNamespace) {
      long next = mergedPage(position, count);
      return next < 0 ? 0 : next << 1 | 1;
    }
    long next = position;
    if (next <= secondRevision) {
      next = changesPage(next, count);
    }
    if (next > secondRevision && skipsUntouched) {
      return 0;
    }
    if (next > secondRevision && next < firstHashPosition) {
      next = goneKeysPage(next, count);
    }
    if (next >= firstHashPosition) {
      next = hashesPage(next, count);
    }
    return next < 0 ? 0 : next << 1;
  }

  private void visit(byte[] key, Change change, KeyType type, long bornFirst, long bornSecond) {
    hasRoom &= visitor.key(key, change, type, bornFirst, bornSecond);
  }

  private boolean isFull(long count) {
    return visitedRows >= count || !hasRoom;
  }

  /** Returns the next revision to visit: that behind the second moment if all are. */
  private long changesPage(long position, long count) {
    long after = Math.max(firstRevision, position - 1);
    long last = after;
    try (Past.Changes changes = past.changes(after, secondRevision)) {
      while (changes.next()) {
        if (changes.revision() != last && isFull(count)) {
          return changes.revision();
        }
        last = changes.revision();
        visitedRows++;
        if (isOf(second.namespace(), changes.key())) {
          byte[] rawKey = bytesOf(changes.key());
          if (!isHidden(rawKey) && isLastChange(rawKey, last)) {
            compare(rawKey, last);
          }
        }
      }
    }
    return secondRevision + 1;
  }

  /** Whether one of the moments may not be told of a key: then it is left out. */
  private boolean isHidden(byte[] rawKey) {
    if (!first.isGuarded() && !second.isGuarded()) {
      return false;
    }
    byte[] firstRawKey = KeyLayout.directoryKeyIn(first.namespace(), rawKey);
    byte[] secondRawKey = KeyLayout.directoryKeyIn(second.namespace(), rawKey);
    byte[] key = keyAt(first, firstRawKey);
    key = key != null ? key : keyAt(second, secondRawKey);
    return first.isHidden(firstRawKey, key) || second.isHidden(secondRawKey, key);
  }

  private static byte @Nullable [] keyAt(Keyspace keyspace, byte[] rawKey) {
    Row row = keyspace.reads().get(rawKey);
    return row == null ? null : KeyEntry.keyOf(ByteBuffer.wrap(rawKey), row.value());
  }

  private static boolean isOf(int namespace, ByteBuffer rawKey) {
    int position = rawKey.position();
    return rawKey.get(position) == KeyLayout.DIRECTORY && rawKey.getInt(position + 1) == namespace;
  }

  private boolean isLastChange(byte[] rawKey, long revision) {
    try (Past.Versions versions = past.versions(rawKey, revision, secondRevision)) {
      return !versions.next() || (versions.born() <= revision && versions.died() > secondRevision);
    }
  }

  private void compare(byte[] rawKey, long revision) {
    KeyEntry before = visible(first, rawKey);
    KeyEntry after = visible(second, rawKey);
    if (before == null) {
      if (after != null) {
        visit(after.key, Change.CREATED, after.requireType(), 0, after.version());
      }
    } else if (after == null) {
      boolean isDeleted = second.reads().get(rawKey) == null;
      visit(
          before.key,
          Change.DELETED,
          before.requireType(),
          before.version(),
          isDeleted ? revision : 0);
    } else {
      visit(after.key, Change.CHANGED, after.requireType(), before.version(), after.version());
    }
  }

  /**
   * Visits keys that nobody wrote to in between and that are gone since. The position is the second
   * revision and so many milliseconds behind the first moment; returns the next one.
   */
  private long goneKeysPage(long position, long count) {
    long firstMillis = first.context().stampMillis();
    long fromMillis = firstMillis + (position - secondRevision);
    try (TimedRows rows = new TimedRows(KeyLayout.EXPIRY, second, fromMillis)) {
      while (rows.next()) {
        if (rows.isOfNewTime() && isFull(count)) {
          return secondRevision + (rows.millis - firstMillis);
        }
        visitedRows++;
        if (isHidden(rows.directoryKey())) {
          continue;
        }
        KeyEntry before = visible(first, rows.directoryKey());
        if (before != null && rows.row().born() <= firstRevision) {
          visit(before.key, Change.DELETED, before.requireType(), before.version(), 0);
        }
      }
    }
    return firstHashPosition;
  }

  /**
   * Visits hashes that nobody wrote to in between and that lost some of their fields. Which of them
   * did, the index of first expiries does not say: it has those that were due before, too. Returns
   * the next position or -1.
   */
  private long hashesPage(long position, long count) {
    try (TimedRows rows = new TimedRows(KeyLayout.FIELDS, second, position - firstHashPosition)) {
      while (rows.next()) {
        if (rows.isOfNewTime() && isFull(count)) {
          return firstHashPosition + rows.millis;
        }
        visitedRows++;
        if (isHidden(rows.directoryKey())) {
          continue;
        }
        KeyEntry after = visible(second, rows.directoryKey(), rows.row());
        if (after != null && after.version() <= firstRevision && hasLostFields(after)) {
          visit(after.key, Change.CHANGED, KeyType.HASH, after.version(), after.version());
        }
      }
    }
    return -1;
  }

  private boolean hasLostFields(KeyEntry hash) {
    return new FieldExpiries(second, hash)
        .hasExpiring(first.context().stampMillis(), second.context().stampMillis());
  }

  /** Returns the position of the next page in the order of keys, or -1. */
  private long mergedPage(long position, long count) {
    long flushed = lastNamespaceChange();
    long last = -1;
    try (Rows left = new Rows(first, position);
        Rows right = new Rows(second, position)) {
      while (left.isOnRow || right.isOnRow) {
        int order = left.compareTo(right);
        long here = order <= 0 ? left.position() : right.position();
        if (here != last && isFull(count)) {
          return here;
        }
        last = here;
        visitedRows++;
        if (!isHidden((order <= 0 ? left : right).rawKey())) {
          compare(order <= 0 ? left.visible() : null, order >= 0 ? right.visible() : null, flushed);
        }
        if (order <= 0) {
          left.advance();
        }
        if (order >= 0) {
          right.advance();
        }
      }
    }
    return -1;
  }

  private void compare(@Nullable KeyEntry before, @Nullable KeyEntry after, long flushed) {
    if (before == null && after == null) {
      return;
    }
    if (before == null) {
      KeyEntry created = requireNonNull(after);
      visit(created.key, Change.CREATED, created.requireType(), 0, created.version());
    } else if (after == null) {
      visit(before.key, Change.DELETED, before.requireType(), before.version(), flushed);
    } else {
      visit(after.key, Change.CHANGED, after.requireType(), before.version(), after.version());
    }
  }

  private long lastNamespaceChange() {
    Row row = second.reads().get(KeyLayout.metaKey(KeyLayout.META_DATABASE, second.database()));
    return row == null ? 0 : row.born();
  }

  private static @Nullable KeyEntry visible(Keyspace keyspace, byte[] rawKey) {
    Row row = keyspace.reads().get(rawKey);
    return row == null ? null : visible(keyspace, rawKey, row);
  }

  private static @Nullable KeyEntry visible(Keyspace keyspace, byte[] rawKey, Row row) {
    byte[] key = KeyEntry.keyOf(ByteBuffer.wrap(rawKey), row.value());
    KeyEntry entry = new KeyEntry(key, rawKey, new NamespaceCounts(keyspace.namespace()));
    entry.load(row, keyspace.context().stampMillis());
    if (!entry.exists()) {
      return null;
    }
    if (entry.goneAt() != KeyEntry.NO_EXPIRY) {
      keyspace.dependOn(entry.goneAt());
    }
    return entry;
  }

  private static byte[] bytesOf(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }

  /** The keys of a moment under which an index has a time from one on, up to the moment's own. */
  private static final class TimedRows implements AutoCloseable {
    private final Keyspace keyspace;
    private final Cursor cursor;
    private long millis = -1;
    private boolean isOfNewTime;

    TimedRows(byte table, Keyspace keyspace, long fromMillis) {
      this.keyspace = keyspace;
      byte[] from = KeyLayout.expiryPosition(table, keyspace.namespace(), fromMillis);
      byte[] to = KeyLayout.after(KeyLayout.namespacePosition(table, keyspace.namespace()));
      this.cursor = keyspace.reads().scan(from, to);
    }

    boolean next() {
      if (!cursor.next()) {
        return false;
      }
      long here = ExpiryIndex.expiryOf(cursor);
      if (here > keyspace.context().stampMillis()) {
        keyspace.dependOn(here);
        return false;
      }
      isOfNewTime = here != millis;
      millis = here;
      return true;
    }

    boolean isOfNewTime() {
      return isOfNewTime;
    }

    byte[] directoryKey() {
      return KeyLayout.directoryKeyOf(cursor.key());
    }

    Row row() {
      return requireNonNull(keyspace.reads().get(directoryKey()));
    }

    @Override
    public void close() {
      cursor.close();
    }
  }

  /** The directory rows of one of the moments, from a position on; stands on the first when new. */
  private static final class Rows implements AutoCloseable {
    private final Keyspace keyspace;
    private final Cursor cursor;
    private boolean isOnRow;

    Rows(Keyspace keyspace, long position) {
      this.keyspace = keyspace;
      this.cursor = KeyScan.rows(keyspace, position);
      advance();
    }

    /** Past what is purged: another node may have it no more. */
    void advance() {
      do {
        isOnRow = cursor.next();
      } while (isOnRow && keyspace.isHidden(cursor.key(), cursor.value()));
    }

    byte[] rawKey() {
      return bytesOf(cursor.key());
    }

    long position() {
      return KeyScan.cursorValue(cursor.key());
    }

    /** By all that stands behind the namespace; what has ended is behind everything. */
    int compareTo(Rows other) {
      if (!isOnRow || !other.isOnRow) {
        return isOnRow ? -1 : 1;
      }
      return Arrays.compareUnsigned(tail(), other.tail());
    }

    private byte[] tail() {
      byte[] tail = new byte[cursor.key().remaining() - 5];
      cursor.key().get(cursor.key().position() + 5, tail);
      return tail;
    }

    @Nullable KeyEntry visible() {
      return KeyDiff.visible(
          keyspace, bytesOf(cursor.key()), new Row(cursor.born(), cursor.value()));
    }

    @Override
    public void close() {
      cursor.close();
    }
  }
}
