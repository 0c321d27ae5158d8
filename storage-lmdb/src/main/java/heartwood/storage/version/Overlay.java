package heartwood.storage.version;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The rows written since the last checkpoint was sealed, ordered and in memory: each key with the
 * versions that it had here, the youngest first; a version may be a deletion. Until all is {@link
 * #clear cleared} nothing is removed or changed in place, so a reader that ignores versions younger
 * than its revision has a view that stands still.
 *
 * <p>One thread writes. Any thread reads, at a revision committed before it began, without a lock.
 */
final class Overlay implements HashIndex.KeyCheck, OrderedIndex.KeyOrder {
  /*
   *   HashIndex ───┐                 Slabs, big endian, aligned to 8
   *   (one key)    ▼            ┌─►  key:      length(2) bytes ...
   *              heads[row] ────┤
   *   OrderedIndex ▲            └─►  version:  prev(4) jump(4) depth(4) length(4) born(8) value ...
   *   (scans) ─────┘                            │       │                          └─ as in LMDB ─┘
   *                                             │       └─► one further down: a skip pointer
   *                                             └─► the version before, 0: none here
   *
   * A length below 0 is a deletion; -2 one that leaves nothing in the past. The skip pointers make
   * a search among n versions O(log n) without moving anything (Myers, "An applicative
   * random-access stack", 1983): the oldest version points to itself.
   *
   * A head is published with release semantics after its bytes are written. Growing the array of
   * heads leaves a reader with the old one, in which it misses only versions younger than its view.
   */
  static final int NONE = 0;

  private static final VarHandle HEAD = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** Leaves are half full to full; an index with fewer rows than one in so many is too large. */
  private static final int SPARSE = 8;

  /** Room for so many rows is never too much. */
  private static final int SMALL_ROWS = 1 << 14;

  private static final int VERSION_HEADER_BYTES = 24;
  private static final int JUMP = 4;
  private static final int DEPTH = 8;
  private static final int LENGTH = 12;
  private static final int BORN = 16;
  private static final int DELETION = -1;

  /** In the place of a length, or with it: the versions before leave nothing in the past. */
  private static final int FORGETTING = 1 << 30;

  private static final int FORGETTING_DELETION = -2;

  private final Slabs slabs = new Slabs();
  private final HashIndex hashIndex;
  private final OrderedIndex orderedIndex = new OrderedIndex(this);
  private final OverlayLog log = new OverlayLog();

  /** By row: address of the key (upper half) and of the youngest version (lower half). */
  private long[] heads;

  /** Row 0 is no row. */
  private int rowCount = 1;

  private int versionCount;

  private volatile long bytes;
  private volatile long bytesWhenEmpty;

  /** Views on other threads that are open. */
  private final AtomicInteger views = new AtomicInteger();

  /** An overlay that will probably hold so many rows. */
  Overlay(int expectedRows) {
    hashIndex = new HashIndex(expectedRows);
    heads = new long[Math.max(1024, expectedRows + expectedRows / 4)];
    countBytes();
    bytesWhenEmpty = bytes;
  }

  /** Another thread's view begins: the overlay is not cleared before it is closed. */
  void openView() {
    views.incrementAndGet();
  }

  void closeView() {
    views.decrementAndGet();
  }

  /**
   * Forgets everything and keeps the memory, which a collector would else have to move: unless
   * somebody reads, or the memory is far more than what was needed last. Of an overlay that nobody
   * can begin to read any more.
   *
   * @return whether it can be used anew
   */
  boolean clear() {
    boolean isTooLarge =
        orderedIndex.capacity() > SMALL_ROWS && rowCount < orderedIndex.capacity() / SPARSE;
    if (views.get() != 0 || isTooLarge) {
      return false;
    }
    slabs.clear();
    hashIndex.clear();
    orderedIndex.clear();
    log.clear();
    rowCount = 1;
    versionCount = 0;
    countBytes();
    bytesWhenEmpty = bytes;
    return true;
  }

  /**
   * Adds a version of a key; null deletes. Visible to readers of revision {@code born}.
   *
   * @param isFormerKept whether the version before leaves something in the past
   * @return the number of the row
   */
  int put(byte[] key, long keyHash, long born, byte @Nullable [] value, boolean isFormerKept) {
    int length =
        value != null
            ? value.length | (isFormerKept ? 0 : FORGETTING)
            : isFormerKept ? DELETION : FORGETTING_DELETION;
    int row = hashIndex.find(key, keyHash, this);
    if (row != 0) {
      long head = heads[row];
      int version = writeVersion((int) head, born, value, length);
      HEAD.setRelease(heads, row, (head & 0xffffffff00000000L) | (version & 0xffffffffL));
    } else {
      if (rowCount == heads.length) {
        heads = Arrays.copyOf(heads, rowCount * 2);
      }
      row = rowCount++;
      long keyAddress = writeKey(key);
      int version = writeVersion(NONE, born, value, length);
      HEAD.setRelease(heads, row, keyAddress << 32 | (version & 0xffffffffL));
      hashIndex.add(keyHash, row);
      orderedIndex.insert(key, row);
    }
    versionCount++;
    countBytes();
    return row;
  }

  private int writeKey(byte[] key) {
    int address = slabs.allocate(2 + key.length);
    byte[] slab = slabs.slab(address);
    int offset = Slabs.offset(address);
    slab[offset] = (byte) (key.length >>> 8);
    slab[offset + 1] = (byte) key.length;
    System.arraycopy(key, 0, slab, offset + 2, key.length);
    return address;
  }

  private int writeVersion(int previous, long born, byte @Nullable [] value, int length) {
    int valueBytes = value == null ? 0 : value.length;
    int address = slabs.allocate(VERSION_HEADER_BYTES + valueBytes);
    byte[] slab = slabs.slab(address);
    int offset = Slabs.offset(address);
    INT.set(slab, offset, previous);
    if (previous == NONE) {
      INT.set(slab, offset + JUMP, address);
      INT.set(slab, offset + DEPTH, 0);
    } else {
      int jump = word(previous, JUMP);
      int farther = word(jump, JUMP);
      int depth = word(previous, DEPTH);
      boolean isEven = depth - word(jump, DEPTH) == word(jump, DEPTH) - word(farther, DEPTH);
      INT.set(slab, offset + JUMP, isEven ? farther : previous);
      INT.set(slab, offset + DEPTH, depth + 1);
    }
    INT.set(slab, offset + LENGTH, length);
    LONG.set(slab, offset + BORN, born);
    if (value != null) {
      System.arraycopy(value, 0, slab, offset + VERSION_HEADER_BYTES, valueBytes);
    }
    return address;
  }

  private int word(int version, int at) {
    return (int) INT.get(slabs.slab(version), Slabs.offset(version) + at);
  }

  private void countBytes() {
    long indexes = hashIndex.bytes() + orderedIndex.bytes() + 8L * heads.length;
    long now = slabs.bytes() + indexes + log.bytes();
    if (now != bytes) { // A volatile write is a fence, dear in this place.
      bytes = now;
    }
  }

  /** The version of a key that is seen at a revision; {@link #NONE} when there is none here. */
  int find(byte[] key, long keyHash, long revision) {
    int row = hashIndex.find(key, keyHash, this);
    return row == 0 ? NONE : versionAt(row, revision);
  }

  int versionAt(int row, long revision) {
    int version = (int) (long) HEAD.getAcquire(heads, row);
    while (born(version) > revision) {
      int previous = previous(version);
      if (previous == NONE) {
        return NONE;
      }
      int jump = word(version, JUMP);
      version = born(jump) > revision ? jump : previous;
    }
    return version;
  }

  /** The row of a key; 0 when it has none. */
  int row(byte[] key, long keyHash) {
    return hashIndex.find(key, keyHash, this);
  }

  /** The version before, {@link #NONE} when there is none here. */
  int previous(int version) {
    return word(version, 0);
  }

  long born(int version) {
    return (long) LONG.get(slabs.slab(version), Slabs.offset(version) + BORN);
  }

  /** Whether the version before it leaves something in the past. */
  boolean isFormerKept(int version) {
    int length = word(version, LENGTH);
    return length >= 0 ? (length & FORGETTING) == 0 : length == DELETION;
  }

  boolean isDeletion(int version) {
    return length(version) < 0;
  }

  /** Read-only; the bytes stay as they are. */
  ByteBuffer value(int version) {
    return slabs.view(version, VERSION_HEADER_BYTES, length(version));
  }

  /** Born revision and value, as the row lies in the table {@code current}. */
  ByteBuffer bornAndValue(int version) {
    return slabs.view(version, BORN, 8 + length(version));
  }

  private int length(int version) {
    int length = word(version, LENGTH);
    return length >= 0 ? length & ~FORGETTING : length;
  }

  ByteBuffer key(int row) {
    int address = keyAddress(row);
    return slabs.view(address, 2, keyLength(address));
  }

  byte[] keyBytes(int row) {
    int address = keyAddress(row);
    int from = Slabs.offset(address) + 2;
    return Arrays.copyOfRange(slabs.slab(address), from, from + keyLength(address));
  }

  @Override
  public boolean hasKey(int row, byte[] key) {
    int address = keyAddress(row);
    int from = Slabs.offset(address) + 2;
    return Arrays.equals(slabs.slab(address), from, from + keyLength(address), key, 0, key.length);
  }

  @Override
  public int compare(byte[] key, int row) {
    int address = keyAddress(row);
    int from = Slabs.offset(address) + 2;
    return Arrays.compareUnsigned(
        key, 0, key.length, slabs.slab(address), from, from + keyLength(address));
  }

  private int keyAddress(int row) {
    return (int) ((long) HEAD.getAcquire(heads, row) >>> 32);
  }

  private int keyLength(int address) {
    byte[] slab = slabs.slab(address);
    int offset = Slabs.offset(address);
    return (slab[offset] & 0xff) << 8 | (slab[offset + 1] & 0xff);
  }

  /** A walk over the rows seen at a revision. */
  OverlayCursor cursor(long revision) {
    return new OverlayCursor(this, orderedIndex, revision);
  }

  /** What was written in the order of time. */
  OverlayLog log() {
    return log;
  }

  boolean isEmpty() {
    return rowCount == 1;
  }

  int rowCount() {
    return rowCount - 1;
  }

  int versionCount() {
    return versionCount;
  }

  /** Bytes of memory in use. Any thread. */
  long bytes() {
    return bytes;
  }

  /** What the rows have added to them. Any thread. */
  long filledBytes() {
    return bytes - bytesWhenEmpty;
  }

  /** How much of the room is taken that was left when it was empty: 1 at the limit. Any thread. */
  double filledShare(long limitBytes) {
    return (double) filledBytes() / Math.max(1, limitBytes - bytesWhenEmpty);
  }
}
