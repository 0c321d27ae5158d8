package heartwood.server.keyspace;

import heartwood.storage.Row;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a revision made of a key, or of a field of one. Immutable.
 *
 * @param type what is there from the revision on; null if nothing
 * @param objectId where the elements are, if any
 * @param size bytes of a string or of a field, elements of any other type
 * @param expiry milliseconds since 1970, or {@link KeyEntry#NO_EXPIRY}
 * @param goneAt when it ceases to exist if nobody writes to it, which of a hash may be with its
 *     last field and of a field with its key; or {@link KeyEntry#NO_EXPIRY}
 * @param value of a field or a short string; null of anything else, or if nobody asked for it
 */
public record KeyEvent(
    long revision,
    @Nullable KeyType type,
    long objectId,
    long size,
    long expiry,
    long goneAt,
    byte @Nullable [] value) {

  /** From the revision on there is nothing. */
  static KeyEvent absence(long revision) {
    return ofType(revision, null);
  }

  /** From the revision on there is something of a type, of which nothing else is told. */
  static KeyEvent ofType(long revision, @Nullable KeyType type) {
    return new KeyEvent(
        revision, type, KeyEntry.NO_OBJECT, 0, KeyEntry.NO_EXPIRY, KeyEntry.NO_EXPIRY, null);
  }

  /** From the revision on there is what a directory row says. */
  static KeyEvent ofRow(long revision, byte[] key, byte[] rawKey, ByteBuffer row) {
    KeyEntry entry = new KeyEntry(key, rawKey, new NamespaceCounts(0));
    entry.load(new Row(revision, row), 0);
    byte[] value = null;
    if (entry.type() == KeyType.STRING && !entry.hasObject()) {
      value = new byte[entry.payloadLength()];
      entry.copyPayload(0, value, 0, value.length);
    }
    return new KeyEvent(
        revision,
        entry.type(),
        entry.objectId(),
        entry.size(),
        entry.expiry(),
        entry.goneAt(),
        value);
  }

  /** The same, said of a later revision. */
  KeyEvent in(long laterRevision) {
    return new KeyEvent(laterRevision, type, objectId, size, expiry, goneAt, value);
  }

  /** Whether both are one hash, whatever its fields. */
  boolean isSameHash(KeyEvent other) {
    return isHash() && other.isHash() && objectId == other.objectId;
  }

  boolean isHash() {
    return type == KeyType.HASH;
  }

  /** Whether it is still there at a stamp if nobody has written to it. */
  public boolean isThereAt(long stampMillis) {
    return goneAt == KeyEntry.NO_EXPIRY || goneAt > stampMillis;
  }
}
