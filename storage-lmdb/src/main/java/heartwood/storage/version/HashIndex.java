package heartwood.storage.version;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Key hash → row number: open addressing, insert only. A slot holds half of the hash beside the
 * row, so that a lookup of an absent key seldom looks at a row.
 *
 * <pre>
 *   slot   63 ............... 32 31 ....... 0
 *          hash, its upper half  row            0: free; the upper half also chooses the slot
 * </pre>
 *
 * <p>One writer; readers on any thread need no lock: a slot is published whole, and a table that
 * has grown is published full. A reader that still holds the old table misses only rows younger
 * than its view.
 */
final class HashIndex {
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final long UPPER_HALF = 0xffffffff00000000L;

  private long[] slots;
  private int size;

  /** Tells whether a row whose hash fits has the key. */
  interface KeyCheck {
    boolean hasKey(int row, byte[] key);
  }

  HashIndex(int expectedRows) {
    slots = new long[Integer.highestOneBit(Math.max(1024, expectedRows)) * 4];
  }

  /** The row of a key; 0 when there is none. */
  int find(byte[] key, long hash, KeyCheck check) {
    long[] table = slots;
    int mask = table.length - 1;
    for (int i = (int) (hash >>> 32) & mask; ; i = (i + 1) & mask) {
      long slot = (long) SLOT.getAcquire(table, i);
      if (slot == 0) {
        return 0;
      }
      if (((slot ^ hash) & UPPER_HALF) == 0 && check.hasKey((int) slot, key)) {
        return (int) slot;
      }
    }
  }

  /** Adds a row whose key is not there. */
  void add(long hash, int row) {
    if (++size * 2 > slots.length) {
      long[] grown = new long[slots.length * 2];
      for (long slot : slots) {
        if (slot != 0) {
          insert(grown, slot);
        }
      }
      VarHandle.releaseFence();
      slots = grown;
    }
    insert(slots, (hash & UPPER_HALF) | row);
  }

  private static void insert(long[] table, long slot) {
    int mask = table.length - 1;
    int i = (int) (slot >>> 32) & mask;
    while (table[i] != 0) {
      i = (i + 1) & mask;
    }
    SLOT.setRelease(table, i, slot);
  }

  /** Forgets all rows. Nobody may read any more. */
  void clear() {
    Arrays.fill(slots, 0);
    size = 0;
  }

  long bytes() {
    return 8L * slots.length;
  }
}
