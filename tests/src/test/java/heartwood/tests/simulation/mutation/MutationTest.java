package heartwood.tests.simulation.mutation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A few of the breaks, which are noticed in seconds; {@code simulate mutants} tries all. */
class MutationTest {
  private static final Path ROOT = Path.of("..");
  private static final int SEEDS = 500;
  private static final int SECONDS = 240;

  @Test
  void everyBreakStillHasItsPlaceInTheSource() throws IOException {
    for (Mutant mutant : Catalogue.ALL) {
      String source = Files.readString(ROOT.resolve(mutant.sourceFile()));

      assertThat(mutant.breakIn(source)).as(mutant.name()).isNotEqualTo(source);
    }
  }

  @Test
  void aBreakWhoseSourceHasChangedIsRefused() {
    Mutant mutant = new Mutant("x", "X.java", "a < b", "a > b", Mutant.Mode.CORE);

    assertThatThrownBy(() -> mutant.breakIn("a <= b"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("nowhere");
    assertThatThrownBy(() -> mutant.breakIn("a < b; a < b"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("twice");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "commits without a majority",
        "acknowledges before the sync",
        "does not write its vote",
        "votes for a log that is behind",
        "expires by the local clock",
      })
  void theSimulationNotices(String name) {
    Mutant mutant =
        Catalogue.ALL.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();

    MutantRun.Verdict verdict = new MutantRun(ROOT, SEEDS, SECONDS).judge(mutant);

    assertThat(verdict.isCaught()).as(verdict.line()).isTrue();
  }
}
