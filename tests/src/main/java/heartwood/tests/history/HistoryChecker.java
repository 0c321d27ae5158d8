package heartwood.tests.history;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Judges a whole history, one object after the other: linearizability holds for all if it holds for
 * each (Herlihy and Wing, "Linearizability", 1990, theorem 1). Immutable.
 */
public final class HistoryChecker {
  private static final long MAX_CONFIGURATIONS = 5_000_000;

  private final long maxConfigurations;

  public HistoryChecker() {
    this(MAX_CONFIGURATIONS);
  }

  /**
   * The same with another bound.
   *
   * @param maxConfigurations of one key; some 150 bytes each
   */
  public HistoryChecker(long maxConfigurations) {
    this.maxConfigurations = maxConfigurations;
  }

  public Judgement judge(List<Operation> operations) {
    Map<String, List<Operation>> byKey = new LinkedHashMap<>();
    for (Operation operation : operations) {
      boolean isPast = operation.kind() == Kind.PAST;
      String object = isPast ? "the past of " + operation.key() : operation.key();
      byKey.computeIfAbsent(object, key -> new ArrayList<>()).add(operation);
    }
    List<Judgement.Broken> broken = new ArrayList<>();
    List<Judgement.Open> open = new ArrayList<>();
    long configurations = 0;
    for (Map.Entry<String, List<Operation>> entry : byKey.entrySet()) {
      String key = entry.getKey();
      if (entry.getValue().get(0).kind() == Kind.PAST) {
        PastReads.judge(entry.getValue())
            .forEach(violation -> broken.add(new Judgement.Broken(key, violation)));
        continue;
      }
      Verdict verdict = new Search(new KeyHistory(entry.getValue()), maxConfigurations).run();
      if (verdict instanceof Verdict.Linearizable found) {
        configurations += found.configurations();
      } else if (verdict instanceof Verdict.Violation violation) {
        broken.add(new Judgement.Broken(key, violation));
      } else if (verdict instanceof Verdict.Undecided undecided) {
        open.add(new Judgement.Open(key, undecided.reason()));
      }
    }
    return new Judgement(operations.size(), byKey.size(), configurations, broken, open);
  }
}
