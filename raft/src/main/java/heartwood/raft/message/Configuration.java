package heartwood.raft.message;

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
 * <p>Invariant: every voter, outgoing voter and learner is a member.
 */
public record Configuration(
    List<Member> members, Set<NodeId> voters, Set<NodeId> outgoing, Set<NodeId> learners) {

  public Configuration {
    members = List.copyOf(members);
    voters = Set.copyOf(voters);
    outgoing = Set.copyOf(outgoing);
    learners = Set.copyOf(learners);
  }

  /** A configuration in which every member votes. */
  public static Configuration of(Collection<Member> members) {
    Set<NodeId> voters = new TreeSet<>();
    members.forEach(member -> voters.add(member.id()));
    return new Configuration(List.copyOf(members), voters, Set.of(), Set.of());
  }

  public boolean isJoint() {
    return !outgoing.isEmpty();
  }

  public boolean isVoter(NodeId node) {
    return voters.contains(node) || outgoing.contains(node);
  }

  public @Nullable Member member(NodeId node) {
    for (Member member : members) {
      if (member.id().equals(node)) {
        return member;
      }
    }
    return null;
  }
}
