package heartwood.tests.simulation;

import heartwood.raft.core.SplitMix64;

/** The seed's chance, in the forms that faults need. Confined to the simulation. */
final class SimRandom {
  private final SplitMix64 random;

  SimRandom(long seed) {
    random = new SplitMix64(seed);
  }

  long nextLong() {
    return random.nextLong();
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  /** A number from {@code low} to {@code high}, both included. */
  long between(long low, long high) {
    return low + Long.remainderUnsigned(random.nextLong(), high - low + 1);
  }

  boolean chance(double probability) {
    return probability > 0 && (random.nextLong() >>> 11) * 0x1.0p-53 < probability;
  }

  /** Mostly small, now and then up to the limit: how real delays are spread. */
  long skewedUpTo(long limit) {
    long high = limit >>> random.nextInt(6);
    return high == 0 ? 0 : between(0, high);
  }
}
