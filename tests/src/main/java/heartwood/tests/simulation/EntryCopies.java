package heartwood.tests.simulation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Log Matching (Raft figure 3): an entry (index, term) has one payload and one entry before it,
 * wherever it is met. By induction all before it are alike. Confined to the simulation.
 *
 * <p>A table with open places and no objects for its keys: it is asked for every entry that is
 * sent, written or looked at.
 */
final class EntryCopies {
  private static final int TERM_BITS = 24;
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  /** Index and term; 0: an open place, as no index is. The length is a power of two. */
  private long[] keys = new long[1 << 12];

  private long[] prevTerms = new long[keys.length];

  /** Null until the entry was met with its payload. */
  private byte[] @Nullable [] payloads = new byte[keys.length][];

  private int count;

  /**
   * An entry is met.
   *
   * @param payload null: not to be seen from here
   */
  void onMet(SimNode node, long index, long term, long prevTerm, byte @Nullable [] payload) {
    long key = (index << TERM_BITS) | term;
    int place = placeOf(key);
    if (keys[place] == 0) {
      keys[place] = key;
      prevTerms[place] = prevTerm;
      payloads[place] = payload;
      if (++count > keys.length / 2) {
        grow();
      }
      return;
    }
    byte[] other = payloads[place];
    if (other == null) {
      payloads[place] = payload;
    }
    boolean isAlike = other == null || payload == null || Arrays.equals(other, payload);
    SimulationFailure.require(
        prevTerms[place] == prevTerm && isAlike,
        () -> node.id() + " has " + index + "/" + term + " after " + prevTerm + ", unlike others");
  }

  private int placeOf(long key) {
    int mask = keys.length - 1;
    int place = (int) ((key * SPREAD) >>> 32) & mask;
    while (keys[place] != 0 && keys[place] != key) {
      place = (place + 1) & mask;
    }
    return place;
  }

  private void grow() {
    long[] oldKeys = keys;
    long[] oldTerms = prevTerms;
    byte[] @Nullable [] oldPayloads = payloads;
    keys = new long[oldKeys.length * 2];
    prevTerms = new long[keys.length];
    payloads = new byte[keys.length][];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != 0) {
        int place = placeOf(oldKeys[i]);
        keys[place] = oldKeys[i];
        prevTerms[place] = oldTerms[i];
        payloads[place] = oldPayloads[i];
      }
    }
  }
}
