package heartwood.raft.node;

import heartwood.raft.core.Input;
import heartwood.raft.log.LogException;
import heartwood.raft.log.LogStore;
import heartwood.raft.log.SnapshotStore;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.Message;
import heartwood.raft.message.Message.AppendEntries;
import heartwood.raft.message.Message.InstallSnapshot;
import heartwood.raft.message.Message.PullSnapshot;
import heartwood.raft.message.Message.SnapshotChunk;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves snapshots: stages one and serves it, or pulls one, piece by piece, and installs it (Raft
 * §7). Confined to the raft loop; the files are touched on the snapshot thread.
 *
 * <p>The follower asks for each piece, so it is never flooded, and a piece that is lost is asked
 * for again when the leader repeats its offer. A node serves what it staged whether it still leads
 * or not.
 */
final class SnapshotTransfer {
  private static final Logger logger = LoggerFactory.getLogger(SnapshotTransfer.class);

  /** Without an answer for this long, the piece or the answer was lost. */
  private static final int RETRY_TICKS = 50;

  /** An offer that nobody has pulled for this long holds the log no more. */
  private static final int HOLD_TICKS = 1000;

  private final RaftNode node;
  private final SnapshotStore store;
  private final Transport transport;
  private final NodeExecutors executors;
  private final NodeOptions options;

  /** What is on offer here; the log is kept from there on. */
  private @Nullable SnapshotId offered;

  private int ticksSinceServed;
  private String lastComplaint = "";
  private @Nullable SnapshotId pulled;
  private int ticksSincePull;
  private boolean isWorking;
  private boolean isInstalling;

  SnapshotTransfer(
      RaftNode node,
      SnapshotStore store,
      Transport transport,
      NodeExecutors executors,
      NodeOptions options) {
    this.node = node;
    this.store = store;
    this.transport = transport;
    this.executors = executors;
    this.options = options;
  }

  void tick() {
    ticksSincePull++;
    ticksSinceServed++;
  }

  /** The log must be kept behind this index for those who pull. */
  long keepAfterIndex() {
    SnapshotId snapshot = offered;
    return snapshot == null || ticksSinceServed >= HOLD_TICKS
        ? Long.MAX_VALUE
        : snapshot.lastIncludedIndex();
  }

  void stage() {
    offered = null;
    onSnapshotThread(
        () -> {
          SnapshotId snapshot = store.stage();
          loop()
              .execute(
                  () -> {
                    offered = snapshot;
                    ticksSinceServed = 0;
                    logger.info("staged snapshot {}", snapshot);
                    lastComplaint = "";
                    node.step(new Input.SnapshotStaged(snapshot));
                  });
        },
        () -> node.step(new Input.SnapshotNotStaged()));
  }

  /** Takes the messages that move snapshots; false for those that are the core's. */
  boolean receive(NodeId from, Message message) {
    if (message instanceof PullSnapshot pull) {
      onPull(from, pull);
      return true;
    }
    if (message instanceof SnapshotChunk chunk) {
      onChunk(chunk);
      return true;
    }
    // While the state is being replaced, entries would be appended to a log that is about to go.
    return isInstalling && (message instanceof AppendEntries || message instanceof InstallSnapshot);
  }

  private void onPull(NodeId from, PullSnapshot pull) {
    if (pull.snapshot().equals(offered)) {
      ticksSinceServed = 0;
    }
    onSnapshotThread(
        () -> {
          byte[] bytes = store.read(pull.snapshot(), pull.offset(), options.snapshotChunkBytes());
          SnapshotChunk chunk = new SnapshotChunk(0, pull.snapshot(), pull.offset(), bytes);
          loop().execute(() -> send(from, chunk));
        },
        () -> {});
  }

  private void send(NodeId to, Message message) {
    transport.send(to, message);
    transport.flush();
  }

