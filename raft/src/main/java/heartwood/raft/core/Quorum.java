package heartwood.raft.core;

import heartwood.raft.message.Configuration;
import heartwood.raft.message.NodeId;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/** What a majority says; of a joint configuration, both majorities (Raft §6). Pure functions. */
public final class Quorum {
  private Quorum() {}

  public static boolean agrees(Configuration configuration, Predicate<NodeId> yes) {
    return majorityAgrees(configuration.voters(), yes)
        && (!configuration.isJoint() || majorityAgrees(configuration.outgoing(), yes));
  }

  /** Whether so many have said no that yes cannot win any more. */
  static boolean refuses(Configuration configuration, Predicate<NodeId> no) {
    return majorityIsBlocked(configuration.voters(), no)
        || (configuration.isJoint() && majorityIsBlocked(configuration.outgoing(), no));
  }

  /** The highest index that a majority holds. */
  static long committedIndex(Configuration configuration, ToLongFunction<NodeId> matchIndex) {
    long index = majorityIndex(configuration.voters(), matchIndex);
    return configuration.isJoint()
        ? Math.min(index, majorityIndex(configuration.outgoing(), matchIndex))
        : index;
  }

  private static boolean majorityAgrees(Set<NodeId> voters, Predicate<NodeId> yes) {
    return voters.stream().filter(yes).count() > voters.size() / 2;
  }

  private static boolean majorityIsBlocked(Set<NodeId> voters, Predicate<NodeId> no) {
    return voters.size() - voters.stream().filter(no).count() <= voters.size() / 2;
  }

  private static long majorityIndex(Set<NodeId> voters, ToLongFunction<NodeId> matchIndex) {
    long[] indexes = new long[voters.size()];
    int count = 0;
    for (NodeId voter : voters) {
      indexes[count++] = matchIndex.applyAsLong(voter);
    }
    Arrays.sort(indexes);
    return indexes[(indexes.length - 1) / 2];
  }
}
