package heartwood.tests.simulation;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Runs seeds one after the other, in one thread or in several, and says every second how far it is.
 * Seeds share nothing, so that threads change no course.
 *
 * <p>Seeds are handed out in order, and those that were begun are finished: of several that fail,
 * the lowest is told, whatever the threads did. Thread-safe.
 */
final class SeedRuns {
  private static final long NOTE_NANOS = 1_000_000_000L;

  private final LongFunction<Simulation> simulations;
  private final long first;
  private final long maxSeeds;
  private final long stepsPerSeed;
  private final @Nullable Duration limit;
  private final PrintStream out;
  private final Coverage coverage = new Coverage();
  private final long startNanos = System.nanoTime();
  private long notedNanos = startNanos;
  private long begun;
  private long done;
  private long steps;
  private long writes;
  private long reads;
  private long traceHashes;
  private long cpuNanos;
  private long failedSeed = Long.MAX_VALUE;
  private @Nullable Throwable failure;

  /**
   * @param simulations by seed
   * @param maxSeeds how many at most
   * @param limit after it no further seed is begun; null: all are
   */
  SeedRuns(
      LongFunction<Simulation> simulations,
      long first,
      long maxSeeds,
      long stepsPerSeed,
      @Nullable Duration limit,
      PrintStream out) {
    this.simulations = simulations;
    this.first = first;
    this.maxSeeds = maxSeeds;
    this.stepsPerSeed = stepsPerSeed;
    this.limit = limit;
    this.out = out;
  }

  /**
   * Runs them all.
   *
   * @throws SimulationFailure of the lowest seed that has failed
   * @throws InterruptedException when that came to the waiting thread; the seeds run on to their
   *     end
   */
  void run(int threadCount) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int number = 1; number < threadCount; number++) {
      Thread thread = new Thread(this::work, "seeds-" + number);
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    work();
    for (Thread thread : threads) {
      thread.join();
    }
    end();
  }

  private void work() {
    long seed = next();
    while (seed != Long.MAX_VALUE) {
      long beganNanos = cpuNanosOfThread();
      try {
        Simulation simulation = simulations.apply(seed);
        Simulation.Result result = simulation.run(stepsPerSeed);
        onDone(result, simulation.coverage(), cpuNanosOfThread() - beganNanos);
      } catch (Throwable e) {
        onFailed(seed, e);
      }
      seed = next();
    }
  }

  /** The next seed; {@code Long.MAX_VALUE}: none. */
  private synchronized long next() {
    boolean isLate =
        limit != null && System.nanoTime() - startNanos >= limit.toNanos() && begun > 0;
    return failure != null || isLate || begun == maxSeeds ? Long.MAX_VALUE : first + begun++;
  }

  private synchronized void onDone(Simulation.Result result, Coverage its, long itsCpuNanos) {
    done++;
    cpuNanos += itsCpuNanos;
    steps += result.steps();
    writes += result.acknowledgedWrites();
    reads += result.completedReads();
    traceHashes += result.traceHash();
    coverage.addAll(its);
    if (System.nanoTime() - notedNanos > NOTE_NANOS) {
      notedNanos = System.nanoTime();
      note();
    }
  }

  private synchronized void onFailed(long seed, Throwable its) {
    if (seed < failedSeed) {
      failedSeed = seed;
      failure = its;
    }
  }

  /** A core's figure is by the time that a processor had for the seeds alone. */
  private void note() {
    String of = maxSeeds == Long.MAX_VALUE ? "" : String.format(" of %,d", maxSeeds);
    out.printf(
        "\r%,d%s seeds, %,d steps (%,.0f/s, %,.0f/s per core), %,d writes and %,d reads checked",
        done,
        of,
        steps,
        steps * 1e9 / (System.nanoTime() - startNanos),
        steps * 1e9 / Math.max(1, cpuNanos),
        writes,
        reads);
    out.flush();
  }

  private synchronized void end() {
    note();
    if (failure instanceof SimulationFailure known) {
      throw known;
    }
    if (failure != null) {
      throw new SimulationFailure("seed " + failedSeed + " fails", failure);
    }
    out.println("\nnothing that must hold was broken; what happened:");
    out.print(coverage);
  }

  /** Equal for the same seeds, in whatever order and threads they were run. */
  synchronized long traceHashes() {
    return traceHashes;
  }

  /** How many were run. */
  synchronized long done() {
    return done;
  }

  /** Without the threads of the compiler and the collector. */
  private static long cpuNanosOfThread() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
