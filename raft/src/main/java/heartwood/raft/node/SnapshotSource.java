package heartwood.raft.node;

import heartwood.raft.core.Input;
import heartwood.raft.log.SnapshotStore;
import heartwood.raft.message.Message.PullSnapshot;
import heartwood.raft.message.Message.SnapshotChunk;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stages a snapshot and serves its pieces to those who ask for them (Raft §7), no faster than it
 * may, whether this node still leads or not, and after it came back too. Confined to the raft loop;
 * the files are touched on the snapshot thread.
 *
 * <p>While a follower pulls, the log is kept from the snapshot on, or what follows the snapshot
 * would be missing.
 */
final class SnapshotSource {
  private static final Logger logger = LoggerFactory.getLogger(SnapshotSource.class);

  /** A snapshot that nobody has pulled for this long holds the log no more. */
  private static final int HOLD_TICKS = 1000;

  /** A snapshot that nobody has pulled for this long makes room. */
  private static final int IDLE_TICKS = 60_000;

  /** How long a staging waits for a state that is durable as of now. */
  private static final int FRESH_TICKS = 500;

  private static final int ASK_AGAIN_TICKS = 100;

  /** More than the windows of all followers that a cluster may have. */
  private static final int MAX_WANTED = 64;

  private final RaftNode node;
  private final SnapshotStore store;
  private final StateMachine stateMachine;
  private final Transport transport;
  private final SnapshotWork work;
  private final int chunkBytes;
  private final long bytesPerTick;

  /** What is on offer here. */
  private @Nullable SnapshotId offered;

  private int ticksSinceServed;

  /** From when it is asked for until it is on offer, or is not. */
  private boolean isStaging;

  /** The index that what is to be staged should reach; 0: nothing is to be staged. */
  private long freshIndex;

  private int freshTicks;

  /** What a follower pulls from another node: this one may lead before it is through. */
  private @Nullable SnapshotId elsewhere;

  private int ticksSinceElsewhere;

  /** Pieces that wait until they may leave. */
  private final ArrayDeque<Wanted> wanted = new ArrayDeque<>();

  private record Wanted(NodeId by, PullSnapshot piece) {}

  /** What may leave now; below 0 when a piece was larger than what was left. */
  private long budgetBytes;

  SnapshotSource(
      RaftNode node,
      SnapshotStore store,
      StateMachine stateMachine,
      Transport transport,
      SnapshotWork work,
      NodeOptions options) {
    this.node = node;
    this.store = store;
    this.stateMachine = stateMachine;
    this.transport = transport;
    this.work = work;
    this.chunkBytes = options.snapshotChunkBytes();
    this.bytesPerTick = options.snapshotBytesPerTick();
    this.budgetBytes = bytesPerTick;
  }

  /** What was on offer before this process began is offered again, if it is sound and of use. */
  void start() {
    SnapshotId found = store.offered();
    if (found == null) {
      return;
    }
    boolean isOfUse = found.lastIncludedIndex() >= node.core().baseIndex();
    isStaging = isOfUse;
    work.run(
        () -> {
          if (!isOfUse) {
            store.withdraw();
          } else if (store.checkOffered()) {
            work.onLoop(() -> onStaged(found));
          } else {
            logger.warn("snapshot {} is damaged and not on offer any more", found);
            work.onLoop(this::onNotStaged);
          }
        },
        this::onNotStaged);
  }

  /** Whoever leads by now may have asked meanwhile, and asks again. */
  private void onNotStaged() {
    isStaging = false;
    node.step(new Input.SnapshotNotStaged());
  }

  void tick() {
    ticksSinceServed++;
    ticksSinceElsewhere++;
    freshTicks++;
    if (offered != null && ticksSinceServed >= IDLE_TICKS && !isStaging) {
      offered = null;
      work.run(store::withdraw, () -> {});
      node.step(new Input.SnapshotNotStaged());
    }
    maybeStage();
    budgetBytes = Math.min(bytesPerTick, budgetBytes + bytesPerTick);
    serve();
  }

