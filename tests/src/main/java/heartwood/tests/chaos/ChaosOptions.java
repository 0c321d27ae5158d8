package heartwood.tests.chaos;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * What a run is asked for. Immutable.
 *
 * @param directory of the run's own, empty or not there yet
 */
record ChaosOptions(
    Path directory,
    Duration duration,
    Set<FaultKind> faults,
    int nodeCount,
    int clientCount,
    long seed) {

  ChaosOptions {
    faults = Set.copyOf(faults);
  }

  Path historyFile() {
    return directory.resolve("history.txt");
  }

  Path reportFile() {
    return directory.resolve("report.txt");
  }

  Path timelineFile() {
    return directory.resolve("timeline.svg");
  }
}
