package heartwood.raft.core;

import java.util.ArrayDeque;

/**
 * Reads of a follower that are to be linearizable: it asks its leader for a read index, and answers
 * once it has applied so much (thesis §6.4). Confined to the core.
 *
 * <p>One question is out at a time; the reads that come meanwhile share the next. A question may be
 * sent twice: whichever answer comes, the leader was confirmed after the first was sent, and so
 * after every read that it is for had come. A number is never used for another question, not by a
 * later process of the same node either: it begins anywhere in 64 bits. An answer that is late
 * belongs to nobody then.
 *
 * <p>Whoever follows another leader, or none, forgets all of it: {@link #fail}.
 */
final class FollowerReads {
  /** Number of the question that is out, or that was out last. */
  private long requestId;

  /** Highest read id that the question is for; 0: none is out. */
  private long askedReadId;

  /** Highest id that waits for the next question; 0: none. */
  private long waitingReadId;

  private int ticksSinceAsked;

  /** Ticks since a read was last ready, while any waits. */
  private int waitedTicks;

  /** Reads that wait for entries: highest id, and the index to be applied; both ascend. */
  private final ArrayDeque<long[]> confirmed = new ArrayDeque<>();

  /**
   * @param firstRequestId by chance
   */
  FollowerReads(long firstRequestId) {
    requestId = firstRequestId;
  }

  void add(long readId) {
    waitingReadId = readId;
  }

  boolean canAsk() {
    return askedReadId == 0 && waitingReadId > 0;
  }

  /** Asks for all that wait; returns the number of the question. */
  long ask() {
    requestId++;
    askedReadId = waitingReadId;
    waitingReadId = 0;
    ticksSinceAsked = 0;
    return requestId;
  }

  /** The leader's answer; of no account if it is to another question. */
  void confirm(long answeredId, long index) {
    if (isOut(answeredId)) {
      confirmed.addLast(new long[] {askedReadId, index});
      askedReadId = 0;
    }
  }

  boolean isOut(long askedId) {
    return askedReadId > 0 && askedId == requestId;
  }

  /** A tick has passed; whether the question, so long unanswered, is to be sent once more. */
  boolean tick(int askAgainTicks) {
    waitedTicks = hasReads() ? waitedTicks + 1 : 0;
    if (askedReadId == 0 || ++ticksSinceAsked < askAgainTicks) {
      return false;
    }
    ticksSinceAsked = 0;
    return true;
  }

  long requestId() {
    return requestId;
  }

  /** Whether the first has waited for so long: the leader is silent, or this log far behind. */
  boolean isOverdue(int limitTicks) {
    return waitedTicks >= limitTicks;
  }

  /** The highest id that a state which has applied so much may answer; 0: none is new. */
  long takeReady(long appliedIndex) {
    long ready = 0;
    while (!confirmed.isEmpty() && confirmed.getFirst()[1] <= appliedIndex) {
      ready = confirmed.removeFirst()[0];
      waitedTicks = 0;
    }
    return ready;
  }

  private boolean hasReads() {
    return waitingReadId > 0 || askedReadId > 0 || !confirmed.isEmpty();
  }

  /** The highest id that waits for anything; 0: none. None waits afterwards. */
  long fail() {
    long last = confirmed.isEmpty() ? 0 : confirmed.getLast()[0];
    long highest = Math.max(waitingReadId, Math.max(askedReadId, last));
    waitingReadId = 0;
    askedReadId = 0;
    waitedTicks = 0;
    confirmed.clear();
    return highest;
  }
}
