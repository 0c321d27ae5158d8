package heartwood.tests.simulation;

import heartwood.tests.simulation.mutation.MutantsCommand;
import heartwood.tools.console.DurationText;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code heartwood simulate}: runs seeds, and replays the one that failed. */
@Command(
    name = "simulate",
    description = "Runs whole clusters under simulated faults, each decided by one seed.",
    mixinStandardHelpOptions = true,
    subcommands = MutantsCommand.class,
    footer = {"", "Exit codes: 0 all held, 1 something was broken, 2 usage."})
public final class SimulateCommand implements Callable<Integer> {
  private static final long DEFAULT_SEEDS = 1000;

  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--seed", description = "Run this seed only, twice, and compare the runs.")
  private @Nullable Long seed;

  @Option(
      names = "--seeds",
      description = "How many seeds to run: 1000; with --for, as many as the time allows.")
  private @Nullable Long seeds;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = DurationText.class,
      description = "Begin no further seed after this time: 30s, 10m.")
  private @Nullable Duration duration;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many seeds run at a time; they share nothing.",
      defaultValue = "1")
  private int threads = 1;

  @Option(names = "--first", description = "The first of them.", defaultValue = "1")
  private long first = 1;

  @Option(names = "--steps", description = "Steps with faults per seed.", defaultValue = "20000")
  private long steps = 20_000;

  @Option(
      names = "--mode",
      converter = ModeConverter.class,
      description = "core: consensus alone, for volume; node: commands and store too.",
      defaultValue = "core")
  private SimulationMode mode = SimulationMode.CORE;

  @Option(names = "--trace", description = "Print every step.")
  private boolean isTracing;

  /** Modes in small letters. */
  static final class ModeConverter implements ITypeConverter<SimulationMode> {
    @Override
    public SimulationMode convert(String word) {
      return SimulationMode.valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    if (threads < 1 && spec != null) {
      throw new ParameterException(
          spec.commandLine(), "--threads: " + threads + " (expected: 1 or more)");
    }
    QuietNodes quiet = new QuietNodes();
    try {
      return seed == null ? runMany() : replay(seed);
    } catch (SimulationFailure failure) {
      System.out.println("\nFAILED: " + failure.getMessage());
      Throwable cause = failure.getCause();
      if (cause != null) {
        cause.printStackTrace(System.out);
      }
      return 1;
    } finally {
      quiet.close();
    }
  }

  private int replay(long chosen) {
    Simulation.Result result =
        new Simulation(chosen, mode, isTracing ? System.out : null).run(steps);
    Simulation.Result again = new Simulation(chosen, mode).run(steps);
    System.out.println(result);
    if (!again.equals(result)) {
      System.out.println("FAILED: the same seed took another course: " + again);
      return 1;
    }
    return 0;
  }

  private int runMany() throws InterruptedException {
    Duration limit = duration;
    long count = seeds != null ? seeds : limit != null ? Long.MAX_VALUE : DEFAULT_SEEDS;
    new SeedRuns(each -> new Simulation(each, mode), first, count, steps, limit, System.out)
        .run(threads);
    return 0;
  }
}
