package heartwood.tests.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Keeps the nodes from logging while they are simulated: they die by the thousand, and the trace
 * tells it better. Until closed.
 */
final class QuietNodes implements AutoCloseable {
  private final Logger logger = (Logger) LoggerFactory.getLogger("heartwood.raft.node");
  private final @Nullable Level before = logger.getLevel();

  QuietNodes() {
    logger.setLevel(Level.OFF);
  }

  @Override
  public void close() {
    logger.setLevel(before);
  }
}
