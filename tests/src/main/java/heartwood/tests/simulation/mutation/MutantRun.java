package heartwood.tests.simulation.mutation;

import heartwood.tools.Main;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Simulates a mutant in a JVM of its own. Confined. */
public final class MutantRun {
  /**
   * What came of it.
   *
   * @param isCaught whether an invariant failed; else it has survived
   * @param seed at which it was caught
   * @param step of that seed
   * @param millis from the start of the JVM
   * @param reason the fact that did not hold, or why it has survived
   */
  public record Verdict(
      Mutant mutant, boolean isCaught, long seed, long step, long millis, String reason) {
    /** As a line of a table. */
    public String line() {
      String found =
          isCaught
              ? String.format("seed %5d  step %6d  %5.1f s", seed, step, millis / 1e3)
              : String.format("SURVIVES after   %5.1f s         ", millis / 1e3);
      return String.format(
          "%-44s %-4s  %s  %s", mutant.name(), mutant.mode().word(), found, reason);
    }
  }

  private static final Pattern FAILURE =
      Pattern.compile("FAILED: (.*?)\\R(?s:.*?)seed (\\d+), step (\\d+)");
  private static final int MAX_REASON_CHARS = 110;

  private final Path root;
  private final long seeds;
  private final long maxSeconds;

  /**
   * @param root of the repository, for the sources
   * @param seeds after so many a mutant has survived
   * @param maxSeconds or after such a time
   */
  public MutantRun(Path root, long seeds, long maxSeconds) {
    this.root = root;
    this.seeds = seeds;
    this.maxSeconds = maxSeconds;
  }

  /**
   * Compiles a mutant and simulates it.
   *
   * @throws IllegalStateException when it cannot be made, or the simulation did not run
   */
  public Verdict judge(Mutant mutant) {
    try {
      Path directory = Files.createTempDirectory("heartwood-mutant");
      try {
        new MutantCompiler(root).compile(mutant, directory);
        return simulate(mutant, directory);
      } finally {
        delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Verdict simulate(Mutant mutant, Path classes) throws IOException {
    Path output = classes.resolve("output.txt");
    long startNanos = System.nanoTime();
    Process process =
        new ProcessBuilder(command(mutant, classes))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean hasEnded;
    try {
      hasEnded = process.waitFor(maxSeconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      hasEnded = false;
    } finally {
      process.destroyForcibly();
    }
    long millis = (System.nanoTime() - startNanos) / 1_000_000;
    String text = Files.readString(output, StandardCharsets.UTF_8);
    Matcher failure = FAILURE.matcher(text);
    if (failure.find()) {
      String reason = failure.group(1);
      return new Verdict(
          mutant,
          true,
          Long.parseLong(failure.group(2)),
          Long.parseLong(failure.group(3)),
          millis,
          reason.substring(0, Math.min(MAX_REASON_CHARS, reason.length())));
    }
    if (hasEnded && process.exitValue() != 0) {
      throw new IllegalStateException(mutant.name() + ": the simulation did not run:\n" + text);
    }
    String reason = hasEnded ? seeds + " seeds passed" : "no seed failed in " + maxSeconds + " s";
    return new Verdict(mutant, false, 0, 0, millis, reason);
  }

  private List<String> command(Mutant mutant, Path classes) {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-XX:+UseSerialGC", "-Xmx1g", "-Xshare:auto"));
    words.add("-cp");
    words.add(classes + File.pathSeparator + System.getProperty("java.class.path"));
    words.add(Main.class.getName());
    words.addAll(List.of("simulate", "--seeds", Long.toString(seeds)));
    words.addAll(List.of("--mode", mutant.mode().word()));
    return words;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
