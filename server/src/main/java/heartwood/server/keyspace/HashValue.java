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
 *   1       8      expiry: milliseconds since 1970
 *           4      length of the full field
 *           n      the full field, when the raw key holds but its hash
 *           rest   the value
 * </pre>
 *
 * A field whose expiry is at or before the stamp is not there, though its row is until something is
 * written over it or a sweep deletes it.
 */
public final class HashValue {
  /** What {@link #expiry} says of a field that is not there. */
  public static final long NO_FIELD = -1;

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
  private final FieldExpiries expiries;

  HashValue(Keyspace keyspace, KeyEntry entry) {
    this.keyspace = keyspace;
    this.entry = entry;
    this.expiries = new FieldExpiries(keyspace, entry);
  }

  public boolean exists() {
    return entry.exists();
  }

  /** The number of fields. */
  public long size() {
    return entry.size() - expiries.countDue();
  }

  /** The value of a field, or null; a view that is valid until the next write. */
  public @Nullable ByteBuffer get(byte[] field) {
    if (!entry.exists()) {
      return null;
    }
    byte[] rawKey = rawKey(field);
    ByteBuffer row = row(rawKey, field);
    return row == null || !isVisible(row) ? null : valueOf(row);
  }

  /** When a field expires, {@link KeyEntry#NO_EXPIRY} for never, or {@link #NO_FIELD}. */
  public long expiry(byte[] field) {
    if (!entry.exists()) {
      return NO_FIELD;
    }
    ByteBuffer row = row(rawKey(field), field);
    return row == null || !isVisible(row) ? NO_FIELD : expiryOf(row);
  }

  /** Sets a field, which then never expires, and says whether it is new. */
  public boolean put(byte[] field, byte[] value) {
    return put(field, value, KeyEntry.NO_EXPIRY, false);
  }

  /** Sets a field, which expires when it did before, and says whether it is new. */
  public boolean putKeepingExpiry(byte[] field, byte[] value) {
    return put(field, value, KeyEntry.NO_EXPIRY, true);
  }

  /** Sets a field to expire at a time that has not come, and says whether it is new. */
  public boolean put(byte[] field, byte[] value, long expiry) {
    return put(field, value, expiry, false);
  }

  private boolean put(byte[] field, byte[] value, long newExpiry, boolean keepsExpiry) {
    if (!entry.exists()) {
      entry.setObject(KeyType.HASH, keyspace.newObjectId());
    }
    byte[] rawKey = rawKey(field);
    ByteBuffer row = row(rawKey, field);
    long storedExpiry = row == null ? KeyEntry.NO_EXPIRY : expiryOf(row);
    boolean wasDue = row != null && !isVisible(row);
    if (row == null) {
      entry.setSize(entry.size() + 1);
    } else if (wasDue) {
      keyspace.countExpiredFields(1);
    }
    long expiry = keepsExpiry && !wasDue ? storedExpiry : newExpiry;
    if (field.length > MAX_LISTPACK_BYTES
        || value.length > MAX_LISTPACK_BYTES
        || entry.size() > MAX_LISTPACK_ENTRIES) {
      entry.setLarge(true);
    }
    keyspace.touch(entry);
    replaceExpiry(rawKey, storedExpiry, expiry);
    keyspace.putElement(entry, rawKey, encode(rawKey, field, value, expiry));
    return row == null || wasDue;
  }

  private void replaceExpiry(byte[] rawKey, long storedExpiry, long expiry) {
    if (storedExpiry == expiry) {
      return;
    }
    if (storedExpiry != KeyEntry.NO_EXPIRY) {
      expiries.remove(rawKey, storedExpiry);
    }
    if (expiry != KeyEntry.NO_EXPIRY) {
      expiries.add(rawKey, expiry);
    }
  }

  /** Lets a field that is there expire at a time that has not come, or never. */
  public void setExpiry(byte[] field, long expiry) {
    byte[] rawKey = rawKey(field);
    ByteBuffer row = row(rawKey, field);
    if (row == null) {
      throw new IllegalStateException("the field does not exist");
    }
    long storedExpiry = expiryOf(row);
    byte[] value = new byte[valueOf(row).remaining()];
    valueOf(row).get(value);
    keyspace.touch(entry);
    replaceExpiry(rawKey, storedExpiry, expiry);
    keyspace.putElement(entry, rawKey, encode(rawKey, field, value, expiry));
  }

