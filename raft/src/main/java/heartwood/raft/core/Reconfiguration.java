package heartwood.raft.core;

import heartwood.raft.core.Effect.ProposalRejected.Reason;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.Member;
import heartwood.raft.message.NodeId;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a change makes of a configuration that is not joint. Pure functions. */
final class Reconfiguration {
  /**
   * One of the two.
   *
   * @param next the configuration to append
   * @param refused why there is none
   */
  record Outcome(@Nullable Configuration next, @Nullable Reason refused) {
    static Outcome of(Configuration next) {
      return new Outcome(next, null);
    }

    static Outcome refused(Reason reason) {
      return new Outcome(null, reason);
    }
  }

  private Reconfiguration() {}

  /**
   * @param isHealthy whether a node has been heard from of late
   */
  static Outcome of(Configuration now, MembershipChange change, Predicate<NodeId> isHealthy) {
    if (change instanceof MembershipChange.Add add) {
      return now.isMember(add.member().id())
          ? Outcome.refused(Reason.MEMBER_ALREADY)
          : Outcome.of(now.withLearner(add.member(), add.joins()));
    }
    if (change instanceof MembershipChange.Promote promote) {
      return promote(now, promote.node());
    }
    if (change instanceof MembershipChange.Remove remove) {
      return remove(now, remove.node(), isHealthy);
    }
    if (change instanceof MembershipChange.Move move) {
      Member known = now.member(move.member().id());
      if (known == null) {
        return Outcome.refused(Reason.NO_SUCH_MEMBER);
      }
      return known.equals(move.member())
          ? Outcome.refused(Reason.NOTHING_TO_CHANGE)
          : Outcome.of(now.withAddresses(move.member()));
    }
    throw new AssertionError(change);
  }

  private static Outcome promote(Configuration now, NodeId node) {
    if (!now.isMember(node)) {
      return Outcome.refused(Reason.NO_SUCH_MEMBER);
    }
    if (now.isVoter(node) || now.joining().contains(node)) {
      return Outcome.refused(Reason.NOTHING_TO_CHANGE);
    }
    return Outcome.of(now.withJoining(node));
  }

  private static Outcome remove(Configuration now, NodeId node, Predicate<NodeId> isHealthy) {
    if (!now.isMember(node)) {
      return Outcome.refused(Reason.NO_SUCH_MEMBER);
    }
    if (!now.isVoter(node)) {
      return Outcome.of(now.withoutLearner(node));
    }
    Set<NodeId> staying = new TreeSet<>(now.voters());
    staying.remove(node);
    Configuration joint = now.enterJoint(staying);
    return staying.isEmpty() || !Quorum.agrees(joint.leaveJoint(), isHealthy)
        ? Outcome.refused(Reason.NO_QUORUM)
        : Outcome.of(joint);
  }
}
