package heartwood.storage.version;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Row numbers in the order of their keys: a tree of two levels in arrays, insert only. Not
 * thread-safe by itself; {@link #stableSequence} and {@link #isUnchanged} let other threads than
 * the writer read without a lock.
 */
final class OrderedIndex {
  /*
   * A leaf is a sorted block of at most 64 rows; the directory lists the leaves in key order. Beside
   * each row stand the first 16 bytes of its key, so that a search touches a few neighbouring cache
   * lines and looks at a key only when those bytes tie.
   *
   *   directory   order:  leaf 4   leaf 0   leaf 7 ...     firsts: first 16 bytes of each leaf
   *                          │        │
   *   leaf 4      rows:   [17 3 99 ...]                    prefixes: 16 bytes of each row
   *
   * Why not a skip list: a search in 300,000 rows is twenty dependent cache misses there, three or
   * four here. Why not three levels: the overlay is bounded, 64 MiB make some ten thousand leaves,
   * and moving the directory's tail at a split costs a microsecond once in 32 inserts.
   *
   * Other threads read optimistically (a sequence lock): the writer makes the sequence odd, moves
   * rows, and makes it even again; a reader that finds it odd, or changed afterwards, tries again.
   * What such a reader sees meanwhile may be nonsense but is bounded: indexes come from arrays that
   * only grow, loops halve their range, and an index out of bounds is caught and tried again.
   */
  static final int LEAF_ROWS = 64;

  /** No place: before the first row or behind the last. */
  static final long NOWHERE = -1;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle SEQUENCE;

  static {
    try {
      SEQUENCE = MethodHandles.lookup().findVarHandle(OrderedIndex.class, "sequence", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Compares whole keys; asked only when the first 16 bytes tie. */
  interface KeyOrder {
    int compare(byte[] key, int row);
  }

  private final KeyOrder keyOrder;

  /** Odd while rows are moved. Invariant: grows by two with each insert. */
  @SuppressWarnings("unused") // through SEQUENCE
  private long sequence;

  /** Leaf ids in key order, the first {@code leafCount} valid. */
  private int[] order = new int[16];

  /** Two words for each place of the directory: the leaf's first key. */
  private long[] firsts = new long[32];

  private int leafCount = 1;

  /** Rows in each leaf, by leaf id. */
  private int[] counts = new int[16];

  /** {@code LEAF_ROWS} places for each leaf, by leaf id. */
  private int[] rows = new int[16 * LEAF_ROWS];

  /** Two words for each place of {@code rows}. */
  private long[] prefixes = new long[32 * LEAF_ROWS];

  OrderedIndex(KeyOrder keyOrder) {
    this.keyOrder = keyOrder;
  }

  /** An even sequence; waits while rows are moved. */
  long stableSequence() {
    for (; ; ) {
      long now = (long) SEQUENCE.getAcquire(this);
      if ((now & 1) == 0) {
        return now;
      }
      Thread.onSpinWait();
    }
  }

  /** Whether all that was read since the sequence was taken can be trusted. */
  boolean isUnchanged(long since) {
    VarHandle.loadLoadFence();
    return (long) SEQUENCE.getOpaque(this) == since;
  }

  /** Adds a row whose key is not there. Writer only. */
  void insert(byte[] key, int row) {
    long high = word(key, 0);
    long low = word(key, 8);
    long place = find(key, high, low);
    long before = sequence;
    SEQUENCE.setOpaque(this, before + 1);
    VarHandle.storeStoreFence();
    int at = directoryPlace(place);
    int slot = slot(place);
    if (counts[order[at]] == LEAF_ROWS) {
      boolean atEnd = at == leafCount - 1 && slot == LEAF_ROWS;
      split(at, atEnd ? LEAF_ROWS : LEAF_ROWS / 2);
      if (atEnd || slot > LEAF_ROWS / 2) {
        slot -= counts[order[at]];
        at++;
      }
    }
    int leaf = order[at];
    int start = leaf * LEAF_ROWS;
    int tail = counts[leaf] - slot;
    System.arraycopy(rows, start + slot, rows, start + slot + 1, tail);
    System.arraycopy(prefixes, 2 * (start + slot), prefixes, 2 * (start + slot + 1), 2 * tail);
    rows[start + slot] = row;
    prefixes[2 * (start + slot)] = high;
    prefixes[2 * (start + slot) + 1] = low;
    counts[leaf]++;
    if (slot == 0) {
      firsts[2 * at] = high;
      firsts[2 * at + 1] = low;
    }
    SEQUENCE.setRelease(this, before + 2);
  }

  /** Moves the rows from a slot on into a new leaf behind. */
  private void split(int at, int keep) {
    growIfFull();
    int leaf = order[at];
    int added = leafCount;
    int moved = LEAF_ROWS - keep;
    int from = leaf * LEAF_ROWS + keep;
    int to = added * LEAF_ROWS;
    System.arraycopy(rows, from, rows, to, moved);
    System.arraycopy(prefixes, 2 * from, prefixes, 2 * to, 2 * moved);
    counts[leaf] = keep;
    counts[added] = moved;
    System.arraycopy(order, at + 1, order, at + 2, leafCount - at - 1);
    System.arraycopy(firsts, 2 * (at + 1), firsts, 2 * (at + 2), 2 * (leafCount - at - 1));
    order[at + 1] = added;
    firsts[2 * (at + 1)] = prefixes[2 * to];
    firsts[2 * (at + 1) + 1] = prefixes[2 * to + 1];
    leafCount++;
  }

  private void growIfFull() {
    if (leafCount == order.length) {
      int size = leafCount * 2;
      order = Arrays.copyOf(order, size);
      firsts = Arrays.copyOf(firsts, 2 * size);
      counts = Arrays.copyOf(counts, size);
      rows = Arrays.copyOf(rows, size * LEAF_ROWS);
      prefixes = Arrays.copyOf(prefixes, 2 * size * LEAF_ROWS);
    }
  }

  /** Place of the first row whose key is not below the one given; perhaps behind a leaf's last. */
  private long find(byte[] key, long high, long low) {
    int below = 0; // The last leaf whose first key is not above the key, or the first leaf.
    int above = leafCount;
    while (above - below > 1) {
      int middle = (below + above) >>> 1;
      int order = compare(high, low, firsts, middle);
      if (order == 0) {
        order = keyOrder.compare(key, rows[this.order[middle] * LEAF_ROWS]);
      }
      if (order >= 0) {
        below = middle;
      } else {
        above = middle;
      }
    }
    int leaf = order[below];
    int start = leaf * LEAF_ROWS;
    int from = 0;
    int to = Math.min(counts[leaf], LEAF_ROWS);
    while (from < to) {
      int middle = (from + to) >>> 1;
      int order = compare(high, low, prefixes, start + middle);
      if (order == 0) {
        order = keyOrder.compare(key, rows[start + middle]);
      }
      if (order > 0) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return place(below, from);
  }

  private static int compare(long high, long low, long[] words, int at) {
    int order = Long.compareUnsigned(high, words[2 * at]);
    return order != 0 ? order : Long.compareUnsigned(low, words[2 * at + 1]);
  }

  /** Place of the first row whose key is not below the one given; {@link #NOWHERE} at the end. */
  long ceiling(byte[] key) {
    long place = find(key, word(key, 0), word(key, 8));
    return slot(place) < countAt(directoryPlace(place))
        ? place
        : firstOf(directoryPlace(place) + 1);
  }

  /** Place of the last row whose key is below the one given, or {@link #NOWHERE}. */
  long below(byte[] key) {
    return before(find(key, word(key, 0), word(key, 8)));
  }

  long first() {
    return firstOf(0);
  }

  long last() {
    return counts[0] == 0 ? NOWHERE : before(place(leafCount, 0));
  }

  long after(long place) {
    int at = directoryPlace(place);
    int slot = slot(place) + 1;
    return slot < countAt(at) ? place(at, slot) : firstOf(at + 1);
  }

  long before(long place) {
    int at = directoryPlace(place);
    int slot = slot(place);
    if (slot > 0) {
      return place(at, slot - 1);
    }
    return at == 0 ? NOWHERE : place(at - 1, countAt(at - 1) - 1);
  }

  int row(long place) {
    return rows[order[directoryPlace(place)] * LEAF_ROWS + slot(place)];
  }

  private long firstOf(int at) {
    return at < leafCount && countAt(at) > 0 ? place(at, 0) : NOWHERE;
  }

  private int countAt(int at) {
    return counts[order[at]];
  }

  private static long place(int directoryPlace, int slot) {
    return (long) directoryPlace << 32 | slot;
  }

  private static int directoryPlace(long place) {
    return (int) (place >>> 32);
  }

  private static int slot(long place) {
    return (int) place;
  }

  /** Forgets all rows. Nobody may read any more. */
  void clear() {
    Arrays.fill(counts, 0, leafCount, 0);
    order[0] = 0;
    firsts[0] = 0;
    firsts[1] = 0;
    leafCount = 1;
  }

  /** How many rows there is room for, about. */
  int capacity() {
    return rows.length;
  }

  long bytes() {
    return 4L * (order.length + counts.length + rows.length)
        + 8L * (firsts.length + prefixes.length);
  }

  /** Eight bytes of a key as an unsigned number that sorts as they do; short keys end in zeros. */
  private static long word(byte[] key, int offset) {
    if (offset + 8 <= key.length) {
      return (long) LONG.get(key, offset);
    }
    long word = 0;
    for (int i = offset; i < offset + 8; i++) {
      word = word << 8 | (i < key.length ? key[i] & 0xff : 0);
    }
    return word;
  }
}
