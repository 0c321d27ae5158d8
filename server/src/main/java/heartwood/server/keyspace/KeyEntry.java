package heartwood.server.keyspace;

import heartwood.storage.Row;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One key: what its directory row says, and what a command wants it to say. {@link Keyspace#save}
 * makes the second true. Confined to the thread of its keyspace, valid within one command.
 *
 * <p>A directory row, all numbers big endian; what the flags do not name is left out:
 *
 * <pre>
 *   offset  bytes
 *   0       1      format 1 (high four bits) │ type (low four bits)
 *   1       1      flags: 01 expiry, 02 object, 04 full key, 08 large encoding,
 *                         10 elements may expire, 20 moved
 *   2       8      expiry: milliseconds since 1970
 *           8      object id
 *           8      size: bytes of a string, elements of any other type, the due ones included
 *           8      elements that expire, the due ones included
 *           8      the first of their expiries, or 0
 *           8      the last of their expiries, or 0
 *           4      length of the full key
 *           n      the full key, when the raw key holds but its hash
 *           rest   payload: a string without an object; else the type's own details
 * </pre>
 *
 * <p>"Large encoding" only serves OBJECT ENCODING: it says that Redis would have left the compact
 * form for good (raw instead of embstr, hashtable instead of listpack). "Elements may expire" stays
 * too once it was said, for the same reason (listpackex).
 *
 * <p>"Moved": the object came by RENAME to a name that is not remembered, from one that is.
 *
 * <p>A key whose elements all expire is gone with the last of them, as if that were its own expiry:
 * {@link #goneAt}. So a directory row alone tells whether the key exists at a stamp.
 */
public final class KeyEntry {
  /** The expiry of a key that never expires. */
  public static final long NO_EXPIRY = 0;

  static final long NO_OBJECT = 0;

  private static final int FORMAT = 1 << 4;
  private static final int HAS_EXPIRY = 0x01;
  private static final int HAS_OBJECT = 0x02;
  private static final int HAS_FULL_KEY = 0x04;
  private static final int IS_LARGE = 0x08;
  private static final int MAY_ELEMENTS_EXPIRE = 0x10;
  private static final int IS_MOVED = 0x20;
  private static final int ELEMENT_EXPIRIES_BYTES = 24;
  private static final byte[] EMPTY = {};

  final byte[] key;
  final byte[] rawKey;
  final NamespaceCounts counts;

  /** The row as it stands in the store, expired or not; {@link Keyspace#save} keeps it true. */
  boolean isStored;

  long storedExpiry = NO_EXPIRY;
  long storedGoneAt = NO_EXPIRY;
  long storedFirstElementExpiry = NO_EXPIRY;
  long storedExpiringElements;
  long storedObjectId = NO_OBJECT;
  boolean storedIsMoved;
  long storedVersion;

  private @Nullable Exclusion exclusion;
  private @Nullable Exclusions searchedExclusions;
  private long version;

  /** Invariant: null exactly when the key does not exist at the stamp. */
  private @Nullable KeyType type;

  private long expiry = NO_EXPIRY;
  private long objectId = NO_OBJECT;
  private long size;
  private boolean isLarge;

  private boolean mayElementsExpire;
  private boolean isMoved;

  /** Invariant: 0 exactly when there is no first and no last expiry; never more than the size. */
  private long expiringElements;

  private long firstElementExpiry = NO_EXPIRY;
  private long lastElementExpiry = NO_EXPIRY;

  /** The payload; a slice of the store's row until {@link #setPayload}. */
  private byte @Nullable [] payload;

  private int payloadOffset;
  private int payloadLength;
  private @Nullable ByteBuffer row;

  KeyEntry(byte[] key, byte[] rawKey, NamespaceCounts counts) {
    this.key = key;
    this.rawKey = rawKey;
    this.counts = counts;
  }

  /** Takes what the store has; a row that expired by the stamp is remembered but not shown. */
  void load(Row stored, long stampMillis) {
    ByteBuffer value = stored.value();
    int position = value.position();
    int head = value.get(position);
    if ((head & 0xf0) != FORMAT) {
      throw new IllegalStateException("format of a directory row: " + (head >> 4 & 0xf));
    }
    int flags = value.get(position + 1);
    position += 2;
    isStored = true;
    storedVersion = stored.born();
    storedIsMoved = (flags & IS_MOVED) != 0;
    if ((flags & HAS_EXPIRY) != 0) {
      storedExpiry = value.getLong(position);
      position += 8;
    }
    if ((flags & HAS_OBJECT) != 0) {
      storedObjectId = value.getLong(position);
      size = value.getLong(position + 8);
      position += 16;
    }
    if ((flags & MAY_ELEMENTS_EXPIRE) != 0) {
      mayElementsExpire = true;
      expiringElements = value.getLong(position);
      firstElementExpiry = value.getLong(position + 8);
      lastElementExpiry = value.getLong(position + 16);
      position += ELEMENT_EXPIRIES_BYTES;
    }
    storedExpiringElements = expiringElements;
    storedFirstElementExpiry = firstElementExpiry;
    storedGoneAt = goneAt(storedExpiry, size, expiringElements, lastElementExpiry);
    if ((flags & HAS_FULL_KEY) != 0) {
      int length = value.getInt(position);
      if (!sameBytes(value, position + 4, length, key)) {
        throw new IllegalStateException("two keys with the same SHA-256 prefix");
      }
      position += 4 + length;
    }
    if (storedGoneAt != NO_EXPIRY && storedGoneAt <= stampMillis) {
      size = 0;
      setElementsLasting();
      return;
    }
    version = stored.born();
    type = KeyType.of(head & 0xf);
    expiry = storedExpiry;
    objectId = storedObjectId;
    isLarge = (flags & IS_LARGE) != 0;
    isMoved = storedIsMoved;
    row = value;
    payloadOffset = position;
    payloadLength = value.limit() - position;
    if (objectId == NO_OBJECT) {
      size = payloadLength;
    }
  }

  /** The row that would make this entry true. */
  byte[] encode() {
    KeyType presentType = requireType();
    boolean isHashed = KeyLayout.isHashed(rawKey.length, KeyLayout.DIRECTORY_HEAD);
    int flags = 0;
    int length = 2 + payloadLength;
    if (expiry != NO_EXPIRY) {
      flags |= HAS_EXPIRY;
      length += 8;
    }
    if (objectId != NO_OBJECT) {
      flags |= HAS_OBJECT;
      length += 16;
    }
    if (mayElementsExpire) {
      flags |= MAY_ELEMENTS_EXPIRE;
      length += ELEMENT_EXPIRIES_BYTES;
    }
    if (isHashed) {
      flags |= HAS_FULL_KEY;
      length += 4 + key.length;
    }
    if (isLarge) {
      flags |= IS_LARGE;
    }
    if (isMoved) {
      flags |= IS_MOVED;
    }
    byte[] value = new byte[length];
    value[0] = (byte) (FORMAT | presentType.code());
    value[1] = (byte) flags;
    int position = 2;
    if (expiry != NO_EXPIRY) {
      KeyLayout.putLong(value, position, expiry);
      position += 8;
    }
    if (objectId != NO_OBJECT) {
      KeyLayout.putLong(value, position, objectId);
      KeyLayout.putLong(value, position + 8, size);
      position += 16;
    }
    if (mayElementsExpire) {
      KeyLayout.putLong(value, position, expiringElements);
      KeyLayout.putLong(value, position + 8, firstElementExpiry);
      KeyLayout.putLong(value, position + 16, lastElementExpiry);
      position += ELEMENT_EXPIRIES_BYTES;
    }
    if (isHashed) {
      KeyLayout.putInt(value, position, key.length);
      System.arraycopy(key, 0, value, position + 4, key.length);
      position += 4 + key.length;
    }
    if (payload != null) {
      System.arraycopy(payload, payloadOffset, value, position, payloadLength);
    } else if (row != null) {
      row.get(payloadOffset, value, position, payloadLength);
    }
    return value;
  }

  /** Whether the key exists at the command's stamp. */
  public boolean exists() {
    return type != null;
  }

  /** The revision that wrote the key last, as it was found; 0 if it did not exist. For WATCH. */
  public long version() {
    return version;
  }

  public @Nullable KeyType type() {
    return type;
  }

  KeyType requireType() {
    KeyType presentType = type;
    if (presentType == null) {
      throw new IllegalStateException("the key does not exist");
    }
    return presentType;
  }

  /** Bytes of a string, elements of any other type. */
  public long size() {
    return size;
  }

  /** Milliseconds since 1970, or {@link #NO_EXPIRY}. */
  public long expiry() {
    return expiry;
  }

  /** Takes effect with the next save; a time that has come then deletes the key. */
  public void setExpiry(long millis) {
    expiry = millis;
  }

  /**
   * When the key ceases to exist if nobody writes to it: at its expiry, or with the last of its
   * elements if they all expire; or {@link #NO_EXPIRY}.
   */
  long goneAt() {
    return goneAt(expiry, size, expiringElements, lastElementExpiry);
  }

  private static long goneAt(long expiry, long size, long expiringElements, long last) {
    if (expiringElements == 0 || expiringElements < size) {
      return expiry;
    }
    return expiry == NO_EXPIRY ? last : Math.min(expiry, last);
  }

  /** Whether the indexes of times do not say what this entry says. */
  boolean haveTimesChanged() {
    return storedExpiry != expiry
        || storedGoneAt != goneAt()
        || storedFirstElementExpiry != firstElementExpiry;
  }

  /** The indexes of times say what this entry says. */
  void keepTimes() {
    storedExpiry = expiry;
    storedGoneAt = goneAt();
    storedFirstElementExpiry = firstElementExpiry;
    storedExpiringElements = expiringElements;
  }

  /** Whether some element expires, or did before it was written last. */
  boolean mayElementsExpire() {
    return mayElementsExpire;
  }

  /** How many elements expire, the due ones included. */
  long expiringElements() {
    return expiringElements;
  }

  /** The earliest expiry of an element, due or not; or {@link #NO_EXPIRY}. */
  long firstElementExpiry() {
    return firstElementExpiry;
  }

  /** The latest expiry of an element, due or not; or {@link #NO_EXPIRY}. */
  long lastElementExpiry() {
    return lastElementExpiry;
  }

  void setElementExpiries(long count, long first, long last) {
    mayElementsExpire = true;
    expiringElements = count;
    firstElementExpiry = first;
    lastElementExpiry = last;
  }

  private void setElementsLasting() {
    setElementExpiries(0, NO_EXPIRY, NO_EXPIRY);
    mayElementsExpire = false;
  }

  /** Whether Redis would have left the compact encoding. */
  public boolean isLarge() {
    return isLarge;
  }

  void setLarge(boolean large) {
    isLarge = large;
  }

  boolean hasObject() {
    return objectId != NO_OBJECT;
  }

  long objectId() {
    return objectId;
  }

  void setSize(long newSize) {
    size = newSize;
  }

  /** Makes this a new value whose elements stand under an object id. */
  void setObject(KeyType newType, long newObjectId) {
    type = newType;
    setObjectId(newObjectId);
    size = 0;
    isLarge = false;
    setElementsLasting();
    setPayload(EMPTY, 0, 0);
  }

  /** Makes this a value that stands in the directory row. */
  void setInline(KeyType newType, byte[] bytes, int offset, int length) {
    type = newType;
    setObjectId(NO_OBJECT);
    size = length;
    isLarge = false;
    setElementsLasting();
    setPayload(bytes, offset, length);
  }

  /** The type's own details; the array is read when the entry is saved. */
  void setPayload(byte[] bytes, int offset, int length) {
    payload = bytes;
    payloadOffset = offset;
    payloadLength = length;
    row = null;
  }

  /** Stops reading from the store's buffer, which the next write makes invalid. */
  void detach() {
    if (row != null) {
      byte[] copy = new byte[payloadLength];
      row.get(payloadOffset, copy);
      setPayload(copy, 0, copy.length);
    }
  }

  /** Reads the payload from now on in the row that was written. */
  void keepPayloadOf(byte[] written) {
    setPayload(written, written.length - payloadLength, payloadLength);
  }

  /** Moves the value to other elements. */
  void setObjectId(long newObjectId) {
    objectId = newObjectId;
    isMoved = false;
  }

  /** Whether elements may be remembered under another name, as of this one. */
  boolean isMoved() {
    return isMoved;
  }

  /** Says so of an object that comes to a name that is not remembered. */
  void setMoved() {
    isMoved = hasObject();
  }

  /** By which the key is not remembered now, or null. */
  @Nullable Exclusion exclusion(Exclusions exclusions) {
    if (searchedExclusions != exclusions) {
      exclusion = exclusions.activeOf(key);
      searchedExclusions = exclusions;
    }
    return exclusion;
  }

  int payloadLength() {
    return payloadLength;
  }

  byte payloadByte(int position) {
    return payload != null
        ? payload[payloadOffset + position]
        : requireRow().get(payloadOffset + position);
  }

  /** A view of the payload, valid until the next write. */
  ByteBuffer payload() {
    return payload != null
        ? ByteBuffer.wrap(payload, payloadOffset, payloadLength)
        : requireRow().slice(payloadOffset, payloadLength);
  }

  void copyPayload(int from, byte[] target, int offset, int length) {
    if (length == 0) {
      return; // what does not exist has no payload
    }
    if (payload != null) {
      System.arraycopy(payload, payloadOffset + from, target, offset, length);
    } else {
      requireRow().get(payloadOffset + from, target, offset, length);
    }
  }

  private ByteBuffer requireRow() {
    ByteBuffer present = row;
    if (present == null) {
      throw new IllegalStateException("the key does not exist");
    }
    return present;
  }

  /** Takes the other key's value and expiry: the elements stay where they are. */
  void takeValueOf(KeyEntry other) {
    other.detach();
    type = other.type;
    expiry = other.expiry;
    objectId = other.objectId;
    size = other.size;
    isLarge = other.isLarge;
    mayElementsExpire = other.mayElementsExpire;
    expiringElements = other.expiringElements;
    firstElementExpiry = other.firstElementExpiry;
    lastElementExpiry = other.lastElementExpiry;
    isMoved = other.isMoved;
    payload = other.payload;
    payloadOffset = other.payloadOffset;
    payloadLength = other.payloadLength;
    row = null;
  }

  /** Says that the key shall not exist. */
  void setAbsent() {
    type = null;
    expiry = NO_EXPIRY;
    setObjectId(NO_OBJECT);
    size = 0;
    isLarge = false;
    setElementsLasting();
    setPayload(EMPTY, 0, 0);
  }

  /** The key of a directory row met in a scan. */
  static byte[] keyOf(ByteBuffer rawKey, ByteBuffer value) {
    if (!KeyLayout.isHashed(rawKey.remaining(), KeyLayout.DIRECTORY_HEAD)) {
      return KeyLayout.tail(rawKey, KeyLayout.DIRECTORY_HEAD);
    }
    int position = value.position();
    int flags = value.get(position + 1);
    position += 2 + ((flags & HAS_EXPIRY) != 0 ? 8 : 0) + ((flags & HAS_OBJECT) != 0 ? 16 : 0);
    position += (flags & MAY_ELEMENTS_EXPIRE) != 0 ? ELEMENT_EXPIRIES_BYTES : 0;
    byte[] key = new byte[value.getInt(position)];
    value.get(position + 4, key);
    return key;
  }

  static KeyType typeOf(ByteBuffer value) {
    return KeyType.of(value.get(value.position()) & 0xf);
  }

  /** {@link #goneAt} of a directory row met in a scan. */
  static long goneAtOf(ByteBuffer value) {
    int position = value.position() + 2;
    int flags = value.get(position - 1);
    long expiry = NO_EXPIRY;
    if ((flags & HAS_EXPIRY) != 0) {
      expiry = value.getLong(position);
      position += 8;
    }
    if ((flags & MAY_ELEMENTS_EXPIRE) == 0) {
      return expiry;
    }
    return goneAt(
        expiry,
        value.getLong(position + 8),
        value.getLong(position + 16),
        value.getLong(position + 32));
  }

  static long objectIdOf(ByteBuffer value) {
    int position = value.position();
    int flags = value.get(position + 1);
    if ((flags & HAS_OBJECT) == 0) {
      return NO_OBJECT;
    }
    return value.getLong(position + 2 + ((flags & HAS_EXPIRY) != 0 ? 8 : 0));
  }

  private static boolean sameBytes(ByteBuffer value, int position, int length, byte[] bytes) {
    if (length != bytes.length) {
      return false;
    }
    byte[] stored = new byte[length];
    value.get(position, stored);
    return Arrays.equals(stored, bytes);
  }
}