  /** The log must be kept behind this index for those who pull. */
  long keepAfterIndex() {
    return Math.min(
        keepAfterIndex(offered, ticksSinceServed), keepAfterIndex(elsewhere, ticksSinceElsewhere));
  }

  private static long keepAfterIndex(@Nullable SnapshotId snapshot, int idleTicks) {
    return snapshot == null || idleTicks >= HOLD_TICKS
        ? Long.MAX_VALUE
        : snapshot.lastIncludedIndex();
  }

  /**
   * Stages the state as it is durable, but not one much older than now if that can be helped:
   * behind an old one much of the log must be kept, on every node that may come to lead.
   */
  void stage() {
    if (isStaging) {
      return; // Of an earlier leadership: what comes of it is as good.
    }
    isStaging = true;
    freshIndex = Math.max(1, stateMachine.digests().lastIndex());
    freshTicks = 0;
    maybeStage();
  }

  private void maybeStage() {
    boolean isFresh = stateMachine.durableIndex() >= freshIndex;
    if (freshIndex > 0 && !isFresh && freshTicks % ASK_AGAIN_TICKS == 0) {
      stateMachine.requestDurable(); // What was sealed at once may have been of an earlier entry.
    }
    if (freshIndex == 0 || (!isFresh && freshTicks < FRESH_TICKS)) {
      return;
    }
    freshIndex = 0;
    offered = null;
    work.run(
        () -> {
          SnapshotId snapshot = store.stage();
          work.onLoop(() -> onStaged(snapshot));
        },
        this::onNotStaged);
  }

  private void onStaged(SnapshotId snapshot) {
    isStaging = false;
    offered = snapshot;
    ticksSinceServed = 0;
    work.onSuccess();
    logger.info("staged snapshot {}", snapshot);
    node.step(new Input.SnapshotStaged(snapshot));
  }

  void onPull(NodeId from, PullSnapshot pull) {
    if (!pull.snapshot().node().equals(node.core().self())) {
      onPullElsewhere(from, pull);
      return;
    }
    if (pull.snapshot().equals(offered)) {
      ticksSinceServed = 0;
    }
    if (pull.maxBytes() <= 0) {
      return; // It says only that it is still at it.
    }
    Wanted piece = new Wanted(from, pull);
    if (wanted.size() < MAX_WANTED && !wanted.contains(piece)) {
      wanted.addLast(piece);
      serve();
    }
  }

  /** Another node's snapshot is as good as one of this node, if the log goes on behind it. */
  private void onPullElsewhere(NodeId from, PullSnapshot pull) {
    if (pull.snapshot().lastIncludedIndex() >= node.core().baseIndex()) {
      elsewhere = pull.snapshot();
      ticksSinceElsewhere = 0;
    } else if (node.isLeader()) {
      send(from, new SnapshotChunk(0, pull.snapshot(), pull.offset(), null));
    }
  }

  private void serve() {
    while (!wanted.isEmpty() && (bytesPerTick == 0 || budgetBytes > 0)) {
      Wanted next = wanted.removeFirst();
      int maxBytes = Math.min(next.piece().maxBytes(), chunkBytes);
      budgetBytes -= maxBytes;
      work.run(() -> read(next, maxBytes), () -> {});
    }
  }

  /** On the snapshot thread. */
  private void read(Wanted next, int maxBytes) {
    SnapshotId snapshot = next.piece().snapshot();
    long offset = next.piece().offset();
    SnapshotChunk chunk =
        new SnapshotChunk(0, snapshot, offset, store.read(snapshot, offset, maxBytes));
    work.onLoop(() -> send(next.by(), chunk));
  }

  private void send(NodeId to, SnapshotChunk chunk) {
    transport.send(to, chunk);
    transport.flush();
  }
}
