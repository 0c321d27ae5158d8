package heartwood.tests.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SimulationTest {
  private static final int CORE_SEEDS = 200;
  private static final int NODE_SEEDS = 80;
  private static final long STEPS = 20_000;

  private static final QuietNodes QUIET = new QuietNodes();

  @AfterAll
  static void speakAgain() {
    QUIET.close();
  }

  @Test
  void nothingThatMustHoldOfConsensusIsBrokenUnderFaults() {
    assertCovers(run(SimulationMode.CORE, CORE_SEEDS), Coverage.RARE);
  }

  @Test
  void nothingThatMustHoldOfWholeNodesIsBrokenUnderFaults() {
    assertCovers(run(SimulationMode.NODE, NODE_SEEDS), Coverage.RARE_OF_NODES);
  }

  private static Coverage run(SimulationMode mode, int seeds) {
    Coverage coverage = new Coverage();
    for (long seed = 1; seed <= seeds; seed++) {
      Simulation simulation = new Simulation(seed, mode);
      simulation.run(STEPS);
      coverage.addAll(simulation.coverage());
    }
    return coverage;
  }

  private static void assertCovers(Coverage coverage, List<String> marks) {
    assertThat(marks).allSatisfy(mark -> assertThat(coverage.count(mark)).as(mark).isPositive());
  }

  @ParameterizedTest
  @EnumSource
  void theSameSeedTakesTheSameCourse(SimulationMode mode) {
    for (long seed = 1; seed <= 4; seed++) {
      Simulation.Result once = new Simulation(seed, mode).run(STEPS);
      Simulation.Result again = new Simulation(seed, mode).run(STEPS);

      assertThat(again).isEqualTo(once);
    }
  }

  @ParameterizedTest
  @EnumSource
  void differentSeedsTakeDifferentCourses(SimulationMode mode) {
    assertThat(new Simulation(1, mode).run(STEPS).traceHash())
        .isNotEqualTo(new Simulation(2, mode).run(STEPS).traceHash());
  }
}
