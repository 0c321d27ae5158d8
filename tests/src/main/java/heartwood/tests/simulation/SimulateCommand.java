package heartwood.tests.simulation;

import heartwood.tests.simulation.mutation.MutantsCommand;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** {@code heartwood simulate}: runs seeds, and replays the one that failed. */
@Command(
    name = "simulate",
    description = "Runs whole clusters under simulated faults, each decided by one seed.",
    subcommands = MutantsCommand.class)
public final class SimulateCommand implements Callable<Integer> {
  @Option(names = "--seed", description = "Run this seed only, twice, and compare the runs.")
  private @Nullable Long seed;

  @Option(names = "--seeds", description = "How many seeds to run.", defaultValue = "1000")
  private long seeds = 1000;

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
  public Integer call() {
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

  private int runMany() {
    Coverage coverage = new Coverage();
    long startNanos = System.nanoTime();
    long total = 0;
    long writes = 0;
    long reads = 0;
    long printedNanos = startNanos;
    for (long i = 0; i < seeds; i++) {
      Simulation simulation = new Simulation(first + i, mode);
      Simulation.Result result = simulation.run(steps);
      total += result.steps();
      writes += result.acknowledgedWrites();
      reads += result.completedReads();
      coverage.addAll(simulation.coverage());
      long nowNanos = System.nanoTime();
      if (nowNanos - printedNanos > 1_000_000_000L || i == seeds - 1) {
        printedNanos = nowNanos;
        double seconds = (nowNanos - startNanos) / 1e9;
        System.out.printf(
            "\r%,d of %,d seeds, %,d steps (%,.0f/s), %,d writes and %,d reads checked",
            i + 1, seeds, total, total / seconds, writes, reads);
        System.out.flush();
      }
    }
    System.out.println("\nnothing that must hold was broken; what happened:");
    System.out.print(coverage);
    return 0;
  }
}
