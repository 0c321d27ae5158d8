package heartwood.tests.simulation;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * One of a node's threads: runs its tasks one at a time and in order, each after a while. Stands
 * still while the process is paused and for ever once it is dead. Confined to the simulation.
 */
final class SimExecutor implements Executor {
  private final SimNode node;
  private final int incarnation;
  private final EventQueue events;
  private final LongSupplier delayMicros;
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private boolean isScheduled;

  SimExecutor(SimNode node, int incarnation, EventQueue events, LongSupplier delayMicros) {
    this.node = node;
    this.incarnation = incarnation;
    this.events = events;
    this.delayMicros = delayMicros;
  }

  @Override
  public void execute(Runnable task) {
    tasks.addLast(task);
    if (!isScheduled) {
      isScheduled = true;
      events.schedule(delayMicros.getAsLong(), this::runNext);
    }
  }

  /** Runs a task at once when nothing is before it: spares an event. */
  void executeNow(Runnable task) {
    if (isScheduled || node.isPaused()) {
      execute(task);
    } else if (node.isIncarnation(incarnation)) {
      node.run(task);
    }
  }

  private void runNext() {
    isScheduled = false;
    if (!node.isIncarnation(incarnation)) {
      tasks.clear();
      return;
    }
    if (node.isPaused()) {
      isScheduled = true;
      events.schedule(node.pauseLeftMicros(), this::runNext);
      return;
    }
    Runnable task = tasks.removeFirst();
    if (!tasks.isEmpty()) {
      isScheduled = true;
      events.schedule(delayMicros.getAsLong(), this::runNext);
    }
    node.run(task);
  }
}
