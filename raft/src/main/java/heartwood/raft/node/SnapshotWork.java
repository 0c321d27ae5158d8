package heartwood.raft.node;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what touches the files of snapshots, on their thread. What goes wrong there is tried again
 * by who asked for it, and stops the node only when it is the process that is ill. Confined to the
 * raft loop.
 */
final class SnapshotWork {
  private static final Logger logger = LoggerFactory.getLogger(SnapshotWork.class);

  private final RaftNode node;
  private final NodeExecutors executors;
  private String lastComplaint = "";

  SnapshotWork(RaftNode node, NodeExecutors executors) {
    this.node = node;
    this.executors = executors;
  }

  /**
   * @param onFailure runs on the loop
   */
  void run(Runnable task, Runnable onFailure) {
    executors
        .snapshot()
        .execute(
            () -> {
              try {
                task.run();
              } catch (RuntimeException failure) {
                onLoop(() -> complain(failure));
                onLoop(onFailure);
              } catch (VirtualMachineError | AssertionError failure) {
                onLoop(() -> node.fail(failure));
              }
            });
  }

  void onLoop(Runnable task) {
    executors.loop().execute(task);
  }

  /** What fails for one reason again and again is told once, until it has succeeded. */
  private void complain(RuntimeException failure) {
    if (!failure.toString().equals(lastComplaint)) {
      lastComplaint = failure.toString();
      logger.warn("snapshot work failed", failure);
    }
  }

  void onSuccess() {
    lastComplaint = "";
  }
}
