package heartwood.raft.node;

import heartwood.raft.core.Input;
import heartwood.raft.log.LogException;
import heartwood.raft.log.LogStore;
import heartwood.raft.log.SnapshotStore;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.Member;
import heartwood.raft.message.Message.PullSnapshot;
import heartwood.raft.message.Message.SnapshotChunk;
import heartwood.raft.message.SnapshotId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pulls a snapshot, piece by piece, and installs it (Raft §7). Confined to the raft loop; the files
 * are touched on the snapshot thread.
 *
 * <p>A window of pieces is asked for ahead, and no more until those are stored: memory is bounded
 * by the window, whatever the disk does. A piece that is lost is asked for again when the leader
 * repeats its offer. What was begun is gone on with, over a new leader's own offer and over a
 * restart of either side, as long as it comes on.
 */
final class SnapshotPull {
  private static final Logger logger = LoggerFactory.getLogger(SnapshotPull.class);

  /** Without a piece for this long, it or the question was lost. */
  private static final int RETRY_TICKS = 100;

  /** Without a piece for this long, another offer is taken. */
  private static final int PATIENCE_TICKS = 1000;

  /** How often the others are told what is being pulled. */
  private static final int TELL_TICKS = 100;

  /** Pieces that are asked for and not stored. */
  private static final int WINDOW = 4;

  private final RaftNode node;
  private final SnapshotStore store;
  private final Transport transport;
  private final NodeExecutors executors;
  private final SnapshotWork work;
  private final int chunkBytes;

  private @Nullable SnapshotId pulled;

  /** Of its bytes: {@code stored <= arrived <= asked}, each without a gap. */
  private long storedBytes;

  private long arrivedBytes;
  private long askedBytes;

  /** What has overtaken a piece before it, by offset. */
  private final Map<Long, SnapshotChunk> ahead = new HashMap<>();

  /** What has arrived and is not stored. */
  private final ArrayDeque<SnapshotChunk> arrived = new ArrayDeque<>();

  private int ticksSincePiece = RETRY_TICKS;
  private int ticksSinceTold;
  private int ticksSinceBegun = RETRY_TICKS;
  private boolean isWorking;
  private boolean isInstalling;

  SnapshotPull(
      RaftNode node,
      SnapshotStore store,
      Transport transport,
      NodeExecutors executors,
      SnapshotWork work,
      NodeOptions options) {
    this.node = node;
    this.store = store;
    this.transport = transport;
    this.executors = executors;
    this.work = work;
    this.chunkBytes = options.snapshotChunkBytes();
    this.pulled = store.receiving();
  }

  void tick() {
    ticksSincePiece++;
    ticksSinceBegun++;
    SnapshotId snapshot = pulled;
    if (++ticksSinceTold >= TELL_TICKS && snapshot != null && comesOn(snapshot)) {
      ticksSinceTold = 0;
      tellAll(snapshot);
    }
  }

  /** Whoever leads by then: what follows the snapshot must be in its log. */
  private void tellAll(SnapshotId snapshot) {
    for (Member member : node.core().configuration().members()) {
      if (!member.id().equals(node.core().self())) {
        transport.send(member.id(), new PullSnapshot(0, snapshot, storedBytes, 0));
      }
    }
  }

  /** While the state is being replaced, entries would be appended to a log that is about to go. */
  boolean isInstalling() {
    return isInstalling;
  }

  /** The leader offers a snapshot, and says so again until it is not wanted any more. */
  void onOffered(SnapshotId offer) {
    SnapshotId present = pulled;
    if (!node.wantsSnapshot(offer.lastIncludedIndex())) {
      return;
    }
    if (present != null && comesOn(present)) {
      goOnWith(present, offer);
    } else if (!isWorking) {
      if (!offer.equals(present)) {
        logger.info("pulls snapshot {}", offer);
      }
      pulled = offer;
      ticksSincePiece = 0;
      begin(offer);
    }
  }

  private void goOnWith(SnapshotId present, SnapshotId offer) {
    if (!present.equals(offer)) {
      // The leader keeps the log behind it, or says that it is of no use any more.
      transport.send(offer.node(), new PullSnapshot(0, present, storedBytes, 0));
    }
    boolean isLate = ticksSincePiece >= RETRY_TICKS && ticksSinceBegun >= RETRY_TICKS;
    if (isLate && !isWorking && !isInstalling) {
      begin(present);
    }
  }

  /** Whether pieces of one arrive, or all have: if not, the next offer asks for them again. */
  boolean isComing() {
    return pulled != null && (isInstalling || isWorking || ticksSincePiece < RETRY_TICKS);
  }

