package heartwood.server.command;

import java.util.Arrays;

/** Which arguments of a request are keys: a list of ints to be used again and again. Confined. */
public final class KeyPositions {
  private int[] positions = new int[8];
  private KeySpec[] specs = new KeySpec[8];
  private int count;

  public void clear() {
    count = 0;
  }

  public int count() {
    return count;
  }

  /** The argument that is the given key; keys are in the order in which the key specs find them. */
  public int position(int key) {
    return positions[key];
  }

  /** The key spec that found the given key. */
  KeySpec spec(int key) {
    return specs[key];
  }

  /** The request stands so many arguments further on in another one. */
  void shift(int arguments) {
    for (int i = 0; i < count; i++) {
      positions[i] += arguments;
    }
  }

  void add(int position, KeySpec spec) {
    if (count == positions.length) {
      positions = Arrays.copyOf(positions, 2 * count);
      specs = Arrays.copyOf(specs, 2 * count);
    }
    positions[count] = position;
    specs[count] = spec;
    count++;
  }
}
