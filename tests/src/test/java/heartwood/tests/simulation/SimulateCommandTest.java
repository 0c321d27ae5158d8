package heartwood.tests.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.tools.console.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class SimulateCommandTest {
  private static final long STEPS = 2_000;

  private static final QuietNodes QUIET = new QuietNodes();

  @AfterAll
  static void speakAgain() {
    QUIET.close();
  }

  private final StringWriter printed = new StringWriter();
  private final StringWriter complaints = new StringWriter();
  private final ByteArrayOutputStream notes = new ByteArrayOutputStream();

  @Test
  void everyCommandHasHelp() {
    assertThat(execute("--help")).isEqualTo(ExitCode.OK);
    assertThat(printed.toString()).contains("--for").contains("--threads");
    assertThat(execute("mutants", "--help")).isEqualTo(ExitCode.OK);
    assertThat(printed.toString()).contains("--only");
  }

  @Test
  void mistakesAreUsage() {
    assertThat(execute("--for", "soon")).isEqualTo(ExitCode.USAGE);
    assertThat(execute("--threads", "0")).isEqualTo(ExitCode.USAGE);
    assertThat(complaints.toString()).contains("--threads: 0 (expected: 1 or more)");
  }

  @Test
  void seedsTakeTheSameCourseInOneThreadAndInSeveral() throws InterruptedException {
    SeedRuns alone = runs(12, null);
    SeedRuns together = runs(12, null);

    alone.run(1);
    together.run(3);

    assertThat(together.done()).isEqualTo(12);
    assertThat(together.traceHashes()).isEqualTo(alone.traceHashes());
    assertThat(notes.toString(StandardCharsets.UTF_8)).contains("12 of 12 seeds");
  }

  @Test
  void noSeedIsBegunWhenTheTimeIsOver() throws InterruptedException {
    SeedRuns runs = runs(Long.MAX_VALUE, Duration.ZERO);

    runs.run(1);

    assertThat(runs.done()).isEqualTo(1);
  }

  @Test
  void ofSeedsThatFailTheLowestIsTold() {
    LongFunction<Simulation> failing =
        seed -> {
          if (seed < 5) {
            return new Simulation(seed, SimulationMode.CORE);
          }
          throw new SimulationFailure("seed " + seed);
        };

    assertThatThrownBy(() -> new SeedRuns(failing, 1, 100, STEPS, null, out()).run(3))
        .isInstanceOf(SimulationFailure.class)
        .hasMessage("seed 5");
  }

  private SeedRuns runs(long seeds, @Nullable Duration limit) {
    return new SeedRuns(
        seed -> new Simulation(seed, SimulationMode.CORE), 1, seeds, STEPS, limit, out());
  }

  private PrintStream out() {
    return new PrintStream(notes, true, StandardCharsets.UTF_8);
  }

  private int execute(String... arguments) {
    return new CommandLine(new SimulateCommand())
        .setOut(new PrintWriter(printed, true))
        .setErr(new PrintWriter(complaints, true))
        .execute(arguments);
  }
}