  private boolean comesOn(SnapshotId snapshot) {
    boolean isAwaited = isInstalling || ticksSincePiece < PATIENCE_TICKS;
    return isAwaited && node.wantsSnapshot(snapshot.lastIncludedIndex());
  }

  /** Asks from where the store has it, be it from before a restart. */
  private void begin(SnapshotId snapshot) {
    ticksSinceBegun = 0;
    arrived.clear();
    ahead.clear();
    setBytes(0); // Nothing is asked for, and what another snapshot had is not this one's.
    work(
        () -> {
          long received = store.receivedBytes(snapshot);
          return () -> {
            if (received > 0) {
              logger.info("goes on with snapshot {} from byte {}", snapshot, received);
            }
            setBytes(received);
            goOn(snapshot);
          };
        });
  }

  private void setBytes(long stored) {
    storedBytes = stored;
    arrivedBytes = stored;
    askedBytes = stored;
  }

  private void goOn(SnapshotId snapshot) {
    if (!snapshot.equals(pulled)) {
      return; // Given up meanwhile.
    }
    if (storedBytes >= snapshot.byteCount()) {
      install(snapshot);
      return;
    }
    while (askedBytes < snapshot.byteCount()
        && askedBytes - storedBytes < (long) WINDOW * chunkBytes) {
      transport.send(snapshot.node(), new PullSnapshot(0, snapshot, askedBytes, chunkBytes));
      askedBytes = Math.min(snapshot.byteCount(), askedBytes + chunkBytes);
    }
    transport.flush();
  }

  void onChunk(SnapshotChunk chunk) {
    SnapshotId snapshot = chunk.snapshot();
    if (!snapshot.equals(pulled) || isInstalling) {
      return;
    }
    byte[] bytes = chunk.bytes();
    if (bytes == null) {
      logger.info("snapshot {} is no longer on offer", snapshot);
      giveUp();
      return;
    }
    // What is doubled or late is passed over: to ask again would double what is on its way.
    boolean isNext = chunk.offset() == arrivedBytes;
    boolean isAwaited = chunk.offset() >= arrivedBytes && chunk.offset() < askedBytes;
    if (!isAwaited || (!isNext && ahead.size() >= WINDOW)) {
      return;
    }
    ahead.put(chunk.offset(), chunk);
    for (SnapshotChunk next = ahead.remove(arrivedBytes);
        next != null;
        next = ahead.remove(arrivedBytes)) {
      ticksSincePiece = 0;
      arrivedBytes += Objects.requireNonNull(next.bytes()).length;
      arrived.addLast(next);
    }
    storeArrived(snapshot);
  }

  private void storeArrived(SnapshotId snapshot) {
    if (isWorking || isInstalling || arrived.isEmpty()) {
      return;
    }
    List<SnapshotChunk> pieces = new ArrayList<>(arrived);
    arrived.clear();
    work(
        () -> {
          for (SnapshotChunk piece : pieces) {
            store.receive(snapshot, piece.offset(), Objects.requireNonNull(piece.bytes()));
          }
          long received = store.receivedBytes(snapshot);
          return () -> {
            storedBytes = received;
            goOn(snapshot);
            storeArrived(snapshot);
          };
        });
  }

  private void giveUp() {
    pulled = null;
    arrived.clear();
    ahead.clear();
    work.run(store::discardReceived, () -> {});
  }

  private void install(SnapshotId snapshot) {
    if (!node.wantsSnapshot(snapshot.lastIncludedIndex())) {
      giveUp(); // The log came first.
      return;
    }
    isInstalling = true;
    executors
        .apply()
        .execute(
            () -> {
              try {
                Configuration configuration = store.install(snapshot);
                work.onLoop(() -> fitLog(snapshot, configuration));
              } catch (LogException.Corrupt refused) {
                work.onLoop(
                    () -> {
                      logger.warn("snapshot {} was not installed", snapshot, refused);
                      isInstalling = false;
                      giveUp();
                    });
              } catch (RuntimeException | VirtualMachineError | AssertionError failure) {
                work.onLoop(() -> node.fail(failure));
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
          work.onLoop(
              () -> {
                isInstalling = false;
                giveUp();
                if (!agrees) {
                  node.clearCache(index + 1);
                }
                logger.info("installed snapshot {}", snapshot);
                node.onSnapshotInstalled(new Input.SnapshotInstalled(snapshot, configuration));
              });
        });
  }

  /** Works on the snapshot thread, and then goes on here with what it returns. */
  private void work(Supplier<Runnable> task) {
    isWorking = true;
    work.run(
        () -> {
          Runnable then = task.get();
          work.onLoop(
              () -> {
                isWorking = false;
                then.run();
              });
        },
        () -> {
          isWorking = false;
          pulled = null; // What was received stays: the next offer goes on from there.
        });
  }
}
