package heartwood.server.keyspace;

import java.nio.ByteBuffer;

/**
 * How many keys a namespace holds, the expired ones included as long as their rows stand. Changes
 * count at once and become lasting with {@link #keep}. Confined to the thread of its keyspace.
 *
 * <p>The row: format 1 (1 byte) │ keys 8 │ keys with an expiry 8.
 */
final class NamespaceCounts {
  private static final byte FORMAT = 1;
  private static final int BYTES = 17;

  final int namespace;
  private long keys;
  private long expiring;
  private long keptKeys;
  private long keptExpiring;
  private long storedKeys;
  private long storedExpiring;

  NamespaceCounts(int namespace) {
    this.namespace = namespace;
  }

  void load(ByteBuffer row) {
    int position = row.position();
    if (row.get(position) != FORMAT) {
      throw new IllegalStateException("format of a row of counts: " + row.get(position));
    }
    keys = keptKeys = storedKeys = row.getLong(position + 1);
    expiring = keptExpiring = storedExpiring = row.getLong(position + 9);
  }

  byte[] encode() {
    byte[] row = new byte[BYTES];
    row[0] = FORMAT;
    KeyLayout.putLong(row, 1, keys);
    KeyLayout.putLong(row, 9, expiring);
    storedKeys = keys;
    storedExpiring = expiring;
    return row;
  }

  void add(int keysMore, int expiringMore) {
    keys += keysMore;
    expiring += expiringMore;
  }

  void keep() {
    keptKeys = keys;
    keptExpiring = expiring;
  }

  void discard() {
    keys = keptKeys;
    expiring = keptExpiring;
  }

  boolean differsFromRow() {
    return keys != storedKeys || expiring != storedExpiring;
  }

  long keys() {
    return keys;
  }

  long expiring() {
    return expiring;
  }
}
