package heartwood.storage.version;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The writes of the revision under way. Most commands write one to three rows, so a few rows are
 * searched one by one; only a long list gets an index.
 *
 * <p>Confined to the apply thread.
 */
final class RedoBuffer {
  private static final int INDEX_ABOVE_ROWS = 12;
  private static final int KEEP_ROWS = 1024;

  private byte[][] keys = new byte[16][];

  /** Null: the row is deleted. */
  private byte[] @Nullable [] values = new byte[16][];

  /** The row was put and taken back within the revision, and there was none before. */
  private boolean[] isVoid = new boolean[16];

  /** The row is deleted for the past as well, and the change is nobody's business. */
  private boolean[] isForgotten = new boolean[16];

  /** What the row was before the revision can be asked for afterwards. */
  private boolean[] isFormerKept = new boolean[16];

  private int rowCount;

  /** Key → place; null while the rows are few. */
  private @Nullable TreeMap<byte[], Integer> index;

  int rowCount() {
    return rowCount;
  }

  byte[] key(int at) {
    return keys[at];
  }

  byte @Nullable [] value(int at) {
    return values[at];
  }

  /** The row stands for nothing: not even for a deletion. */
  boolean isVoid(int at) {
    return isVoid[at];
  }

  /** The row is deleted, and nobody may ask what it was, or that it changed. */
  boolean isForgotten(int at) {
    return isForgotten[at];
  }

  /** Whether somebody may ask what the row was before. */
  boolean isFormerKept(int at) {
    return isFormerKept[at];
  }

  /** The place of a key; -1 when it was not written. */
  int find(byte[] key) {
    if (index != null) {
      return index.getOrDefault(key, -1);
    }
    for (int i = 0; i < rowCount; i++) {
      if (Arrays.equals(keys[i], key)) {
        return i;
      }
    }
    return -1;
  }

  void put(byte[] key, byte[] value, boolean keepsFormer) {
    set(key, value, keepsFormer);
  }

  /** Hides a row that is there below this revision. */
  void delete(byte[] key, boolean keepsFormer) {
    set(key, null, keepsFormer);
  }

  /** Hides a row that is there below this revision, from the past as well. */
  void forget(byte[] key) {
    int at = set(key, null, false);
    isForgotten[at] = true;
    isFormerKept[at] = false;
  }

  /** Takes back a row that is not there below this revision. */
  void cancel(byte[] key) {
    isVoid[set(key, null, true)] = true;
  }

  /** Returns the place. Whether the former row is kept is said by the first write of it. */
  private int set(byte[] key, byte @Nullable [] value, boolean keepsFormer) {
    int at = find(key);
    if (at < 0) {
      at = add(key);
      isFormerKept[at] = keepsFormer;
    }
    values[at] = value;
    isVoid[at] = false;
    isForgotten[at] = false;
    return at;
  }

  private int add(byte[] key) {
    int at = rowCount++;
    if (at == keys.length) {
      keys = Arrays.copyOf(keys, at * 2);
      values = Arrays.copyOf(values, at * 2);
      isVoid = Arrays.copyOf(isVoid, at * 2);
      isForgotten = Arrays.copyOf(isForgotten, at * 2);
      isFormerKept = Arrays.copyOf(isFormerKept, at * 2);
    }
    keys[at] = key;
    if (index != null) {
      index.put(key, at);
    } else if (rowCount > INDEX_ABOVE_ROWS) {
      index = new TreeMap<>(Arrays::compareUnsigned);
      for (int i = 0; i < rowCount; i++) {
        index.put(keys[i], i);
      }
    }
    return at;
  }

  void clear() {
    if (keys.length > KEEP_ROWS) {
      keys = new byte[16][];
      values = new byte[16][];
      isVoid = new boolean[16];
      isForgotten = new boolean[16];
      isFormerKept = new boolean[16];
    } else {
      Arrays.fill(keys, 0, rowCount, null);
      Arrays.fill(values, 0, rowCount, null);
    }
    rowCount = 0;
    index = null;
  }

  /** The rows in key order, as they are now. */
  RowSource sorted(long born) {
    Integer[] order = new Integer[rowCount];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Arrays.compareUnsigned(keys[a], keys[b]));
    return new Sorted(order, born);
  }

  private final class Sorted implements RowSource {
    private final Integer[] order;
    private final long born;
    private int at;

    Sorted(Integer[] order, long born) {
      this.order = order;
      this.born = born;
    }

    @Override
    public boolean seek(byte[] key) {
      at = 0;
      while (at < order.length && Arrays.compareUnsigned(keys[order[at]], key) < 0) {
        at++;
      }
      return toReal(1);
    }

    @Override
    public boolean seekBefore(byte[] key) {
      at = order.length - 1;
      while (at >= 0 && key.length > 0 && Arrays.compareUnsigned(keys[order[at]], key) >= 0) {
        at--;
      }
      return toReal(-1);
    }

    @Override
    public boolean next() {
      at++;
      return toReal(1);
    }

    @Override
    public boolean previous() {
      at--;
      return toReal(-1);
    }

    private boolean toReal(int step) {
      while (at >= 0 && at < order.length && isVoid[order[at]]) {
        at += step;
      }
      return at >= 0 && at < order.length;
    }

    @Override
    public ByteBuffer key() {
      return ByteBuffer.wrap(keys[order[at]]).asReadOnlyBuffer();
    }

    @Override
    public boolean isDeletion() {
      return values[order[at]] == null;
    }

    @Override
    public long born() {
      return born;
    }

    @Override
    public ByteBuffer value() {
      byte[] value = values[order[at]];
      if (value == null) {
        throw new IllegalStateException("the row is deleted");
      }
      return ByteBuffer.wrap(value).asReadOnlyBuffer();
    }

    @Override
    public void close() {}
  }
}
