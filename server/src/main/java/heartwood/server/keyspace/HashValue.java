package heartwood.server.keyspace;

import heartwood.storage.Row;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A hash: one row per field under an object id, in the order of the fields' hashes. Confined to the
 * thread of its keyspace, valid within one command.
 *
 * <pre>
 *   field row   03 │ object id 8 │ 02 │ hash 8 │ field …   →
 *
 *   offset  bytes
 *   0       1      format 1 (high four bits) │ flags (low four bits): 1 expiry, 2 full field
 *   1       8      expiry: milliseconds since 1970; written by nobody yet
 *           4      length of the full field
 *           n      the full field, when the raw key holds but its hash
 *           rest   the value
 * </pre>
 */
public final class HashValue {
  private static final int FORMAT = 1 << 4;
  private static final int HAS_EXPIRY = 1;
  private static final int HAS_FULL_FIELD = 2;

  /** Redis' hash-max-listpack-entries and hash-max-listpack-value. */
  private static final int MAX_LISTPACK_ENTRIES = 512;

  private static final int MAX_LISTPACK_BYTES = 64;

  /** Takes the fields that a walk meets; the value is valid during the call. */
  @FunctionalInterface
  public interface Visitor {
    void field(byte[] field, ByteBuffer value);
  }

  private final Keyspace keyspace;
  private final KeyEntry entry;

  HashValue(Keyspace keyspace, KeyEntry entry) {
    this.keyspace = keyspace;
    this.entry = entry;
  }

  public boolean exists() {
    return entry.exists();
  }

  /** The number of fields. */
  public long size() {
    return entry.size();
  }

  /** The value of a field, or null; a view that is valid until the next write. */
  public @Nullable ByteBuffer get(byte[] field) {
    if (!entry.exists()) {
      return null;
    }
    byte[] rawKey = rawKey(field);
    ByteBuffer row = row(rawKey, field);
    return row == null ? null : valueOf(row);
  }

  /** Sets a field and says whether it is new. */
  public boolean put(byte[] field, byte[] value) {
    if (!entry.exists()) {
      entry.setObject(KeyType.HASH, keyspace.newObjectId());
    }
    byte[] rawKey = rawKey(field);
    boolean isNew = row(rawKey, field) == null;
    if (isNew) {
      entry.setSize(entry.size() + 1);
    }
    if (field.length > MAX_LISTPACK_BYTES
        || value.length > MAX_LISTPACK_BYTES
        || entry.size() > MAX_LISTPACK_ENTRIES) {
      entry.setLarge(true);
    }
    keyspace.touch(entry);
    keyspace.putElement(rawKey, encode(rawKey, field, value));
    return isNew;
  }

  /** Removes a field, and the key with the last one; says whether it was there. */
  public boolean remove(byte[] field) {
    if (!entry.exists()) {
      return false;
    }
    byte[] rawKey = rawKey(field);
    if (row(rawKey, field) == null) {
      return false;
    }
    keyspace.touch(entry);
    keyspace.deleteElement(rawKey);
    entry.setSize(entry.size() - 1);
    if (entry.size() == 0) {
      keyspace.removeEmptied(entry);
    }
    return true;
  }

  public void forEach(Visitor visitor) {
    if (entry.exists()) {
      scan().all(each(visitor));
    }
  }

  /** A page of HSCAN: visits at least {@code count} fields and returns the next cursor or 0. */
  public long page(long cursor, long count, Visitor visitor) {
    return entry.exists() ? scan().page(cursor, count, each(visitor)) : 0;
  }

  /** Visits {@code count} different fields drawn at random. Invariant: count <= size. */
  public void randomDistinct(long count, Visitor visitor) {
    scan().randomDistinct(count, entry.size(), each(visitor));
  }

  /** Visits {@code count} fields, each drawn at random from all. */
  public void randomRepeated(long count, Visitor visitor) {
    scan().randomRepeated(count, entry.size(), each(visitor));
  }

  /** The name that Redis would give to the way it stores this hash. */
  public String encoding() {
    return entry.isLarge() ? "hashtable" : "listpack";
  }

  private static MemberScan.Visitor each(Visitor visitor) {
    return (rawKey, row) -> visitor.field(fieldOf(rawKey, row), valueOf(row));
  }

  private MemberScan scan() {
    return new MemberScan(keyspace, entry.objectId(), KeyLayout.HASH_FIELD);
  }

  private byte[] rawKey(byte[] field) {
    return keyspace.layout().memberKey(entry.objectId(), KeyLayout.HASH_FIELD, field);
  }

  private @Nullable ByteBuffer row(byte[] rawKey, byte[] field) {
    Row row = keyspace.reads().get(rawKey);
    if (row == null) {
      return null;
    }
    ByteBuffer value = row.value();
    if (isHashed(rawKey.length) && !Arrays.equals(fieldOf(ByteBuffer.wrap(rawKey), value), field)) {
      throw new IllegalStateException("two fields with the same SHA-256 prefix");
    }
    return value;
  }

  private static byte[] encode(byte[] rawKey, byte[] field, byte[] value) {
    if (!isHashed(rawKey.length)) {
      byte[] row = new byte[1 + value.length];
      row[0] = FORMAT;
      System.arraycopy(value, 0, row, 1, value.length);
      return row;
    }
    byte[] row = new byte[1 + 4 + field.length + value.length];
    row[0] = FORMAT | HAS_FULL_FIELD;
    KeyLayout.putInt(row, 1, field.length);
    System.arraycopy(field, 0, row, 5, field.length);
    System.arraycopy(value, 0, row, 5 + field.length, value.length);
    return row;
  }

  private static byte[] fieldOf(ByteBuffer rawKey, ByteBuffer row) {
    if (!isHashed(rawKey.remaining())) {
      return KeyLayout.tail(rawKey, KeyLayout.MEMBER_HEAD);
    }
    int position = afterExpiry(row);
    byte[] field = new byte[row.getInt(position)];
    row.get(position + 4, field);
    return field;
  }

  private static ByteBuffer valueOf(ByteBuffer row) {
    int position = afterExpiry(row);
    if ((row.get(row.position()) & HAS_FULL_FIELD) != 0) {
      position += 4 + row.getInt(position);
    }
    return row.slice(position, row.limit() - position);
  }

  private static int afterExpiry(ByteBuffer row) {
    int position = row.position();
    return position + ((row.get(position) & HAS_EXPIRY) != 0 ? 9 : 1);
  }

  /** The value in a field's row, for the field's history. */
  static byte[] copyOfValue(ByteBuffer row) {
    ByteBuffer value = valueOf(row);
    byte[] copy = new byte[value.remaining()];
    value.get(value.position(), copy);
    return copy;
  }

  /** The expiry in a field's row, for the field's history. */
  static long expiryOf(ByteBuffer row) {
    int position = row.position();
    return (row.get(position) & HAS_EXPIRY) != 0 ? row.getLong(position + 1) : KeyEntry.NO_EXPIRY;
  }

  private static boolean isHashed(int rawLength) {
    return KeyLayout.isHashed(rawLength, KeyLayout.MEMBER_HEAD);
  }
}
