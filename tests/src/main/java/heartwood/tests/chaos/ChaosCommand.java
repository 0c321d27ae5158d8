package heartwood.tests.chaos;

import heartwood.tests.history.HistoryChecker;
import heartwood.tests.history.HistoryFile;
import heartwood.tests.history.Judgement;
import heartwood.tests.history.MalformedHistoryException;
import heartwood.tools.console.DurationText;
import heartwood.tools.console.ExitCode;
import heartwood.tools.console.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code heartwood chaos}: a cluster under faults, and a verdict on what its clients heard. */
@Command(
    name = "chaos",
    description = "Runs a cluster of processes under faults and judges what its clients heard.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Leaves history.txt, report.txt, timeline.svg and the nodes' logs in DIR.",
      "Exit codes: 0 all held, 1 something was broken, 2 usage."
    })
public final class ChaosCommand implements Callable<Integer> {
  private static final int MAX_NODES = 9;
  private static final int MAX_CLIENTS = 60;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "A directory of the run's own: empty, or not there yet.")
  private @Nullable Path directory;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = DurationText.class,
      description = "How long there are faults: 60s.")
  private Duration duration = Duration.ofSeconds(60);

  @Option(
      names = "--faults",
      paramLabel = "KIND",
      split = ",",
      description =
          "Of kill, pause, partition, delay, disk, members, history; or none. The first four.")
  private List<String> faults = List.of("kill", "pause", "partition", "delay");

  @Option(names = "--nodes", paramLabel = "N", description = "Nodes: 3.")
  private int nodes = 3;

  @Option(names = "--clients", paramLabel = "N", description = "Clients: 9.")
  private int clients = 9;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Decides the faults and what clients ask for; any.")
  private @Nullable Long seed;

  @Option(
      names = "--judge",
      paramLabel = "FILE",
      description = "Only judge a history that was recorded before.")
  private @Nullable Path history;

  @Override
  public Integer call() throws IOException {
    if (history != null) {
      return judge(history);
    }
    if (directory == null) {
      throw Failure.usage("--dir DIR, or --judge FILE?");
    }
    requireBetween("--nodes", nodes, 1, MAX_NODES);
    requireBetween("--clients", clients, 1, MAX_CLIENTS);
    requireEmpty(directory);
    long chosen = seed == null ? ThreadLocalRandom.current().nextInt(1_000_000) : seed;
    ChaosOptions options =
        new ChaosOptions(
            directory.toAbsolutePath().normalize(), duration, kinds(), nodes, clients, chosen);
    System.out.println("seed " + chosen);
    return new ChaosRun(options, System.out).run() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static int judge(Path file) throws IOException {
    try {
      Judgement judgement = new HistoryChecker().judge(HistoryFile.read(file));
      System.out.print(judgement.text());
      return judgement.isLinearizable() ? ExitCode.OK : ExitCode.FAILED;
    } catch (MalformedHistoryException e) {
      throw Failure.usage(file + ": " + e.getMessage());
    }
  }

  private Set<FaultKind> kinds() {
    Set<FaultKind> kinds = EnumSet.noneOf(FaultKind.class);
    for (String name : faults) {
      if (name.equals("none")) {
        continue;
      }
      FaultKind kind =
          Stream.of(FaultKind.values())
              .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(name))
              .findFirst()
              .orElseThrow(
                  () ->
                      Failure.usage(
                          "--faults "
                              + name
                              + " (expected: kill, pause, partition, delay, disk, members, history)"));
      kinds.add(kind);
    }
    return kinds;
  }

  private static void requireBetween(String option, int value, int low, int high) {
    if (value < low || value > high) {
      throw Failure.usage(option + " " + value + " (expected: " + low + ".." + high + ")");
    }
  }

  private static void requireEmpty(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.list(directory)) {
      if (files.findAny().isPresent()) {
        throw Failure.usage(directory + " is not empty; chaos wants a directory of its own.");
      }
    }
  }
}
