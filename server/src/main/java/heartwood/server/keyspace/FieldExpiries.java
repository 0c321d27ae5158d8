package heartwood.server.keyspace;

import heartwood.storage.Cursor;
import heartwood.storage.ReadTxn;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The fields of one hash in the order of their expiries: a row under the hash's object id for each
 * field that has one. Confined to the thread of its keyspace, valid within one command.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A field row with an expiry has one row here, and no other field has.
 *   <li>The key's entry has the number of these rows, the first expiry and the last.
 *   <li>The entry was touched before anything is written here.
 * </ol>
 *
 * <p>The first and the last expiry stand in the directory row, so that a hash of which no field is
 * due is counted, and one of which all are due is seen to be gone, without a look at these rows.
 */
final class FieldExpiries {
  private static final byte[] FORMAT = {1};

  private final Keyspace keyspace;
  private final KeyEntry entry;

  FieldExpiries(Keyspace keyspace, KeyEntry entry) {
    this.keyspace = keyspace;
    this.entry = entry;
  }

  void add(byte[] fieldKey, long expiry) {
    keyspace.putElement(entry, KeyLayout.fieldExpiryKey(fieldKey, expiry), FORMAT);
    long count = entry.expiringElements();
    entry.setElementExpiries(
        count + 1,
        count == 0 ? expiry : Math.min(expiry, entry.firstElementExpiry()),
        Math.max(expiry, entry.lastElementExpiry()));
  }

  void remove(byte[] fieldKey, long expiry) {
    keyspace.deleteElement(entry, KeyLayout.fieldExpiryKey(fieldKey, expiry));
    long first = entry.firstElementExpiry();
    long last = entry.lastElementExpiry();
    entry.setElementExpiries(
        entry.expiringElements() - 1,
        expiry == first ? readFirst() : first,
        expiry == last ? readLast() : last);
  }

  /** Whether a row below an object id is that of a due field, or one of these of it. */
  static boolean isDue(ByteBuffer rawKey, ByteBuffer row, long stampMillis) {
    int position = rawKey.position() + KeyLayout.ELEMENT_HEAD;
    byte kind = rawKey.get(position - 1);
    if (kind == KeyLayout.HASH_FIELD) {
      long expiry = HashValue.expiryOf(row);
      return expiry != KeyEntry.NO_EXPIRY && expiry <= stampMillis;
    }
    return kind == KeyLayout.HASH_FIELD_EXPIRY && rawKey.getLong(position) <= stampMillis;
  }

  /** How many fields are due at the stamp; reads rows only if some are. */
  long countDue() {
    return countDue(keyspace.reads());
  }

  /** The same of a key that was read elsewhere. */
  long countDue(ReadTxn elements) {
    long first = entry.firstElementExpiry();
    if (first == KeyEntry.NO_EXPIRY) {
      return 0;
    }
    long stampMillis = keyspace.context().stampMillis();
    if (first > stampMillis) {
      keyspace.dependOn(first);
      return 0;
    }
    long count = 0;
    byte[] from = KeyLayout.fieldExpiryPosition(entry.objectId(), 0);
    try (Cursor cursor = elements.scan(from, end())) {
      while (cursor.next()) {
        long expiry = expiryOf(cursor);
        if (expiry > stampMillis) {
          keyspace.dependOn(expiry);
          break;
        }
        count++;
      }
    }
    return count;
  }

  /** Deletes up to {@code budgetFields} due fields, the earliest first, and returns how many. */
  int sweep(int budgetFields) {
    List<byte[]> due = due(budgetFields);
    keyspace.touch(entry);
    for (byte[] rawKey : due) {
      keyspace.deleteElement(entry, KeyLayout.fieldKeyOf(rawKey));
      keyspace.deleteElement(entry, rawKey);
    }
    leftOut(due.size());
    return due.size();
  }

  /** Tells the entry that so many of its fields have no rows any more: those due earliest. */
  void leftOut(long dueFields) {
    entry.setSize(entry.size() - dueFields);
    long first = readFirst();
    long last = first == KeyEntry.NO_EXPIRY ? first : entry.lastElementExpiry();
    entry.setElementExpiries(entry.expiringElements() - dueFields, first, last);
  }

  /** Whether a field expires behind the first stamp and not behind the second. */
  boolean hasExpiring(long afterMillis, long stampMillis) {
    byte[] from = KeyLayout.fieldExpiryPosition(entry.objectId(), afterMillis + 1);
    try (Cursor cursor = keyspace.reads().scan(from, end())) {
      if (!cursor.next()) {
        return false;
      }
      long expiry = expiryOf(cursor);
      if (expiry > stampMillis) {
        keyspace.dependOn(expiry);
      }
      return expiry <= stampMillis;
    }
  }

  private List<byte[]> due(int limit) {
    List<byte[]> due = new ArrayList<>();
    byte[] from = KeyLayout.fieldExpiryPosition(entry.objectId(), 0);
    byte[] to =
        KeyLayout.fieldExpiryPosition(entry.objectId(), keyspace.context().stampMillis() + 1);
    try (Cursor cursor = keyspace.reads().scan(from, to)) {
      while (due.size() < limit && cursor.next()) {
        byte[] rawKey = new byte[cursor.key().remaining()];
        cursor.key().get(cursor.key().position(), rawKey);
        due.add(rawKey);
      }
    }
    return due;
  }

  private long readFirst() {
    byte[] from = KeyLayout.fieldExpiryPosition(entry.objectId(), 0);
    try (Cursor cursor = keyspace.reads().scan(from, end())) {
      return cursor.next() ? expiryOf(cursor) : KeyEntry.NO_EXPIRY;
    }
  }

  private long readLast() {
    byte[] from = KeyLayout.fieldExpiryPosition(entry.objectId(), 0);
    try (Cursor cursor = keyspace.reads().scanReverse(from, end())) {
      return cursor.next() ? expiryOf(cursor) : KeyEntry.NO_EXPIRY;
    }
  }

  private byte[] end() {
    return KeyLayout.after(
        KeyLayout.elementPosition(entry.objectId(), KeyLayout.HASH_FIELD_EXPIRY));
  }

  private static long expiryOf(Cursor cursor) {
    return cursor.key().getLong(cursor.key().position() + KeyLayout.ELEMENT_HEAD);
  }
}
