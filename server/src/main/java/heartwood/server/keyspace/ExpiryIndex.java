package heartwood.server.keyspace;

import heartwood.storage.Cursor;
import heartwood.storage.ReadTxn;
import heartwood.storage.WriteTxn;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys of a namespace in the order of a time that each has: one row per key. What is at or before a
 * stamp is due: no command sees it, whether or not it was swept. Stateless.
 */
final class ExpiryIndex {
  /** Keys by the time at which they are gone: {@link KeyEntry#goneAt}. */
  static final ExpiryIndex KEYS = new ExpiryIndex(KeyLayout.EXPIRY);

  /** Hashes by the time at which the first of their fields expires. */
  static final ExpiryIndex FIELDS = new ExpiryIndex(KeyLayout.FIELDS);

  private static final byte[] FORMAT = {1};

  /** A key without an expiry of its own, which is gone with its fields. */
  private static final byte[] FORMAT_BY_FIELDS = {1, 1};

  private final byte table;

  private ExpiryIndex(byte table) {
    this.table = table;
  }

  void add(WriteTxn txn, byte[] directoryKey, long expiry) {
    txn.put(KeyLayout.expiryKey(table, directoryKey, expiry), FORMAT);
  }

  void addByFields(WriteTxn txn, byte[] directoryKey, long expiry) {
    txn.put(KeyLayout.expiryKey(table, directoryKey, expiry), FORMAT_BY_FIELDS);
  }

  /** The row of a key. */
  byte[] rawKey(byte[] directoryKey, long expiry) {
    return KeyLayout.expiryKey(table, directoryKey, expiry);
  }

  /** The directory keys of up to {@code limit} due keys, the earliest first. */
  List<byte[]> due(ReadTxn txn, int namespace, long stampMillis, int limit) {
    List<byte[]> due = new ArrayList<>();
    byte[] from = KeyLayout.expiryPosition(table, namespace, 0);
    byte[] to = KeyLayout.expiryPosition(table, namespace, stampMillis + 1);
    try (Cursor cursor = txn.scan(from, to)) {
      while (due.size() < limit && cursor.next()) {
        due.add(KeyLayout.directoryKeyOf(cursor.key()));
      }
    }
    return due;
  }

  /** How many keys are due. */
  long countDue(Keyspace keyspace, int namespace) {
    return countDue(keyspace, namespace, true);
  }

  /** How many keys are due that have an expiry of their own. */
  long countDueByExpiry(Keyspace keyspace, int namespace) {
    return countDue(keyspace, namespace, false);
  }

  private long countDue(Keyspace keyspace, int namespace, boolean alsoByFields) {
    long stampMillis = keyspace.context().stampMillis();
    byte[] from = KeyLayout.expiryPosition(table, namespace, 0);
    byte[] to = KeyLayout.after(KeyLayout.namespacePosition(table, namespace));
    long count = 0;
    try (Cursor cursor = keyspace.reads().scan(from, to)) {
      while (cursor.next()) {
        long expiry = expiryOf(cursor);
        if (expiry > stampMillis) {
          keyspace.dependOn(expiry);
          break;
        }
        count += alsoByFields || cursor.value().remaining() == FORMAT.length ? 1 : 0;
      }
    }
    return count;
  }

  /** The earliest time of a namespace, or the greatest long. */
  long first(ReadTxn txn, int namespace) {
    byte[] from = KeyLayout.namespacePosition(table, namespace);
    try (Cursor cursor = txn.scan(from, KeyLayout.after(from))) {
      return cursor.next() ? expiryOf(cursor) : Long.MAX_VALUE;
    }
  }

  /** The time in an index's row. */
  static long expiryOf(Cursor cursor) {
    return cursor.key().getLong(cursor.key().position() + 5);
  }
}
