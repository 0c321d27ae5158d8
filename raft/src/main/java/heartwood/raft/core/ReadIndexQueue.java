package heartwood.raft.core;

import heartwood.raft.message.NodeId;
import java.util.HashSet;
import java.util.Set;

/**
 * Reads that wait until a majority has confirmed that their leader still leads (thesis §6.4).
 * Confined to the core.
 *
 * <p>One round of heartbeats is out at a time; a round confirms every read that arrived before it
 * began, and the reads that arrive while it is out wait together for the next. So a thousand reads
 * cost what one costs. A round's number never comes again within a term.
 */
final class ReadIndexQueue {
  /** Number of the round that is out, or that was out last. */
  private long round;

  private boolean isOut;
  private final Set<NodeId> confirmedBy = new HashSet<>();

  /** Highest read id that the round confirms, and the commit index when it began. */
  private long roundReadId;

  private long roundIndex;

  /** Highest id that waits for a round to begin; 0: none. */
  private long waitingReadId;

  void add(long readId) {
    waitingReadId = readId;
  }

  boolean canBegin() {
    return !isOut && waitingReadId > 0;
  }

  /**
   * Begins a round for all that wait.
   *
   * @return who confirmed the round before it
   */
  Set<NodeId> begin(long commitIndex) {
    round++;
    isOut = true;
    Set<NodeId> quickest = Set.copyOf(confirmedBy);
    confirmedBy.clear();
    roundReadId = waitingReadId;
    roundIndex = commitIndex;
    waitingReadId = 0;
    return quickest;
  }

  long round() {
    return round;
  }

  boolean isOut() {
    return isOut;
  }

  void confirm(NodeId node, long confirmedRound) {
    if (isOut && confirmedRound == round) {
      confirmedBy.add(node);
    }
  }

  boolean isConfirmedBy(NodeId node) {
    return confirmedBy.contains(node);
  }

  Effect.ReadReady finish() {
    isOut = false;
    return new Effect.ReadReady(roundReadId, roundIndex);
  }

  /** The highest id that waits, in a round or for one; 0: none. The queue is empty afterwards. */
  long fail() {
    long highest = Math.max(waitingReadId, isOut ? roundReadId : 0);
    isOut = false;
    waitingReadId = 0;
    confirmedBy.clear();
    return highest;
  }
}
