package heartwood.server.keyspace;

import heartwood.storage.Cursor;
import heartwood.storage.ReadTxn;
import heartwood.storage.WriteTxn;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys of a namespace in the order of their expiries: one row per key that has one. A key whose
 * expiry is at or before a stamp is due: no command sees it, whether or not it was swept.
 * Stateless.
 */
final class ExpiryIndex {
  private static final byte[] FORMAT = {1};

  private ExpiryIndex() {}

  static void add(WriteTxn txn, byte[] directoryKey, long expiry) {
    txn.put(KeyLayout.expiryKey(directoryKey, expiry), FORMAT);
  }

  static void remove(WriteTxn txn, byte[] directoryKey, long expiry) {
    txn.delete(KeyLayout.expiryKey(directoryKey, expiry));
  }

  /** The directory keys of up to {@code limit} due keys, the earliest first. */
  static List<byte[]> due(ReadTxn txn, int namespace, long stampMillis, int limit) {
    List<byte[]> due = new ArrayList<>();
    byte[] from = KeyLayout.expiryPosition(namespace, 0);
    byte[] to = KeyLayout.expiryPosition(namespace, stampMillis + 1);
    try (Cursor cursor = txn.scan(from, to)) {
      while (due.size() < limit && cursor.next()) {
        due.add(KeyLayout.directoryKeyOf(cursor.key()));
      }
    }
    return due;
  }

  static long countDue(Keyspace keyspace, int namespace) {
    long stampMillis = keyspace.context().stampMillis();
    byte[] from = KeyLayout.expiryPosition(namespace, 0);
    byte[] to = KeyLayout.after(KeyLayout.namespacePosition(KeyLayout.EXPIRY, namespace));
    long count = 0;
    try (Cursor cursor = keyspace.reads().scan(from, to)) {
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

  /** The earliest expiry of a namespace, or the greatest long. */
  static long first(ReadTxn txn, int namespace) {
    byte[] from = KeyLayout.namespacePosition(KeyLayout.EXPIRY, namespace);
    try (Cursor cursor = txn.scan(from, KeyLayout.after(from))) {
      return cursor.next() ? expiryOf(cursor) : Long.MAX_VALUE;
    }
  }

  private static long expiryOf(Cursor cursor) {
    return cursor.key().getLong(cursor.key().position() + 5);
  }
}
