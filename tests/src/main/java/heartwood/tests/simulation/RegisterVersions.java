package heartwood.tests.simulation;

import java.util.Arrays;

/** Which operation wrote a register, and from which index on it stands. Confined. */
final class RegisterVersions {
  private long[] indexes = new long[64];
  private long[] operationIds = new long[64];
  private int count;

  /** A later one than all before. */
  void add(long index, long operationId) {
    if (count == indexes.length) {
      indexes = Arrays.copyOf(indexes, count * 2);
      operationIds = Arrays.copyOf(operationIds, count * 2);
    }
    indexes[count] = index;
    operationIds[count++] = operationId;
  }

  /** Id of the operation whose value stands after an index; 0: none does. */
  long at(long index) {
    int found = Arrays.binarySearch(indexes, 0, count, index);
    int place = found >= 0 ? found : -found - 2;
    return place < 0 ? 0 : operationIds[place];
  }
}
