package heartwood.tests.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.tests.chaos.FaultPlan.Fault;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class FaultPlanTest {
  @Test
  void theSeedDecides() {
    Set<FaultKind> kinds = EnumSet.allOf(FaultKind.class);

    assertThat(FaultPlan.draw(1, kinds, 60_000)).isEqualTo(FaultPlan.draw(1, kinds, 60_000));
    assertThat(FaultPlan.draw(1, kinds, 60_000)).isNotEqualTo(FaultPlan.draw(2, kinds, 60_000));
  }

  @Test
  void everyKindHasItsTurnBeforeOneHasItAgain() {
    Set<FaultKind> kinds = EnumSet.of(FaultKind.KILL, FaultKind.PAUSE, FaultKind.DELAY);
    List<Fault> faults = FaultPlan.draw(7, kinds, 120_000).faults();

    for (int i = 0; i + 3 <= faults.size(); i += 3) {
      assertThat(
              faults.subList(i, i + 3).stream()
                  .map(fault -> fault.form().kind())
                  .collect(Collectors.toSet()))
          .isEqualTo(kinds);
    }
  }

  @Test
  void everyFormIsDrawnSometimes() {
    Set<FaultForm> drawn = EnumSet.noneOf(FaultForm.class);
    for (int seed = 0; seed < 20; seed++) {
      FaultPlan.draw(seed, EnumSet.allOf(FaultKind.class), 300_000)
          .faults()
          .forEach(fault -> drawn.add(fault.form()));
    }

    assertThat(drawn).containsExactlyInAnyOrder(FaultForm.values());
  }

  @Test
  void withoutKindsNothingHappens() {
    assertThat(FaultPlan.draw(1, Set.of(), 60_000).faults()).isEmpty();
  }
}
