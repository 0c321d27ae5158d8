package heartwood.tests.chaos;

import heartwood.raft.core.SplitMix64;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * What happens to a cluster, one fault after the other, decided by a seed alone. Whom "the leader"
 * means is known when the fault begins. Immutable.
 */
record FaultPlan(List<Fault> faults) {
  private static final int MIN_HOLD_MILLIS = 400;
  private static final int MAX_HOLD_MILLIS = 5_000;
  private static final int MIN_REST_MILLIS = 800;
  private static final int MAX_REST_MILLIS = 2_500;

  /** A node has room in its files for a while before it asks a full disk for more. */
  private static final int DISK_SLOWNESS = 4;

  /**
   * One fault.
   *
   * @param holdMillis from its beginning to its end
   * @param restMillis from its end to the next one
   * @param pick chooses among nodes, where the form leaves a choice
   */
  record Fault(FaultForm form, int holdMillis, int restMillis, int pick) {}

  FaultPlan {
    faults = List.copyOf(faults);
  }

  /**
   * Draws faults that last that long together, or a little longer. Each kind has its turn before
   * one has it again.
   */
  static FaultPlan draw(long seed, Collection<FaultKind> kinds, long forMillis) {
    SplitMix64 random = new SplitMix64(seed);
    List<Fault> faults = new ArrayList<>();
    List<FaultKind> turns = new ArrayList<>();
    int maxHoldMillis =
        (int) Math.max(MIN_HOLD_MILLIS + 1, Math.min(MAX_HOLD_MILLIS, forMillis / 5));
    int maxRestMillis =
        (int) Math.max(MIN_REST_MILLIS + 1, Math.min(MAX_REST_MILLIS, forMillis / 8));
    for (long millis = 0; millis < forMillis && !kinds.isEmpty(); ) {
      if (turns.isEmpty()) {
        turns.addAll(kinds);
        Collections.sort(turns);
        Collections.shuffle(turns, new Random(random.nextLong()));
      }
      FaultForm form = drawForm(random, turns.remove(0));
      int holdMillis = between(random, MIN_HOLD_MILLIS, maxHoldMillis);
      Fault fault =
          new Fault(
              form,
              form.kind() == FaultKind.DISK ? holdMillis * DISK_SLOWNESS : holdMillis,
              between(random, MIN_REST_MILLIS, maxRestMillis),
              random.nextInt(1 << 16));
      faults.add(fault);
      millis += fault.holdMillis + fault.restMillis;
    }
    return new FaultPlan(faults);
  }

  private static FaultForm drawForm(SplitMix64 random, FaultKind kind) {
    List<FaultForm> forms = FaultForm.of(kind);
    int left = random.nextInt(forms.stream().mapToInt(FaultForm::weight).sum());
    for (FaultForm form : forms) {
      left -= form.weight();
      if (left < 0) {
        return form;
      }
    }
    throw new AssertionError(kind);
  }

  private static int between(SplitMix64 random, int low, int high) {
    return low + random.nextInt(high - low + 1);
  }
}
