package heartwood.storage.history;

import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * For some rows the revision below which nothing of them is to be left: by the beginnings of their
 * keys, of which none is the beginning of another. Immutable once filled.
 */
public final class Floors {
  public static final Floors NONE = new Floors();

  private final NavigableMap<byte[], Long> byBeginning = new TreeMap<>(Arrays::compareUnsigned);
  private long highest;

  /** Fills: what died by the floor, of the rows whose keys begin so, is to go. */
  public void add(byte[] beginning, long floor) {
    byBeginning.put(beginning, floor);
    highest = Math.max(highest, floor);
  }

  /** These with some changed; those with a floor of 0 are taken away. */
  public Floors with(Map<byte[], Long> changes) {
    Floors changed = new Floors();
    byBeginning.forEach(changed::add);
    changes.forEach(
        (beginning, floor) -> {
          if (floor == 0) {
            changed.byBeginning.remove(beginning);
          } else {
            changed.add(beginning, floor);
          }
        });
    return changed.byBeginning.equals(byBeginning) ? this : changed;
  }

  /** Whether one of them is higher than it was, or new. */
  boolean areHigherThan(Floors before) {
    return byBeginning.entrySet().stream()
        .anyMatch(each -> each.getValue() > before.byBeginning.getOrDefault(each.getKey(), 0L));
  }

  /** Whether a version is to go. */
  public boolean cover(byte[] key, long died) {
    if (died > highest) {
      return false;
    }
    Map.Entry<byte[], Long> nearest = byBeginning.floorEntry(key);
    return nearest != null && died <= nearest.getValue() && begins(key, nearest.getKey());
  }

  /** Whether a run has a version that is to go; a search for each floor. */
  boolean coverSomeOf(RunCursor run) {
    for (Map.Entry<byte[], Long> each : byBeginning.entrySet()) {
      for (boolean on = run.seek(each.getKey(), 0); on; on = run.next()) {
        if (!run.version().beginsWith(each.getKey())) {
          break;
        }
        if (run.version().died() <= each.getValue()) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean begins(byte[] key, byte[] beginning) {
    return key.length >= beginning.length
        && Arrays.equals(key, 0, beginning.length, beginning, 0, beginning.length);
  }
}
