package heartwood.tools.cluster;

import heartwood.tools.console.Failure;
import java.util.concurrent.ThreadLocalRandom;

/** A base whose ports are free, for the nodes of a test. Stateless. */
final class FreeBasePort {
  /** Below the ports that systems give to connections, so that none of those gets in between. */
  private static final int LOWEST = 10_000;

  private static final int HIGHEST = 30_000;

  private FreeBasePort() {}

  static int find(int nodeCount) {
    while (true) {
      int basePort = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
      try {
        ClusterFiles.requireFreePorts(nodeCount, basePort);
        return basePort;
      } catch (Failure taken) {
        // Another base.
      }
    }
  }
}
