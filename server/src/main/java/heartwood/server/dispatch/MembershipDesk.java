package heartwood.server.dispatch;

import heartwood.raft.core.Effect.ProposalRejected.Reason;
import heartwood.raft.core.MembershipChange;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.Member;
import heartwood.raft.message.NodeId;
import heartwood.raft.node.ChangeRequest;
import heartwood.raft.node.RaftNode;
import heartwood.server.command.MembershipRequest;
import heartwood.server.config.MemberAddress;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Where operators ask for other members, or another leader. Confined to the raft loop of the
 * leader.
 *
 * <p>Answers of a change come when it is committed; one that a lost leadership cuts off is unknown,
 * and the next leader goes on with it if it finds it in its log.
 */
public final class MembershipDesk {
  private final RaftNode node;
  private final NodeId self;
  private final Executor apply;
  private final BatchEnds ends;

  public MembershipDesk(RaftNode node, NodeId self, Executor apply, BatchEnds ends) {
    this.node = node;
    this.self = self;
    this.apply = apply;
    this.ends = ends;
  }

  void submit(Ask ask, MembershipRequest request) {
    if (!node.isLeader()) {
      answer(ask, ErrorReplies.NOT_EXECUTED);
    } else if (request instanceof MembershipRequest.Transfer transfer) {
      transfer(ask, transfer.node());
    } else if (request instanceof MembershipRequest.Remove remove
        && remove.node() == self.number()
        && node.core().configuration().voters().size() > 1) {
      // Its clients would be cut off with the answer on its way, and it is quicker so.
      handOverFirst(ask);
    } else {
      change(ask, request);
    }
  }

  private void handOverFirst(Ask ask) {
    Reason refused = node.core().whyNotChange(new MembershipChange.Remove(self));
    if (refused != null) {
      answer(ask, refusal(refused, self));
      return;
    }
    node.transferLeadership(null);
    answer(ask, "TRYAGAIN " + self + " leads, and hands leadership over now");
  }

  private void transfer(Ask ask, @Nullable Integer number) {
    NodeId target = number == null ? null : new NodeId(number);
    Configuration configuration = node.core().configuration();
    if (target != null && (!configuration.isVoter(target) || target.equals(self))) {
      answer(ask, "ERR " + target + " is no voter that could take over");
      return;
    }
    node.transferLeadership(target);
    boolean hasBegun = node.core().isTransferring() || !node.isLeader();
    answer(ask, hasBegun ? null : "ERR there is no voter that could take over");
  }

  private void change(Ask ask, MembershipRequest request) {
    MembershipChange change = changeOf(request);
    node.changeMembership(
        change,
        new ChangeRequest() {
          @Override
          public void done() {
            answer(ask, null);
          }

          @Override
          public void refused(Reason reason) {
            answer(ask, refusal(reason, nodeOf(change)));
          }

          @Override
          public void unknown() {
            answer(ask, ErrorReplies.UNCERTAIN_CHANGE);
          }
        });
  }

  private static MembershipChange changeOf(MembershipRequest request) {
    if (request instanceof MembershipRequest.Add add) {
      return new MembershipChange.Add(member(add.member()), add.joins());
    }
    if (request instanceof MembershipRequest.Promote promote) {
      return new MembershipChange.Promote(new NodeId(promote.node()));
    }
    if (request instanceof MembershipRequest.Remove remove) {
      return new MembershipChange.Remove(new NodeId(remove.node()));
    }
    if (request instanceof MembershipRequest.Move move) {
      return new MembershipChange.Move(member(move.member()));
    }
    throw new AssertionError(request);
  }

  /** A member as operators and configurations write it. */
  public static Member member(MemberAddress address) {
    return new Member(
        new NodeId(address.id()),
        address.host(),
        address.redirectPort(),
        address.proxyPort(),
        address.peerPort(),
        address.adminPort());
  }

  private static NodeId nodeOf(MembershipChange change) {
    if (change instanceof MembershipChange.Add add) {
      return add.member().id();
    }
    if (change instanceof MembershipChange.Promote promote) {
      return promote.node();
    }
    if (change instanceof MembershipChange.Remove remove) {
      return remove.node();
    }
    if (change instanceof MembershipChange.Move move) {
      return move.member().id();
    }
    throw new AssertionError(change);
  }

  private static String refusal(Reason reason, NodeId node) {
    return switch (reason) {
      case NOT_LEADER -> ErrorReplies.NOT_EXECUTED;
      case TRANSFERRING -> "TRYAGAIN leadership is being handed over";
      case FULL -> "TRYAGAIN too much waits for a majority";
      case CHANGING -> "TRYAGAIN another change of the members is under way, see RAFT MEMBERS";
      case NOT_READY -> "TRYAGAIN the leader is new and finds out what is committed";
      case NO_SUCH_MEMBER -> "ERR " + node + " is no member";
      case MEMBER_ALREADY -> "ERR " + node + " is a member already";
      case NOTHING_TO_CHANGE -> "ERR " + node + " is what you ask for already";
      case NO_QUORUM ->
          "TRYAGAIN without " + node + " too few voters would be left that answer: no majority";
    };
  }

  /**
   * @param error null: it is done
   */
  private void answer(Ask ask, @Nullable String error) {
    apply.execute(
        () ->
            ends.answer(
                ask,
                reply -> {
                  if (error == null) {
                    reply.ok();
                  } else {
                    reply.error(error);
                  }
                }));
  }
}
