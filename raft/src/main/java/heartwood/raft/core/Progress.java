package heartwood.raft.core;

import heartwood.raft.message.SnapshotId;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One follower as its leader sees it. Confined to the core.
 *
 * <pre>
 *              accepted                      log no longer reaches it
 *   PROBE ────────────────► REPLICATE     PROBE, REPLICATE ───────────► SNAPSHOT
 *     ▲   rejected, silent,    │                                           │
 *     └────── unreachable ─────┴────────────── snapshot installed ─────────┘
 * </pre>
 *
 * PROBE sends one empty AppendEntries at a time to find where the logs agree. REPLICATE sends
 * without waiting, within a window of bytes that doubles while it is what limits, and starts small
 * again after a loss.
 *
 * <p>Invariant: {@code matchIndex < nextIndex}.
 */
final class Progress {
  enum State {
    PROBE,
    REPLICATE,
    SNAPSHOT
  }

  static final int INITIAL_WINDOW_BYTES = 512 * 1024;
  private static final int NEVER = Integer.MAX_VALUE / 2;
  private static final long NOT_WANTED = -1;

  private final int maxWindowBytes;

  private State state = State.PROBE;

  /** Highest index known to be durable on the follower and equal to ours; 0 at first. */
  private long matchIndex;

  /** Index of the next entry to send. */
  private long nextIndex;

  private int windowBytes = INITIAL_WINDOW_BYTES;
  private long inflightBytes;

  /** The unanswered messages, oldest first: last index and bytes of each. */
  private final ArrayDeque<long[]> inflight = new ArrayDeque<>();

  /** A probe is out; another goes when it is answered, or with the next sign of life. */
  private boolean probing;

  /** Ticks since the follower last accepted, rejected, or had nothing to accept. */
  private int silentTicks;

  /** Whether anything was heard since the last check of the quorum. */
  private boolean recentlyActive;

  /** Ticks since anything was heard; nothing was in this leadership when it is new. */
  private int unheardTicks = NEVER;

  /** The snapshot that this follower was last offered, while in SNAPSHOT. */
  private @Nullable SnapshotId offered;

  private int ticksSinceOffer;

  /** It asked for a snapshot of this index or a later one, and was offered none since. */
  private long wantedIndex = NOT_WANTED;

  private int ticksSinceWanted;

  /** The commit index that it was told last, and the one that it surely knows. */
  private long commitTold;

  private long commitKnown;

  /** Up to where it is to come in this round of catching up, and how long that has taken. */
  private long roundTarget;

  private int roundTicks;
  private boolean hasCaughtUp;
  private int leavingTicks;

  Progress(long nextIndex, int maxWindowBytes) {
    this.nextIndex = nextIndex;
    this.maxWindowBytes = maxWindowBytes;
  }

  State state() {
    return state;
  }

  long matchIndex() {
    return matchIndex;
  }

  long nextIndex() {
    return nextIndex;
  }

  void becomeProbe() {
    state = State.PROBE;
    nextIndex = matchIndex + 1;
    probing = false;
    offered = null;
    windowBytes = INITIAL_WINDOW_BYTES;
    clearInflight();
  }

  void becomeReplicate() {
    state = State.REPLICATE;
    probing = false;
    offered = null;
    clearInflight();
  }

  void becomeSnapshot() {
    state = State.SNAPSHOT;
    probing = false;
    offered = null;
    clearInflight();
  }

  boolean canProbe() {
    return state == State.PROBE && !probing;
  }

  void onProbeSent() {
    probing = true;
  }

  boolean hasRoom() {
    return state == State.REPLICATE && inflightBytes < windowBytes;
  }

  void onEntriesSent(long toIndex, long bytes) {
    nextIndex = toIndex + 1;
    inflight.addLast(new long[] {toIndex, bytes});
    inflightBytes += bytes;
  }

  /** Takes note of a match; true when it is news. */
  boolean maybeUpdate(long index) {
    silentTicks = 0;
    probing = false;
    boolean limited = inflightBytes >= windowBytes;
    while (!inflight.isEmpty() && inflight.getFirst()[0] <= index) {
      inflightBytes -= inflight.removeFirst()[1];
    }
    if (limited && windowBytes < maxWindowBytes) {
      windowBytes = Math.min(windowBytes * 2, maxWindowBytes);
    }
    nextIndex = Math.max(nextIndex, index + 1);
    if (index <= matchIndex) {
      return false;
    }
    matchIndex = index;
    return true;
  }

