package heartwood.server.keyspace;

import heartwood.storage.Cursor;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a database in stored order: slot, hash, key. Confined to the thread of its keyspace,
 * valid until the next write.
 *
 * <p>A SCAN cursor is a place in that order and nothing else, so it means the same on every node
 * and for ever:
 *
 * <pre>
 *   bit   52 … 39   38 … 0
 *         slot      the top 39 bits of the hash
 * </pre>
 *
 * It names the first key of the next page, and a page ends only between keys of different cursor
 * values. A key that is there all the time is met exactly once. 0 begins and 0 ends: the first page
 * is never empty-handed with keys behind it, so no later page begins at 0.
 */
public final class KeyScan {
  private static final int HASH_BITS = 39;
  private static final long HASH_MASK = (1L << HASH_BITS) - 1;
  private static final int UNUSED_BITS = 64 - HASH_BITS;

  /** Takes the keys that a walk meets. */
  @FunctionalInterface
  public interface Visitor {
    void key(byte[] key, KeyType type);
  }

  private final Keyspace keyspace;
  private final int namespace;
  private final long stampMillis;

  KeyScan(Keyspace keyspace, int namespace) {
    this.keyspace = keyspace;
    this.namespace = namespace;
    this.stampMillis = keyspace.context().stampMillis();
  }

  /** Visits at least {@code count} rows if there are as many, and returns the next cursor or 0. */
  public long page(long cursorValue, long count, Visitor visitor) {
    if (cursorValue >>> HASH_BITS >= Slots.COUNT) {
      return 0;
    }
    willVisit(count);
    long visited = 0;
    long last = -1;
    try (Cursor cursor = rows(keyspace, namespace, cursorValue)) {
      while (cursor.next()) {
        if (keyspace.isHidden(cursor.key(), cursor.value())) {
          continue; // Not counted: another node may have it no more.
        }
        long here = cursorValue(cursor.key());
        if (visited >= count && here != last) {
          return here;
        }
        last = here;
        visited++;
        visit(cursor, visitor);
      }
    }
    return 0;
  }

  /** The directory rows of the selected database from a cursor on, expired ones included. */
  static Cursor rows(Keyspace keyspace, long cursorValue) {
    return rows(keyspace, keyspace.namespace(), cursorValue);
  }

  private static Cursor rows(Keyspace keyspace, int namespace, long cursorValue) {
    int slot = (int) Math.min(cursorValue >>> HASH_BITS, Slots.COUNT);
    long hash = slot == Slots.COUNT ? 0 : (cursorValue & HASH_MASK) << UNUSED_BITS;
    return keyspace
        .reads()
        .scan(
            KeyLayout.directoryPosition(namespace, slot, hash),
            KeyLayout.directoryPosition(namespace, Slots.COUNT, 0));
  }

  /** The place of a directory row as a cursor. */
  static long cursorValue(ByteBuffer rawKey) {
    int position = rawKey.position();
    long slot = rawKey.getShort(position + 5) & 0xffffL;
    return slot << HASH_BITS | rawKey.getLong(position + 7) >>> UNUSED_BITS;
  }

  /** Visits every key. */
  public void all(Visitor visitor) {
    willVisit(Long.MAX_VALUE);
    walk(KeyLayout.directoryPosition(namespace, 0, 0), end(), Long.MAX_VALUE, visitor);
  }

  /** How many keys there are. */
  long count() {
    return walk(
        KeyLayout.directoryPosition(namespace, 0, 0), end(), Long.MAX_VALUE, (key, type) -> {});
  }

  /** Visits up to {@code limit} keys of a slot and returns how many it met. */
  public long slot(int slot, long limit, Visitor visitor) {
    willVisit(limit);
    return walk(
        KeyLayout.directoryPosition(namespace, slot, 0),
        KeyLayout.directoryPosition(namespace, slot + 1, 0),
        limit,
        visitor);
  }

  /** So many rows, or as many as there are: that costs a look only where so many would be many. */
  private void willVisit(long atMost) {
    if (keyspace.isLong(atMost)) {
      keyspace.willVisit(Math.min(atMost, keyspace.rowCount()));
    }
  }

  private long walk(byte[] from, byte[] to, long limit, Visitor visitor) {
    long met = 0;
    try (Cursor cursor = keyspace.reads().scan(from, to)) {
      while (met < limit && cursor.next()) {
        if (visit(cursor, visitor)) {
          met++;
        }
      }
    }
    return met;
  }

  private boolean visit(Cursor cursor, Visitor visitor) {
    if (!isVisible(cursor)) {
      return false;
    }
    ByteBuffer value = cursor.value();
    visitor.key(KeyEntry.keyOf(cursor.key(), value), KeyEntry.typeOf(value));
    return true;
  }

  private boolean isVisible(Cursor cursor) {
    if (keyspace.isHidden(cursor.key(), cursor.value())) {
      return false;
    }
    long goneAt = KeyEntry.goneAtOf(cursor.value());
    if (goneAt == KeyEntry.NO_EXPIRY) {
      return true;
    }
    if (goneAt <= stampMillis) {
      return false;
    }
    keyspace.dependOn(goneAt);
    return true;
  }

  /**
   * A key drawn at random, or null if there is none. First a slot, then a place in it: that stays
   * fair among the keys of a slot even if one hash tag holds them all.
   */
  public byte @Nullable [] random() {
    int slot = (int) keyspace.nextRandom(Slots.COUNT);
    byte[] origin = KeyLayout.directoryPosition(namespace, 0, 0);
    byte[] slotPosition = KeyLayout.directoryPosition(namespace, slot, 0);
    int met = firstSlot(slotPosition, end());
    if (met < 0) {
      met = firstSlot(origin, slotPosition);
    }
    if (met < 0) {
      return null;
    }
    byte[] start = KeyLayout.directoryPosition(namespace, met, 0);
    byte[] middle = KeyLayout.directoryPosition(namespace, met, keyspace.nextRandom());
    byte[] key = firstKey(middle, KeyLayout.directoryPosition(namespace, met + 1, 0));
    return key != null ? key : firstKey(start, middle);
  }

  private int firstSlot(byte[] from, byte[] to) {
    try (Cursor cursor = keyspace.reads().scan(from, to)) {
      while (cursor.next()) {
        if (isVisible(cursor)) {
          return cursor.key().getShort(cursor.key().position() + 5) & 0xffff;
        }
      }
    }
    return -1;
  }

  private byte @Nullable [] firstKey(byte[] from, byte[] to) {
    try (Cursor cursor = keyspace.reads().scan(from, to)) {
      while (cursor.next()) {
        if (isVisible(cursor)) {
          return KeyEntry.keyOf(cursor.key(), cursor.value());
        }
      }
    }
    return null;
  }

  private byte[] end() {
    return KeyLayout.directoryPosition(namespace, Slots.COUNT, 0);
  }
}
