package heartwood.raft.message;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The members and who of them votes: an entry of the log, in force from the moment it is appended
 * (Raft §6). While {@code outgoing} is not empty the configuration is joint and a decision needs a
 * majority of both {@code voters} and {@code outgoing}. Immutable.
 *
 * <p>Invariants: every voter, outgoing voter and learner is a member; no learner votes; who joins
 * is a learner.
 *
 * @param voters who decides; of a joint configuration, who will
 * @param outgoing who decided before, while the configuration is joint
 * @param learners who gets the log and decides nothing (thesis §4.2.1)
 * @param joining learners that are to vote once they have caught up
 */
public record Configuration(
    List<Member> members,
    Set<NodeId> voters,
    Set<NodeId> outgoing,
    Set<NodeId> learners,
    Set<NodeId> joining) {

  /** What a node has that no leader has told anything: it waits to be found. */
  public static final Configuration NONE = of(List.of());

  public Configuration {
    members = List.copyOf(members);
    voters = Set.copyOf(voters);
    outgoing = Set.copyOf(outgoing);
    learners = Set.copyOf(learners);
    joining = Set.copyOf(joining);
  }

  /** With learners that stay what they are. */
  public Configuration(
      List<Member> members, Set<NodeId> voters, Set<NodeId> outgoing, Set<NodeId> learners) {
    this(members, voters, outgoing, learners, Set.of());
  }

  /** A configuration in which every member votes. */
  public static Configuration of(Collection<Member> members) {
    Set<NodeId> voters = new TreeSet<>();
    members.forEach(member -> voters.add(member.id()));
    return new Configuration(List.copyOf(members), voters, Set.of(), Set.of());
  }

  /** Whether the invariants hold. */
  public boolean isConsistent() {
    return !voters.isEmpty()
        && voters.stream().allMatch(this::isMember)
        && outgoing.stream().allMatch(this::isMember)
        && learners.stream().allMatch(node -> isMember(node) && !isVoter(node))
        && learners.containsAll(joining);
  }

  public boolean isJoint() {
    return !outgoing.isEmpty();
  }

  public boolean isVoter(NodeId node) {
    return voters.contains(node) || outgoing.contains(node);
  }

  public boolean isMember(NodeId node) {
    return member(node) != null;
  }

  public @Nullable Member member(NodeId node) {
    for (Member member : members) {
      if (member.id().equals(node)) {
        return member;
      }
    }
    return null;
  }

  /** One more member, which gets the log; to vote when it has caught up, if it is to join. */
  public Configuration withLearner(Member member, boolean joins) {
    return new Configuration(
        with(members, member),
        voters,
        outgoing,
        plus(learners, member.id()),
        joins ? plus(joining, member.id()) : joining);
  }

  /** The same member at other addresses. */
  public Configuration withAddresses(Member member) {
    return new Configuration(with(members, member), voters, outgoing, learners, joining);
  }

  /** A learner will vote once it has caught up. */
  public Configuration withJoining(NodeId learner) {
    return new Configuration(members, voters, outgoing, learners, plus(joining, learner));
  }

  /** Without a learner, which decided nothing: nobody need agree to that twice. */
  public Configuration withoutLearner(NodeId learner) {
    return new Configuration(
        without(members, learner),
        voters,
        outgoing,
        minus(learners, learner),
        minus(joining, learner));
  }

  /** The joint configuration on the way to other voters (Raft §6: C-old,new). */
  public Configuration enterJoint(Set<NodeId> newVoters) {
    Set<NodeId> others = new TreeSet<>(learners);
    others.removeAll(newVoters);
    Set<NodeId> othersJoining = new TreeSet<>(joining);
    othersJoining.removeAll(newVoters);
    return new Configuration(members, newVoters, voters, others, othersJoining);
  }

  /** What a joint configuration leads to (C-new): who voted before and does not now is gone. */
  public Configuration leaveJoint() {
    List<Member> staying = new ArrayList<>(members);
    staying.removeIf(each -> !voters.contains(each.id()) && !learners.contains(each.id()));
    return new Configuration(staying, voters, Set.of(), learners, joining);
  }

  private static List<Member> with(List<Member> members, Member member) {
    List<Member> more = without(members, member.id());
    more.add(member);
    more.sort((a, b) -> a.id().compareTo(b.id()));
    return more;
  }

  private static List<Member> without(List<Member> members, NodeId node) {
    List<Member> fewer = new ArrayList<>(members);
    fewer.removeIf(each -> each.id().equals(node));
    return fewer;
  }

  private static Set<NodeId> plus(Set<NodeId> nodes, NodeId node) {
    Set<NodeId> more = new TreeSet<>(nodes);
    more.add(node);
    return more;
  }

  private static Set<NodeId> minus(Set<NodeId> nodes, NodeId node) {
    Set<NodeId> fewer = new TreeSet<>(nodes);
    fewer.remove(node);
    return fewer;
  }
}
