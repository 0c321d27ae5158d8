package heartwood.tests.simulation;

import static heartwood.tests.simulation.SimulationFailure.require;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is gone does not come back: a value that was there, and that a later read did not find, is
 * found by no read that begins after that. Values are written once, so whether they were replaced,
 * deleted or expired does not matter. Confined to the simulation.
 */
final class ExpiryWatch {
  private static final class Life {
    /** From here on it had been written. */
    long seenMicros = Long.MAX_VALUE;

    /** From here on it had gone. */
    long goneMicros = Long.MAX_VALUE;
  }

  /** By key and value. */
  private final Map<String, Map<String, Life>> lives = new HashMap<>();

  private long goneCount;

  private Life life(String key, String value) {
    return lives
        .computeIfAbsent(key, absent -> new HashMap<>())
        .computeIfAbsent(value, absent -> new Life());
  }

  /** How many values were seen to be gone. */
  long goneCount() {
    return goneCount;
  }

  /** A write of a value was acknowledged. */
  void onWritten(String key, String value, long completeMicros) {
    Life life = life(key, value);
    life.seenMicros = Math.min(life.seenMicros, completeMicros);
  }

  /** A read was told a value, or that there is none. */
  void onRead(String key, @Nullable String value, long invokeMicros, long completeMicros) {
    if (value != null) {
      Life life = life(key, value);
      require(
          invokeMicros <= life.goneMicros,
          () -> value + " of " + key + " was gone at " + life.goneMicros + " and is back");
      life.seenMicros = Math.min(life.seenMicros, completeMicros);
    }
    lives
        .getOrDefault(key, Map.of())
        .forEach(
            (other, life) -> {
              if (!other.equals(value) && life.seenMicros < invokeMicros) {
                goneCount += life.goneMicros == Long.MAX_VALUE ? 1 : 0;
                life.goneMicros = Math.min(life.goneMicros, completeMicros);
              }
            });
  }
}