  void pull(SnapshotId snapshot) {
    boolean isUnderWay = snapshot.equals(pulled) && ticksSincePull < RETRY_TICKS;
    if (isWorking || isInstalling || isUnderWay) {
      return;
    }
    if (!snapshot.equals(pulled)) {
      logger.info("pulls snapshot {}", snapshot);
    }
    pulled = snapshot;
    work(() -> askFrom(snapshot, store.receivedBytes(snapshot)));
  }

  private void onChunk(SnapshotChunk chunk) {
    SnapshotId snapshot = chunk.snapshot();
    if (!snapshot.equals(pulled) || isWorking || isInstalling) {
      return;
    }
    byte[] bytes = chunk.bytes();
    if (bytes == null) {
      logger.info("snapshot {} is no longer on offer", snapshot);
      pulled = null;
      return;
    }
    work(
        () -> {
          if (chunk.offset() != store.receivedBytes(snapshot)) {
            return; // Doubled or late: to ask again for each would double what is on its way.
          }
          store.receive(snapshot, chunk.offset(), bytes);
          long received = store.receivedBytes(snapshot);
          if (received >= snapshot.byteCount()) {
            loop().execute(() -> install(snapshot));
          } else {
            askFrom(snapshot, received);
          }
        });
  }

  /** On the snapshot thread. */
  private void askFrom(SnapshotId snapshot, long offset) {
    loop()
        .execute(
            () -> {
              ticksSincePull = 0;
              send(snapshot.node(), new PullSnapshot(0, snapshot, offset));
            });
  }

  private void install(SnapshotId snapshot) {
    if (snapshot.lastIncludedIndex() <= node.core().commitIndex()) {
      pulled = null; // The log came first.
      return;
    }
    isInstalling = true;
    executors
        .apply()
        .execute(
            () -> {
              try {
                Configuration configuration = store.install(snapshot);
                loop().execute(() -> fitLog(snapshot, configuration));
              } catch (LogException.Corrupt refused) {
                loop()
                    .execute(
                        () -> {
                          logger.warn("snapshot {} was not installed", snapshot, refused);
                          isInstalling = false;
                          pulled = null;
                        });
              } catch (RuntimeException | VirtualMachineError | AssertionError failure) {
                loop().execute(() -> node.fail(failure));
              }
            });
  }

  /** The state is new: the log is kept behind it if it agrees, else begun anew. */
  private void fitLog(SnapshotId snapshot, Configuration configuration) {
    node.afterWrites(
        () -> {
          LogStore log = node.log();
          long index = snapshot.lastIncludedIndex();
          boolean agrees =
              index < log.baseIndex() // The log went on meanwhile: there is nothing to fit.
                  || (index <= log.lastIndex() && log.termAt(index) == snapshot.lastIncludedTerm());
          if (agrees) {
            log.compact(index);
          } else {
            log.reset(index, snapshot.lastIncludedTerm());
          }
          loop()
              .execute(
                  () -> {
                    isInstalling = false;
                    pulled = null;
                    if (!agrees) {
                      node.clearCache(index + 1);
                    }
                    logger.info("installed snapshot {}", snapshot);
                    node.step(new Input.SnapshotInstalled(snapshot, configuration));
                  });
        });
  }

  private void work(Runnable task) {
    isWorking = true;
    onSnapshotThread(
        () -> {
          task.run();
          loop().execute(() -> isWorking = false);
        },
        () -> {
          isWorking = false;
          pulled = null;
        });
  }

  private void onSnapshotThread(Runnable task, Runnable onFailure) {
    executors
        .snapshot()
        .execute(
            () -> {
              try {
                task.run();
              } catch (RuntimeException failure) {
                loop().execute(() -> complain(failure));
                loop().execute(onFailure);
              } catch (VirtualMachineError | AssertionError failure) {
                loop().execute(() -> node.fail(failure));
              }
            });
  }

  private Executor loop() {
    return executors.loop();
  }

  /** What fails for one reason again and again is told once, until it has succeeded. */
  private void complain(RuntimeException failure) {
    if (!failure.toString().equals(lastComplaint)) {
      lastComplaint = failure.toString();
      logger.warn("snapshot work failed", failure);
    }
  }
}
