package heartwood.raft.node;

import heartwood.raft.core.Quorum;
import heartwood.raft.core.RaftCore;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.Member;
import heartwood.raft.message.Message.StateDigest;
import heartwood.raft.message.NodeId;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the node whose state is not what the log makes of it: a command that was not deterministic,
 * a disk that lied, memory that failed.
 *
 * <p>The leader tells now and then what its state came to. Who finds that its own came to something
 * else asks everybody, and tells what it has; so all who differ hear from all the others, be it a
 * follower or the leader that is alone. A digest is of everything before it, so a difference that
 * one question misses, the next one finds. Where a majority has another digest at the same index,
 * this node fails. Where no majority agrees, nobody can tell who is right, and all go on.
 *
 * <p>Confined to the raft loop.
 */
final class DivergenceCheck {
  private static final Logger logger = LoggerFactory.getLogger(DivergenceCheck.class);

  /** Between two lines of the log about states that differ, of which no majority agrees. */
  private static final int QUIET_TICKS = 60_000;

  private final RaftNode node;
  private final DigestRing digests;
  private final Transport transport;
  private final int intervalTicks;
  private int ticks;
  private int ticksSinceComplaint = QUIET_TICKS;

  /** What was told of an index that is not applied here yet. */
  private @Nullable StateDigest early;

  private @Nullable NodeId earlyFrom;

  /** The index that is in question, and what the others have there. */
  private long disputedIndex;

  private final Map<NodeId, Long> others = new HashMap<>();

  DivergenceCheck(RaftNode node, DigestRing digests, Transport transport, int intervalTicks) {
    this.node = node;
    this.digests = digests;
    this.transport = transport;
    this.intervalTicks = intervalTicks;
  }

  void tick() {
    ticksSinceComplaint = Math.min(QUIET_TICKS, ticksSinceComplaint + 1);
    StateDigest waiting = early;
    NodeId from = earlyFrom;
    if (waiting != null && from != null && waiting.index() <= digests.lastIndex()) {
      early = null;
      compare(from, waiting);
    }
    if (++ticks >= intervalTicks && node.isLeader()) {
      ticks = 0;
      long index = digests.lastIndex();
      digests.at(index).ifPresent(digest -> tellAll(index, digest, false));
    }
  }

  void onTold(NodeId from, StateDigest told) {
    if (told.index() > digests.lastIndex()) {
      early = told;
      earlyFrom = from;
    } else {
      compare(from, told);
    }
  }

  private void compare(NodeId from, StateDigest told) {
    OptionalLong known = digests.at(told.index());
    if (known.isEmpty()) {
      return; // Too long ago, or before a snapshot; the leader will tell of a later one.
    }
    long own = known.getAsLong();
    if (told.isQuestion()) {
      tell(from, told.index(), own, false);
    }
    if (own == told.digest()) {
      return;
    }
    if (disputedIndex != told.index()) {
      disputedIndex = told.index();
      others.clear();
      complain(from, told, own);
      tellAll(told.index(), own, true);
    }
    others.put(from, told.digest());
    if (Quorum.agrees(
        core().configuration(), each -> told.digest() == others.getOrDefault(each, own))) {
      node.fail(
          new DivergenceException(
              "the state of "
                  + core().self()
                  + " differs from that of a majority at index "
                  + told.index()
                  + ": digest "
                  + Long.toHexString(own)
                  + " (expected: "
                  + Long.toHexString(told.digest())
                  + ")"));
    }
  }

  /**
   * Where two voters differ nothing ends it, and each interval finds it anew: told now and then.
   */
  private void complain(NodeId from, StateDigest told, long own) {
    if (ticksSinceComplaint >= QUIET_TICKS) {
      ticksSinceComplaint = 0;
      logger.error(
          "state differs: own digest={} that of {}={} at index={}; asks the others",
          Long.toHexString(own),
          from,
          Long.toHexString(told.digest()),
          told.index());
    }
  }

  private void tellAll(long index, long digest, boolean isQuestion) {
    Configuration configuration = core().configuration();
    for (Member member : configuration.members()) {
      if (!member.id().equals(core().self())) {
        tell(member.id(), index, digest, isQuestion);
      }
    }
  }

  private void tell(NodeId to, long index, long digest, boolean isQuestion) {
    transport.send(to, new StateDigest(core().currentTerm(), index, digest, isQuestion));
  }

  private RaftCore core() {
    return node.core();
  }
}
