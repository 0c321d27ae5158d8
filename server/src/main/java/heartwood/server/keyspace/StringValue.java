package heartwood.server.keyspace;

import heartwood.storage.Cursor;
import heartwood.storage.Row;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A string: up to 1024 bytes in the directory row, more in chunks under an object id, so that a
 * change of a long one costs one chunk. Confined to the thread of its keyspace, valid within one
 * command.
 *
 * <pre>
 *   chunk row   03 │ object id 8 │ 01 │ chunk number 4   →   format 1 (1 byte) │ up to 4032 bytes
 * </pre>
 *
 * <p>Chunk n holds the bytes from 4032 n on. What a chunk does not hold, or a missing chunk, is
 * zero bytes up to the size in the directory row: a SETRANGE far behind the end writes one chunk.
 * 4032 leaves 63 bytes of a page of 4096 to the store. A string that has grown into chunks stays in
 * chunks until it is set anew.
 */
public final class StringValue {
  /** Redis' proto-max-bulk-len: no string is longer. */
  public static final long MAX_BYTES = 512L << 20;

  static final int MAX_INLINE_BYTES = 1024;
  static final int CHUNK_BYTES = 4032;

  /** Up to here Redis says embstr, from there on raw. */
  private static final int MAX_EMBSTR_BYTES = 44;

  private static final int MAX_LONG_DIGITS = 20;
  private static final byte FORMAT = 1;

  private final Keyspace keyspace;
  private final KeyEntry entry;

  StringValue(Keyspace keyspace, KeyEntry entry) {
    this.keyspace = keyspace;
    this.entry = entry;
  }

  public boolean exists() {
    return entry.exists();
  }

  /** The key that holds the string. */
  public KeyEntry entry() {
    return entry;
  }

  public long length() {
    return entry.size();
  }

  /** The whole string; a view that is valid until the next write. */
  public ByteBuffer bytes() {
    if (!entry.exists()) {
      return ByteBuffer.allocate(0);
    }
    return entry.hasObject()
        ? ByteBuffer.wrap(range(0, Math.toIntExact(entry.size())))
        : entry.payload();
  }

  /** A copy of the whole string. */
  public byte[] copy() {
    return range(0, Math.toIntExact(entry.size()));
  }

  /** Says that so many bytes will be read, piece by piece. */
  public void willRead(long byteCount) {
    keyspace.willVisit(byteCount / CHUNK_BYTES);
  }

  /** A copy of a part that lies within the string. */
  public byte[] range(long from, int length) {
    willRead(length);
    byte[] target = new byte[length];
    if (!entry.hasObject()) {
      entry.copyPayload((int) from, target, 0, length);
      return target;
    }
    byte[] start = KeyLayout.chunkKey(entry.objectId(), (int) (from / CHUNK_BYTES));
    byte[] end =
        KeyLayout.chunkKey(
            entry.objectId(), (int) ((from + length + CHUNK_BYTES - 1) / CHUNK_BYTES));
    try (Cursor cursor = keyspace.reads().scan(start, end)) {
      while (cursor.next()) {
        ByteBuffer rawKey = cursor.key();
        ByteBuffer chunk = cursor.value();
        long chunkFrom =
            (long) CHUNK_BYTES * rawKey.getInt(rawKey.position() + KeyLayout.ELEMENT_HEAD);
        long copyFrom = Math.max(from, chunkFrom);
        long copyTo = Math.min(from + length, chunkFrom + chunk.remaining() - 1);
        if (copyFrom < copyTo) {
          chunk.get(
              (int) (chunk.position() + 1 + copyFrom - chunkFrom),
              target,
              (int) (copyFrom - from),
              (int) (copyTo - copyFrom));
        }
      }
    }
    return target;
  }

  /** The byte at a position, 0 behind the end. */
  public byte byteAt(long position) {
    if (position >= entry.size()) {
      return 0;
    }
    return entry.hasObject() ? range(position, 1)[0] : entry.payloadByte((int) position);
  }

  /** Replaces what is there, whatever its type; the expiry stays as the entry says. */
  public void set(byte[] bytes) {
    set(bytes, 0, bytes.length);
  }

  public void set(byte[] array, int offset, int length) {
    if (length <= MAX_INLINE_BYTES) {
      entry.setInline(KeyType.STRING, array, offset, length);
    } else {
      entry.setObject(KeyType.STRING, keyspace.newObjectId());
      writeChunks(0, array, offset, length);
      entry.setSize(length);
    }
    keyspace.save(entry);
  }

  /** Appends to what is there; the caller has checked the length. */
  public void append(byte[] array, int offset, int length) {
    overwrite(entry.size(), array, offset, length);
  }

  /**
   * Writes over the bytes from a position on, with zero bytes before it if it is behind the end.
   */
  public void overwrite(long position, byte[] array, int offset, int length) {
    int oldSize = (int) entry.size();
    long newSize = Math.max(oldSize, position + length);
    if (entry.hasObject()) {
      writeChunks(position, array, offset, length);
    } else {
      byte[] inline = new byte[oldSize];
      if (entry.exists()) {
        entry.copyPayload(0, inline, 0, oldSize);
      }
      if (newSize <= MAX_INLINE_BYTES) {
        byte[] changed = Arrays.copyOf(inline, (int) newSize);
        System.arraycopy(array, offset, changed, (int) position, length);
        entry.setInline(KeyType.STRING, changed, 0, changed.length);
        entry.setLarge(true);
        keyspace.save(entry);
        return;
      }
      entry.setObject(KeyType.STRING, keyspace.newObjectId());
      entry.setSize(oldSize);
      writeChunks(0, inline, 0, oldSize);
      writeChunks(position, array, offset, length);
    }
    entry.setSize(newSize);
    entry.setLarge(true);
    keyspace.touch(entry);
  }

  private void writeChunks(long position, byte[] array, int offset, int length) {
    int done = 0;
    while (done < length) {
      int chunk = (int) ((position + done) / CHUNK_BYTES);
      int from = (int) ((position + done) % CHUNK_BYTES);
      int count = Math.min(length - done, CHUNK_BYTES - from);
      byte[] rawKey = KeyLayout.chunkKey(entry.objectId(), chunk);
      byte[] row = count == CHUNK_BYTES ? new byte[1 + count] : grownChunk(rawKey, from + count);
      row[0] = FORMAT;
      System.arraycopy(array, offset + done, row, 1 + from, count);
      keyspace.putElement(entry, rawKey, row);
      done += count;
    }
  }

  /** What a chunk's row holds, with room for {@code bytes} bytes at least. */
  private byte[] grownChunk(byte[] rawKey, int bytes) {
    Row stored = keyspace.reads().get(rawKey);
    if (stored == null) {
      return new byte[1 + bytes];
    }
    ByteBuffer value = stored.value();
    byte[] row = new byte[Math.max(1 + bytes, value.remaining())];
    value.get(value.position(), row, 0, value.remaining());
    return row;
  }

  /** The name that Redis would give to the way it stores this string. */
  public String encoding() {
    if (entry.isLarge() || entry.size() > MAX_EMBSTR_BYTES) {
      return "raw";
    }
    return isCanonicalLong() ? "int" : "embstr";
  }

  private boolean isCanonicalLong() {
    if (entry.size() == 0 || entry.size() > MAX_LONG_DIGITS) {
      return false;
    }
    String text = new String(copy(), StandardCharsets.ISO_8859_1);
    try {
      return Long.toString(Long.parseLong(text)).equals(text);
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
