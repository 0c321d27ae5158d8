package heartwood.raft.node;

import heartwood.raft.core.Effect.Persist;
import heartwood.raft.core.Input;
import heartwood.raft.log.HardState;
import heartwood.raft.log.LogBatch;
import heartwood.raft.log.LogException;
import heartwood.raft.log.LogStore;
import heartwood.raft.message.LogEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what the core hands out, and sends what depends on it once it is durable. Confined to the
 * raft loop; the log is written on the log thread.
 *
 * <pre>
 *   Persist ──► waits ──► one LogBatch ──► LogStore.write ──► its messages leave,
 *                 ▲                          (log thread)     Input.Persisted
 *                 └── all that is handed out meanwhile
 * </pre>
 *
 * <p>One write is under way at a time. What is handed out meanwhile waits and goes together as the
 * next one, so the slower the disk, the larger the writes.
 */
final class LogWriter {
  private static final Logger logger = LoggerFactory.getLogger(LogWriter.class);

  private final RaftNode node;
  private final LogStore log;
  private final Transport transport;
  private final NodeExecutors executors;
  private final DiskWatch disk;

  /** Persists that wait for the write under way. */
  private final ArrayDeque<Persist> waiting = new ArrayDeque<>();

  /** Sequence of the last persist that the core handed out, and of the last one written. */
  private long handedOutSequence;

  private long writtenSequence;

  /** Work for the log thread that must not overtake the persists before it, such as a reset. */
  private final ArrayDeque<AfterWrites> afterWrites = new ArrayDeque<>();

  private record AfterWrites(long sequence, Runnable work) {}

  /**
   * @param maxWriteTicks a write that lasts for so long says that the disk has stalled
   */
  LogWriter(
      RaftNode node,
      LogStore log,
      Transport transport,
      NodeExecutors executors,
      int maxWriteTicks) {
    this.node = node;
    this.log = log;
    this.transport = transport;
    this.executors = executors;
    this.disk = new DiskWatch(maxWriteTicks);
  }

  /** Whether anything waits for the write that is under way. */
  boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  /** For how long the disk has kept a write that it should have done by now; 0: it has not. */
  int stalledTicks() {
    return disk.stalledTicks();
  }

  /** A unit of time has passed. */
  void tick() {
    boolean wasStalled = disk.isStalled();
    disk.tick();
    if (disk.isStalled() && !wasStalled) {
      logger.warn(
          "{}'s disk has not done a write to the log in {} ticks",
          node.core().self(),
          disk.stalledTicks());
      node.step(new Input.DiskStalled(true));
    }
  }

  void persist(Persist persist) {
    waiting.addLast(persist);
    handedOutSequence = persist.sequence();
    maybeWrite();
  }

  /**
   * Runs work on the log thread once every persist handed out so far is durable, and before those
   * to come: a busy log must not put it off for ever.
   */
  void afterWrites(Runnable work) {
    afterWrites.addLast(new AfterWrites(handedOutSequence, work));
    maybeWrite();
  }

  private void maybeWrite() {
    if (disk.isBusy() || node.hasFailed()) {
      return;
    }
    AfterWrites first = afterWrites.peekFirst();
    if (first != null && first.sequence() <= writtenSequence) {
      afterWrites.removeFirst();
      run(first.work(), this::maybeWrite, node::fail);
      return;
    }
    if (waiting.isEmpty()) {
      return;
    }
    List<Persist> batch = new ArrayList<>(waiting);
    waiting.clear();
    LogBatch write = join(batch);
    if (write == null) {
      onDurable(batch);
    } else {
      run(() -> log.write(write), () -> onDurable(batch), node::onDiskFailure);
    }
  }

  /**
   * @param then on the loop, unless the task fails: the disk stays busy then, and nothing more is
   *     written or said
   * @param onDiskFailure on the loop, when the log could not do what was asked
   */
  private void run(Runnable task, Runnable then, Consumer<LogException> onDiskFailure) {
    disk.begin();
    executors
        .log()
        .execute(
            () -> {
              try {
                task.run();
              } catch (LogException failure) {
                executors.loop().execute(() -> onDiskFailure.accept(failure));
                return;
              } catch (RuntimeException | VirtualMachineError | AssertionError failure) {
                executors.loop().execute(() -> node.fail(failure));
                return;
              }
              executors
                  .loop()
                  .execute(
                      () -> {
                        onDone();
                        then.run();
                      });
            });
  }

  private void onDone() {
    int stalledTicks = disk.stalledTicks();
    disk.end();
    if (stalledTicks > 0) {
      logger.info("{}'s disk has done the write, after {} ticks", node.core().self(), stalledTicks);
      node.step(new Input.DiskStalled(false));
    }
  }

  private void onDurable(List<Persist> batch) {
    for (Persist persist : batch) {
      persist.messages().forEach(send -> transport.send(send.to(), send.message()));
    }
    writtenSequence = batch.get(batch.size() - 1).sequence();
    node.onPersisted(writtenSequence);
    maybeWrite();
  }

  /** Several persists as one write; null when there is nothing to write but order to keep. */
  private static @Nullable LogBatch join(List<Persist> batch) {
    List<LogEntry> entries = new ArrayList<>();
    boolean hardStateChanged = false;
    for (Persist persist : batch) {
      hardStateChanged |= persist.hardStateChanged();
      if (!persist.entries().isEmpty()) {
        long fromIndex = persist.entries().get(0).index();
        while (!entries.isEmpty() && entries.get(entries.size() - 1).index() >= fromIndex) {
          entries.remove(entries.size() - 1);
        }
        entries.addAll(persist.entries());
      }
    }
    if (entries.isEmpty() && !hardStateChanged) {
      return null;
    }
    Persist last = batch.get(batch.size() - 1);
    return new LogBatch(
        entries, new HardState(last.currentTerm(), last.votedFor(), last.commitIndex()));
  }
}
