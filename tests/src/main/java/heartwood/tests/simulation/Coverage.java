package heartwood.tests.simulation;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How often rare things happened: a fault that never strikes proves nothing. */
final class Coverage {
  /** Marks that a few hundred seeds must reach: a fault that is never met is a test that sleeps. */
  static final List<String> RARE =
      List.of(
          "aimed: late answers",
          "aimed: several join",
          "aimed: stranded",
          "aimed: upstart",
          "aimed: usurper",
          "bridge",
          "broken for good, form 0",
          "broken for good, form 1",
          "broken for good, form 2",
          "broken for good, form 3",
          "clog",
          "crash at write: CRASH_BEFORE",
          "crash at write: CRASH_WITHIN",
          "crash at write: CRASH_AFTER",
          "crash before install",
          "crash after install",
          "disk stall",
          "disk wiped",
          "membership: add done",
          "membership: add unknown",
          "membership: joint",
          "membership: promote done",
          "membership: refused, CHANGING",
          "membership: refused, NOT_READY",
          "membership: refused, NO_QUORUM",
          "membership: remove done",
          "membership: remove unknown",
          "partition",
          "pause",
          "read: at a follower",
          "read: by a lease",
          "snapshot installed",
          "state lost and given anew",
          "write failure");

  /** The same of what only whole nodes have. */
  static final List<String> RARE_OF_NODES =
      List.of(
          "checkpoint slice",
          "clock set",
          "history merged",
          "read: by a lease",
          "snapshot installed",
          "state lost and given anew",
          "state without its last commit",
          "state write: AFTER_COMMIT",
          "state write: BEFORE_COMMIT",
          "state write: FULL",
          "told CLUSTERDOWN",
          "told MOVED",
          "told UNCERTAIN",
          "value seen to be gone");

  private final Map<String, Long> hits = new HashMap<>();

  void hit(String mark) {
    hit(mark, 1);
  }

  void hit(String mark, long times) {
    hits.merge(mark, times, Long::sum);
  }

  void addAll(Coverage other) {
    other.hits.forEach(this::hit);
  }

  long count(String mark) {
    return hits.getOrDefault(mark, 0L);
  }

  @Override
  public String toString() {
    StringBuilder lines = new StringBuilder();
    new TreeMap<>(hits)
        .forEach((mark, count) -> lines.append(String.format("  %10d  %s%n", count, mark)));
    return lines.toString();
  }
}