  /**
   * Takes note of a rejection and steps back; false when it answers something older than what is
   * known now.
   */
  boolean maybeStepBack(long rejectedPrevIndex, long agreedAtMost) {
    silentTicks = 0;
    boolean stale =
        rejectedPrevIndex <= matchIndex
            || (state == State.PROBE && rejectedPrevIndex != nextIndex - 1)
            || state == State.SNAPSHOT;
    if (stale) {
      return false;
    }
    becomeProbe();
    nextIndex = Math.max(matchIndex + 1, Math.min(rejectedPrevIndex, agreedAtMost + 1));
    return true;
  }

  /** A sign of life without news: an unanswered probe may have been lost. */
  void onHeartbeatReply() {
    onActive();
    commitKnown = commitTold;
    probing = false;
  }

  void onCommitTold(long index) {
    commitTold = index;
  }

  /**
   * Called each tick while it joins: whether it has come in one election timeout to where the log
   * ended before, and so would not hold up a commit for longer (thesis §4.2.1, rounds).
   */
  boolean catchesUp(long lastIndex, int electionTimeoutTicks) {
    roundTicks++;
    if (matchIndex >= roundTarget) {
      hasCaughtUp = roundTarget > 0 && roundTicks <= electionTimeoutTicks;
      roundTarget = lastIndex;
      roundTicks = 0;
    }
    return hasCaughtUp && roundTicks <= electionTimeoutTicks && isHeardWithin(electionTimeoutTicks);
  }

  /** It is a member again, before it was forgotten: what was known of its speed is old. */
  void maybeRejoin() {
    if (leavingTicks > 0) {
      leavingTicks = 0;
      hasCaughtUp = false;
      roundTarget = 0;
    }
  }

  /**
   * Called each tick once it is no member any more: whether it knows so, or has had time enough.
   */
  boolean hasLeft(long configurationIndex, int patienceTicks) {
    leavingTicks++;
    return commitKnown >= configurationIndex || leavingTicks > patienceTicks;
  }

  void onActive() {
    recentlyActive = true;
    unheardTicks = 0;
  }

  /** The leadership is new: a silent peer is not held against it before the first check. */
  void onElected() {
    recentlyActive = true;
  }

  boolean isHeardWithin(int ticks) {
    return unheardTicks <= ticks;
  }

  boolean takeRecentlyActive() {
    boolean active = recentlyActive;
    recentlyActive = false;
    return active;
  }

  /** Counts a tick; goes back to probing when sent entries stay unanswered for too long. */
  void onTick(int silenceLimitTicks) {
    ticksSinceOffer++;
    if (++ticksSinceWanted > 2 * silenceLimitTicks) {
      wantedIndex = NOT_WANTED; // Who still wants one asks again and again.
    }
    unheardTicks = Math.min(unheardTicks + 1, NEVER);
    if (state != State.REPLICATE || inflight.isEmpty()) {
      silentTicks = 0;
      return;
    }
    silentTicks++;
    if (silentTicks >= silenceLimitTicks) {
      silentTicks = 0;
      becomeProbe();
    }
  }

  /** It cannot come to the state by its log, though the log reaches it. */
  void onSnapshotWanted(long fromIndex) {
    wantedIndex = fromIndex;
    ticksSinceWanted = 0;
  }

  /** Whether only a snapshot helps it. */
  boolean needsSnapshot() {
    return state == State.SNAPSHOT || wantedIndex != NOT_WANTED;
  }

  /** Whether a snapshot does help it, if it needs one and the log goes on behind that. */
  boolean isServedBy(SnapshotId snapshot) {
    return snapshot.lastIncludedIndex() >= wantedIndex;
  }

  /** Whether to offer a snapshot: asked for, never offered, another one, or long ago. */
  boolean wantsOffer(SnapshotId snapshot, int offerAgainTicks) {
    return wantedIndex != NOT_WANTED
        || !snapshot.equals(offered)
        || ticksSinceOffer >= offerAgainTicks;
  }

  void onOffered(SnapshotId snapshot) {
    offered = snapshot;
    ticksSinceOffer = 0;
    wantedIndex = NOT_WANTED;
  }

  private void clearInflight() {
    inflight.clear();
    inflightBytes = 0;
    silentTicks = 0;
  }

  String describe() {
    return state
        + " match="
        + matchIndex
        + " next="
        + nextIndex
        + " inflightBytes="
        + inflightBytes;
  }
}
