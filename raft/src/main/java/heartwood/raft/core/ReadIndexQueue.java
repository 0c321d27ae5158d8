package heartwood.raft.core;

import heartwood.raft.message.NodeId;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads that wait until a majority has confirmed that their leader still leads (thesis §6.4): its
 * own, and those that followers ask for. Confined to the core.
 *
 * <p>One round of heartbeats is out at a time; a round confirms every read that arrived before it
 * began, and the reads that arrive while it is out wait together for the next. So a thousand reads
 * cost what one costs. A round's number never comes again within a term.
 *
 * <p>Of each follower one question is kept, the newest: a follower has no more than one out.
 */
final class ReadIndexQueue {
  /**
   * What a round has confirmed.
   *
   * @param readId the highest of the leader's own; 0: none waited
   * @param index the commit index when the round began
   * @param requestIds the questions of followers
   */
  record Round(long readId, long index, Map<NodeId, Long> requestIds) {}

  /** Number of the round that is out, or that was out last. */
  private long round;

  private boolean isOut;
  private final Set<NodeId> confirmedBy = new HashSet<>();

  /** What the round confirms: highest read id, and questions; and the commit index at its start. */
  private long roundReadId;

  private Map<NodeId, Long> roundRequestIds = new TreeMap<>();
  private long roundIndex;

  /** Highest id that waits for a round to begin; 0: none. */
  private long waitingReadId;

  private Map<NodeId, Long> waitingRequestIds = new TreeMap<>();

  void add(long readId) {
    waitingReadId = readId;
  }

  /** A follower asks, or asks again what it has asked: then the answer may be on its way. */
  void addRequest(NodeId from, long requestId) {
    Long asked = isOut ? roundRequestIds.get(from) : null;
    if (asked == null || asked != requestId) {
      waitingRequestIds.put(from, requestId);
    }
  }

  boolean canBegin() {
    return !isOut && (waitingReadId > 0 || !waitingRequestIds.isEmpty());
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
    roundRequestIds = waitingRequestIds;
    roundIndex = commitIndex;
    waitingReadId = 0;
    waitingRequestIds = new TreeMap<>();
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

  Round finish() {
    isOut = false;
    return new Round(roundReadId, roundIndex, roundRequestIds);
  }

  /**
   * The highest of the leader's own that waits, in a round or for one; 0: none. The queue is empty
   * afterwards: followers ask whoever leads then.
   */
  long fail() {
    long highest = Math.max(waitingReadId, isOut ? roundReadId : 0);
    isOut = false;
    waitingReadId = 0;
    waitingRequestIds = new TreeMap<>();
    confirmedBy.clear();
    return highest;
  }
}
