package heartwood.tests.process;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** How long something took, many times over. Confined. */
final class Durations {
  private final List<Long> millis = new ArrayList<>();

  void addNanos(long nanos) {
    millis.add(nanos / 1_000_000);
  }

  private long quantile(double share) {
    List<Long> sorted = new ArrayList<>(millis);
    Collections.sort(sorted);
    return sorted.get((int) Math.min(sorted.size() - 1, Math.floor(share * sorted.size())));
  }

  @Override
  public String toString() {
    return millis.isEmpty()
        ? "none"
        : "p50=" + quantile(0.5) + " p90=" + quantile(0.9) + " max=" + quantile(1) + " ms";
  }
}
