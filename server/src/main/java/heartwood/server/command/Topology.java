package heartwood.server.command;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The members of the cluster. Never empty and always with this node in it, so that CLUSTER SLOTS
 * can always name an owner for every slot. Immutable.
 *
 * @param self this node's 40 hex digits
 * @param leader the leader's 40 hex digits: the last known one while an election runs; null only
 *     before a first leader is known
 * @param isServing false once requests were refused for want of a leader
 * @param term the leader's, Redis' config epoch
 * @param members in the order of their numbers
 */
public record Topology(
    String self,
    @Nullable String leader,
    boolean isServing,
    long term,
    List<ClusterMember> members) {

  public Topology {
    members = List.copyOf(members);
  }

  /** Whether this node leads. */
  boolean leads() {
    return self.equals(leader);
  }

  boolean isSelf(ClusterMember member) {
    return member.id().equals(self);
  }

  /** The member that has the slots: the leader, or this node before a leader is known. */
  ClusterMember owner() {
    return require(ownerId());
  }

  boolean isOwner(ClusterMember member) {
    return member.id().equals(ownerId());
  }

  /** This node. */
  ClusterMember own() {
    return require(self);
  }

  @Nullable ClusterMember member(String id) {
    for (ClusterMember member : members) {
      if (member.id().equals(id)) {
        return member;
      }
    }
    return null;
  }

  private String ownerId() {
    return leader == null ? self : leader;
  }

  private ClusterMember require(String id) {
    ClusterMember member = member(id);
    if (member == null) {
      throw new IllegalStateException(id + " is not among " + members);
    }
    return member;
  }
}
