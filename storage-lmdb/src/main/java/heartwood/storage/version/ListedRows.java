package heartwood.storage.version;

import java.util.Arrays;

/**
 * The listed rows that one revision wrote, brought into the order of their keys: mostly one.
 * Confined to the apply thread.
 */
final class ListedRows {
  private byte[][] keys = new byte[4][];
  private int[] rows = new int[4];
  private int count;

  void clear() {
    Arrays.fill(keys, 0, count, null);
    count = 0;
    if (keys.length > 1024) {
      keys = new byte[4][];
      rows = new int[4];
    }
  }

  void add(byte[] key, int row) {
    if (count == rows.length) {
      keys = Arrays.copyOf(keys, 2 * count);
      rows = Arrays.copyOf(rows, 2 * count);
    }
    keys[count] = key;
    rows[count] = row;
    count++;
  }

  void addTo(OverlayLog log, long revision, int operation) {
    if (count == 1) {
      log.addChange(revision, operation, rows[0]);
    } else if (count > 1) {
      Integer[] order = new Integer[count];
      Arrays.setAll(order, i -> i);
      Arrays.sort(order, (a, b) -> Arrays.compareUnsigned(keys[a], keys[b]));
      for (int at : order) {
        log.addChange(revision, operation, rows[at]);
      }
    }
  }
}
