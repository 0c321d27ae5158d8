package heartwood.tests.process;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A cluster for each test. A test that fails shows the nodes' logs. */
public final class RunningCluster implements BeforeEachCallback, AfterEachCallback {
  private final int nodeCount;
  private final String[] flags;
  private @Nullable ClusterRig rig;

  /** A cluster of so many nodes, each with these flags of the server. */
  public RunningCluster(int nodeCount, String... flags) {
    this.nodeCount = nodeCount;
    this.flags = flags;
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    rig = ClusterRig.start(nodeCount, flags);
  }

  /** The cluster of the test that runs. */
  public ClusterRig rig() {
    return Objects.requireNonNull(rig);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    boolean hasPassed = context.getExecutionException().isEmpty();
    try (ClusterRig closing = rig()) {
      if (!hasPassed) {
        System.err.println(context.getDisplayName() + "\n" + closing.describe());
      } else {
        closing.requireHealthy();
      }
    }
  }
}
