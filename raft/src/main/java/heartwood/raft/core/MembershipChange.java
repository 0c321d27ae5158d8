package heartwood.raft.core;

import heartwood.raft.message.Member;
import heartwood.raft.message.NodeId;

/** What an operator may ask to be done to the configuration. All are immutable. */
public sealed interface MembershipChange {
  /**
   * A new member gets the log, without a vote (thesis §4.2.1).
   *
   * @param joins it will vote as soon as it has caught up
   */
  record Add(Member member, boolean joins) implements MembershipChange {}

  /** A learner will vote as soon as it has caught up. */
  record Promote(NodeId node) implements MembershipChange {}

  /** A member leaves. The leader, too: it leads until the others can do without it (Raft §6). */
  record Remove(NodeId node) implements MembershipChange {}

  /** A member has other addresses. */
  record Move(Member member) implements MembershipChange {}
}
