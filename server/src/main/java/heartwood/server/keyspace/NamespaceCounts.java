package heartwood.server.keyspace;

import java.nio.ByteBuffer;

/**
 * How many keys a namespace holds, the expired ones included as long as their rows stand. Changes
 * count at once and become lasting with {@link #keep}. Confined to the thread of its keyspace.
 *
 * <p>The row: format 1 (1 byte) │ keys 8 │ keys with an expiry 8 │ keys with elements that expire
 * 8. The last is left out if there are none.
 */
final class NamespaceCounts {
  private static final byte FORMAT = 1;
  private static final int BYTES = 17;
  private static final int LONG_BYTES = 25;

  final int namespace;
  private long keys;
  private long expiring;
  private long elementsExpiring;
  private long keptKeys;
  private long keptExpiring;
  private long keptElementsExpiring;
  private long storedKeys;
  private long storedExpiring;
  private long storedElementsExpiring;

  NamespaceCounts(int namespace) {
    this.namespace = namespace;
  }

  /** As they are now, for another thread. */
  NamespaceCounts copy() {
    NamespaceCounts copy = new NamespaceCounts(namespace);
    copy.add(keptKeys, keptExpiring, keptElementsExpiring);
    copy.keep();
    return copy;
  }

  void load(ByteBuffer row) {
    int position = row.position();
    if (row.get(position) != FORMAT) {
      throw new IllegalStateException("format of a row of counts: " + row.get(position));
    }
    keys = keptKeys = storedKeys = row.getLong(position + 1);
    expiring = keptExpiring = storedExpiring = row.getLong(position + 9);
    if (row.remaining() == LONG_BYTES) {
      elementsExpiring = row.getLong(position + 17);
      keptElementsExpiring = storedElementsExpiring = elementsExpiring;
    }
  }

  byte[] encode() {
    byte[] row = new byte[elementsExpiring == 0 ? BYTES : LONG_BYTES];
    row[0] = FORMAT;
    KeyLayout.putLong(row, 1, keys);
    KeyLayout.putLong(row, 9, expiring);
    if (elementsExpiring != 0) {
      KeyLayout.putLong(row, 17, elementsExpiring);
    }
    storedKeys = keys;
    storedExpiring = expiring;
    storedElementsExpiring = elementsExpiring;
    return row;
  }

  void add(long keysMore, long expiringMore, long elementsExpiringMore) {
    keys += keysMore;
    expiring += expiringMore;
    elementsExpiring += elementsExpiringMore;
  }

  void keep() {
    keptKeys = keys;
    keptExpiring = expiring;
    keptElementsExpiring = elementsExpiring;
  }

  void discard() {
    keys = keptKeys;
    expiring = keptExpiring;
    elementsExpiring = keptElementsExpiring;
  }

  boolean differsFromRow() {
    return keys != storedKeys
        || expiring != storedExpiring
        || elementsExpiring != storedElementsExpiring;
  }

  long keys() {
    return keys;
  }

  /** Keys that have an expiry of their own. */
  long expiring() {
    return expiring;
  }

  /** Keys of which some element expires: hashes with fields that do. */
  long elementsExpiring() {
    return elementsExpiring;
  }
}
