package heartwood.server.keyspace;

import heartwood.storage.RowKinds;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The raw keys of all rows. Stateless but for the secret of the hash; confined to the thread of its
 * keyspace.
 *
 * <p>All numbers are unsigned and big endian. The first byte says which table a row is in; rows of
 * tables from 40 on have no past; 00 and 80 to FF are left to the store.
 *
 * <pre>
 *   META       01 │ kind 1 │ …
 *              01 │ 01                                         the cluster: secret, databases
 *              01 │ 02 │ database 4                            → namespace
 *              01 │ 03 │ namespace 4                           → counts of keys
 *              01 │ 05                                         → next namespace
 *              01 │ 06 │ name … │ 00                           → a pinned moment, see Pins
 *              01 │ 07                                         → see HistorySettings
 *              01 │ 08                                         → see Exclusions
 *              01 │ 40…                                        left to others than the keyspace
 *   DIRECTORY  02 │ namespace 4 │ slot 2 │ hash 8 │ key …      → a directory row, see KeyEntry
 *   ELEMENT    03 │ object id 8 │ kind 1 │ …                   → a part of a value
 *              … │ 01 │ chunk 4                                string: a chunk
 *              … │ 02 │ hash 8 │ field …                       hash: a field
 *              … │ 03 │ expiry 8 │ hash 8 │ field …            hash: a field's expiry → format 1
 *              … │ 04 │ position 8                             list: an element (reserved)
 *              … │ 05 │ hash 8 │ member …                      set: a member (reserved)
 *              … │ 06 │ hash 8 │ member …                      sorted set: a score (reserved)
 *              … │ 07 │ score 8 │ member …                     sorted set: the order (reserved)
 *              … │ 08 │ ms 8 │ sequence 8                      stream: an entry (reserved)
 *   EXPIRY     04 │ namespace 4 │ expiry 8 │ slot 2 │ hash 8 │ key …     → format 1, or 1 │ 1
 *   FIELDS     06 │ namespace 4 │ expiry 8 │ slot 2 │ hash 8 │ key …     → format 1
 *   DEAD       41 │ revision 8 │ kind 1 │ id 8                 → format 1; kind 1 object, 2 namespace
 *                                                              kind 3: format 1 │ FLOOR without 43
 *   COUNTER    42 │ 01                                         → next object id
 *              42 │ 02                                         → how many floors there are
 *   FLOOR      43 │ directory key …, or 03 │ object id 8       → what is left, see Floor
 * </pre>
 *
 * <p>EXPIRY lists a key under the time at which it is gone, which is its own expiry or (1 │ 1, if
 * it has none) that of its last field; FIELDS lists a hash under the first expiry of its fields.
 *
 * <p>Where a row ends in bytes of the client's ("key …"), they are escaped and ended so that no raw
 * key is the beginning of another and the order of the bytes is kept:
 *
 * <pre>
 *   whole    the bytes, each 00 as 00 FF │ 00 00
 *   hashed   the first 400 escaped bytes │ 00 01 │ first 16 bytes of SHA-256 of all
 * </pre>
 *
 * The byte behind the last 00 is the kind. Bytes of at most 400 when escaped are whole. A hashed
 * one (whose cut never parts 00 from FF) sorts right but among those that share its 400 bytes; the
 * row's value then holds the full bytes, and they are compared on every hit. A raw key has at most
 * 445 bytes (a floor's), so that a store that adds some of its own stays within LMDB's 511.
 */
final class KeyLayout {
  static final byte META = 1;
  static final byte DIRECTORY = 2;
  static final byte ELEMENT = 3;
  static final byte EXPIRY = 4;
  static final byte FIELDS = 6;
  static final byte DEAD = 0x41;
  static final byte COUNTER = 0x42;
  static final byte FLOOR = 0x43;

  private static final byte FIRST_WITHOUT_PAST = 0x40;

  static final byte META_CLUSTER = 1;
  static final byte META_DATABASE = 2;
  static final byte META_COUNTS = 3;
  static final byte META_NEXT_NAMESPACE = 5;
  static final byte META_PIN = 6;
  static final byte META_HISTORY_SETTINGS = 7;
  static final byte META_EXCLUSIONS = 8;

  static final byte COUNTER_NEXT_OBJECT = 1;
  static final byte COUNTER_FLOORS = 2;

  static final byte STRING_CHUNK = 1;
  static final byte HASH_FIELD = 2;
  static final byte HASH_FIELD_EXPIRY = 3;

  static final byte DEAD_OBJECT = 1;
  static final byte DEAD_NAMESPACE = 2;
  static final byte DEAD_FLOOR = 3;

  /** Bytes before the key in a directory row, and before the member in a hashed element. */
  static final int DIRECTORY_HEAD = 15;

  static final int EXPIRY_HEAD = 23;
  static final int ELEMENT_HEAD = 10;
  static final int MEMBER_HEAD = 18;

  /** The longest escaped bytes that stand in a raw key whole. */
  static final int MAX_WHOLE_BYTES = 400;

  private static final byte WHOLE = 0;
  private static final byte HASHED = 1;
  private static final int END_BYTES = 2;
  private static final int DIGEST_BYTES = 16;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  /** What the store must know of all these rows: DIFF and HISTORY live on the listed ones. */
  static final RowKinds KINDS =
      new RowKinds() {
        @Override
        public boolean hasPast(byte[] key) {
          return key[0] < FIRST_WITHOUT_PAST;
        }

        @Override
        public boolean isListed(byte[] key) {
          return key[0] == DIRECTORY || (key[0] == META && key[1] == META_DATABASE);
        }

        @Override
        public byte floors() {
          return FLOOR;
        }

        @Override
        public long urgentFloorOf(ByteBuffer value) {
          return Floor.of(value).purgedRevision();
        }

        @Override
        public long floorOf(ByteBuffer value) {
          return Floor.of(value).revision();
        }
      };

  private final SipHash sipHash;

  KeyLayout(byte[] secret) {
    this.sipHash = new SipHash(secret);
  }

  byte[] directoryKey(int namespace, byte[] key) {
    byte[] raw = new byte[DIRECTORY_HEAD + tailLength(key)];
    putDirectoryHead(raw, namespace, Slots.slotOf(key), sipHash.hash(key));
    putTail(raw, DIRECTORY_HEAD, key);
    return raw;
  }

  /** Where the keys of a slot from a hash on begin; without a key, for scans. */
  static byte[] directoryPosition(int namespace, int slot, long hash) {
    byte[] raw = new byte[DIRECTORY_HEAD];
    putDirectoryHead(raw, namespace, slot, hash);
    return raw;
  }

  private static void putDirectoryHead(byte[] raw, int namespace, int slot, long hash) {
    raw[0] = DIRECTORY;
    putInt(raw, 1, namespace);
    raw[5] = (byte) (slot >>> 8);
    raw[6] = (byte) slot;
    putLong(raw, 7, hash);
  }

  /** The row that lists a key under a time, in EXPIRY or FIELDS. */
  static byte[] expiryKey(byte table, byte[] directoryKey, long expiry) {
    byte[] raw = new byte[directoryKey.length + 8];
    raw[0] = table;
    System.arraycopy(directoryKey, 1, raw, 1, 4);
    putLong(raw, 5, expiry);
    System.arraycopy(directoryKey, 5, raw, 13, directoryKey.length - 5);
    return raw;
  }

  /** The directory row that a row of EXPIRY or FIELDS speaks of. */
  static byte[] directoryKeyOf(ByteBuffer expiryKey) {
    byte[] raw = new byte[expiryKey.remaining() - 8];
    int start = expiryKey.position();
    raw[0] = DIRECTORY;
    expiryKey.get(start + 1, raw, 1, 4);
    expiryKey.get(start + 13, raw, 5, raw.length - 5);
    return raw;
  }

  /** Where the times of a namespace from one on begin, in EXPIRY or FIELDS. */
  static byte[] expiryPosition(byte table, int namespace, long expiry) {
    byte[] raw = new byte[13];
    raw[0] = table;
    putInt(raw, 1, namespace);
    putLong(raw, 5, expiry);
    return raw;
  }

  static byte[] namespacePosition(byte table, int namespace) {
    byte[] raw = new byte[5];
    raw[0] = table;
    putInt(raw, 1, namespace);
    return raw;
  }

  static byte[] objectPosition(long objectId) {
    byte[] raw = new byte[9];
    raw[0] = ELEMENT;
    putLong(raw, 1, objectId);
    return raw;
  }

  static byte[] chunkKey(long objectId, int chunk) {
    byte[] raw = new byte[ELEMENT_HEAD + 4];
    putElementHead(raw, objectId, STRING_CHUNK);
    putInt(raw, ELEMENT_HEAD, chunk);
    return raw;
  }

  /** An element that is found by its bytes: the field of a hash, the member of a set. */
  byte[] memberKey(long objectId, byte kind, byte[] member) {
    byte[] raw = new byte[MEMBER_HEAD + tailLength(member)];
    putElementHead(raw, objectId, kind);
    putLong(raw, ELEMENT_HEAD, sipHash.hash(member));
    putTail(raw, MEMBER_HEAD, member);
    return raw;
  }

  /** Where the members from a hash on begin. */
  static byte[] memberPosition(long objectId, byte kind, long hash) {
    byte[] raw = new byte[MEMBER_HEAD];
    putElementHead(raw, objectId, kind);
    putLong(raw, ELEMENT_HEAD, hash);
    return raw;
  }

  /** Where the elements of a kind begin; {@link #after} of it is where they end. */
  static byte[] elementPosition(long objectId, byte kind) {
    byte[] raw = new byte[ELEMENT_HEAD];
    putElementHead(raw, objectId, kind);
    return raw;
  }

  /** The row that lists the field of a field row under a time. */
  static byte[] fieldExpiryKey(byte[] fieldKey, long expiry) {
    byte[] raw = new byte[fieldKey.length + 8];
    System.arraycopy(fieldKey, 0, raw, 0, ELEMENT_HEAD - 1);
    raw[ELEMENT_HEAD - 1] = HASH_FIELD_EXPIRY;
    putLong(raw, ELEMENT_HEAD, expiry);
    System.arraycopy(fieldKey, ELEMENT_HEAD, raw, ELEMENT_HEAD + 8, fieldKey.length - ELEMENT_HEAD);
    return raw;
  }

  /** The field row that a row of an object's field expiries speaks of. */
  static byte[] fieldKeyOf(byte[] fieldExpiryKey) {
    byte[] raw = new byte[fieldExpiryKey.length - 8];
    System.arraycopy(fieldExpiryKey, 0, raw, 0, ELEMENT_HEAD - 1);
    raw[ELEMENT_HEAD - 1] = HASH_FIELD;
    System.arraycopy(
        fieldExpiryKey, ELEMENT_HEAD + 8, raw, ELEMENT_HEAD, raw.length - ELEMENT_HEAD);
    return raw;
  }

  /** Where an object's field expiries from a time on begin. */
  static byte[] fieldExpiryPosition(long objectId, long expiry) {
    byte[] raw = new byte[ELEMENT_HEAD + 8];
    putElementHead(raw, objectId, HASH_FIELD_EXPIRY);
    putLong(raw, ELEMENT_HEAD, expiry);
    return raw;
  }

  private static void putElementHead(byte[] raw, long objectId, byte kind) {
    raw[0] = ELEMENT;
    putLong(raw, 1, objectId);
    raw[9] = kind;
  }

  static byte[] deadKey(long revision, byte kind, long id) {
    byte[] raw = new byte[18];
    raw[0] = DEAD;
    putLong(raw, 1, revision);
    raw[9] = kind;
    putLong(raw, 10, id);
    return raw;
  }

  /** The floor of the rows that begin so: a directory key, or an object's position. */
  static byte[] floorKey(byte[] beginning) {
    byte[] raw = new byte[1 + beginning.length];
    raw[0] = FLOOR;
    System.arraycopy(beginning, 0, raw, 1, beginning.length);
    return raw;
  }

  /** The directory key that a key has in another namespace. */
  static byte[] directoryKeyIn(int namespace, byte[] directoryKey) {
    byte[] raw = directoryKey.clone();
    putInt(raw, 1, namespace);
    return raw;
  }

  static byte[] metaKey(byte kind) {
    return new byte[] {META, kind};
  }

  static byte[] counterKey(byte counter) {
    return new byte[] {COUNTER, counter};
  }

  static byte[] metaKey(byte kind, int number) {
    byte[] raw = new byte[6];
    raw[0] = META;
    raw[1] = kind;
    putInt(raw, 2, number);
    return raw;
  }

  /** The first raw key behind all that begin with {@code prefix}. */
  static byte[] after(byte[] prefix) {
    int last = prefix.length - 1;
    while (prefix[last] == (byte) 0xff) {
      last--;
    }
    byte[] raw = Arrays.copyOf(prefix, last + 1);
    raw[last]++;
    return raw;
  }

  /** Whether the client's bytes do not stand in a raw key whole. */
  static boolean isHashed(int rawLength, int head) {
    return rawLength - head > MAX_WHOLE_BYTES + END_BYTES;
  }

  /** The client's bytes at the end of a raw key that holds them whole. */
  static byte[] tail(ByteBuffer raw, int head) {
    int from = raw.position() + head;
    int to = raw.limit() - END_BYTES;
    int escapes = 0;
    for (int i = from; i < to; i++) {
      if (raw.get(i) == 0) {
        escapes++;
        i++;
      }
    }
    byte[] tail = new byte[to - from - escapes];
    if (escapes == 0) {
      raw.get(from, tail);
      return tail;
    }
    for (int i = 0; i < tail.length; i++) {
      tail[i] = raw.get(from++);
      if (tail[i] == 0) {
        from++;
      }
    }
    return tail;
  }

  private static int tailLength(byte[] tail) {
    int length = tail.length;
    if (length <= MAX_WHOLE_BYTES) {
      for (byte each : tail) {
        if (each == 0) {
          length++;
        }
      }
      if (length <= MAX_WHOLE_BYTES) {
        return length + END_BYTES;
      }
    }
    return escapedPrefix(tail, null, 0) + END_BYTES + DIGEST_BYTES;
  }

  private static void putTail(byte[] raw, int head, byte[] tail) {
    boolean hasRoomForNoEscape = raw.length == head + tail.length + END_BYTES;
    if (hasRoomForNoEscape && tail.length <= MAX_WHOLE_BYTES) {
      System.arraycopy(tail, 0, raw, head, tail.length);
      return; // the end is two zero bytes, which a new array has
    }
    int end = head + escapedPrefix(tail, raw, head);
    raw[end] = 0;
    if (!isHashed(raw.length, head)) {
      raw[end + 1] = WHOLE;
      return;
    }
    raw[end + 1] = HASHED;
    System.arraycopy(sha256(tail), 0, raw, end + END_BYTES, DIGEST_BYTES);
  }

  /** Escapes as many whole bytes as fit, into {@code raw} if there is one, and counts. */
  private static int escapedPrefix(byte[] tail, byte @Nullable [] raw, int head) {
    int length = 0;
    for (byte each : tail) {
      int width = each == 0 ? 2 : 1;
      if (length + width > MAX_WHOLE_BYTES) {
        break;
      }
      if (raw != null) {
        raw[head + length] = each;
        if (each == 0) {
          raw[head + length + 1] = (byte) 0xff;
        }
      }
      length += width;
    }
    return length;
  }

  /** 32 bits that tell a secret from others and do not tell it. */
  static long incarnation(byte[] secret) {
    return ByteBuffer.wrap(sha256(secret)).getInt(0) & 0xffffffffL;
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static void putLong(byte[] target, int offset, long value) {
    LONG.set(target, offset, value);
  }

  static void putInt(byte[] target, int offset, int value) {
    INT.set(target, offset, value);
  }
}