  /** Removes a field, and the key with the last one; says whether it was there. */
  public boolean remove(byte[] field) {
    if (!entry.exists()) {
      return false;
    }
    byte[] rawKey = rawKey(field);
    ByteBuffer row = row(rawKey, field);
    if (row == null || !isVisible(row)) {
      return false;
    }
    long storedExpiry = expiryOf(row);
    keyspace.touch(entry);
    replaceExpiry(rawKey, storedExpiry, KeyEntry.NO_EXPIRY);
    keyspace.deleteElement(entry, rawKey);
    entry.setSize(entry.size() - 1);
    if (entry.size() == 0) {
      keyspace.removeEmptied(entry);
    }
    return true;
  }

  public void forEach(Visitor visitor) {
    if (entry.exists()) {
      keyspace.willVisit(entry.size());
      scan().all(each(visitor));
    }
  }

  /** A page of HSCAN: visits at least {@code count} fields and returns the next cursor or 0. */
  public long page(long cursor, long count, Visitor visitor) {
    if (!entry.exists()) {
      return 0;
    }
    keyspace.willVisit(Math.min(count, entry.size()));
    return scan().page(cursor, count, each(visitor));
  }

  /** Visits {@code count} different fields drawn at random. Invariant: count <= size. */
  public void randomDistinct(long count, Visitor visitor) {
    scan().randomDistinct(count, size(), each(visitor));
  }

  /** Visits {@code count} fields, each drawn at random from all. */
  public void randomRepeated(long count, Visitor visitor) {
    scan().randomRepeated(count, size(), each(visitor));
  }

  /** The name that Redis would give to the way it stores this hash. */
  public String encoding() {
    if (entry.isLarge()) {
      return "hashtable";
    }
    return entry.mayElementsExpire() ? "listpackex" : "listpack";
  }

  private static MemberScan.Visitor each(Visitor visitor) {
    return (rawKey, row) -> visitor.field(fieldOf(rawKey, row), valueOf(row));
  }

  private MemberScan scan() {
    boolean mayExpire = entry.expiringElements() > 0;
    return new MemberScan(
        keyspace,
        entry.objectId(),
        KeyLayout.HASH_FIELD,
        mayExpire ? this::isVisible : MemberScan.EVERY);
  }

  /** Whether a field is there at the stamp. */
  private boolean isVisible(ByteBuffer row) {
    long expiry = expiryOf(row);
    if (expiry == KeyEntry.NO_EXPIRY) {
      return true;
    }
    if (expiry <= keyspace.context().stampMillis()) {
      return false;
    }
    keyspace.dependOn(expiry);
    return true;
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

  private static byte[] encode(byte[] rawKey, byte[] field, byte[] value, long expiry) {
    boolean hasExpiry = expiry != KeyEntry.NO_EXPIRY;
    boolean isHashed = isHashed(rawKey.length);
    int valueOffset = 1 + (hasExpiry ? 8 : 0) + (isHashed ? 4 + field.length : 0);
    byte[] row = new byte[valueOffset + value.length];
    row[0] = (byte) (FORMAT | (hasExpiry ? HAS_EXPIRY : 0) | (isHashed ? HAS_FULL_FIELD : 0));
    if (hasExpiry) {
      KeyLayout.putLong(row, 1, expiry);
    }
    if (isHashed) {
      int lengthOffset = hasExpiry ? 9 : 1;
      KeyLayout.putInt(row, lengthOffset, field.length);
      System.arraycopy(field, 0, row, lengthOffset + 4, field.length);
    }
    System.arraycopy(value, 0, row, valueOffset, value.length);
    return row;
  }

  /** The expiry in a field's row. */
  static long expiryOf(ByteBuffer row) {
    int position = row.position();
    boolean hasExpiry = (row.get(position) & HAS_EXPIRY) != 0;
    return hasExpiry ? row.getLong(position + 1) : KeyEntry.NO_EXPIRY;
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

  static int lengthOfValue(ByteBuffer row) {
    return valueOf(row).remaining();
  }

  /** The value in a field's row, for the field's history. */
  static byte[] copyOfValue(ByteBuffer row) {
    ByteBuffer value = valueOf(row);
    byte[] copy = new byte[value.remaining()];
    value.get(value.position(), copy);
    return copy;
  }

  private static boolean isHashed(int rawLength) {
    return KeyLayout.isHashed(rawLength, KeyLayout.MEMBER_HEAD);
  }
}
