package heartwood.tests.simulation;

import heartwood.raft.message.Configuration;
import heartwood.raft.message.NodeId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Whether those that stay healthy can decide, whichever configuration is in force. Stateless. */
final class HealthyQuorum {
  private HealthyQuorum() {}

  /**
   * Whether there is a healthy majority of each, also when all have been made voters who are about
   * to be: the word that they have caught up may be on its way.
   */
  static boolean remains(
      Set<Configuration> possible, List<SimNode> nodes, Predicate<SimNode> isHealthy) {
    Set<NodeId> healthy = new HashSet<>();
    nodes.stream().filter(isHealthy).forEach(node -> healthy.add(node.id()));
    return possible.stream()
        .allMatch(
            configuration ->
                healthy.containsAll(configuration.joining())
                    && isMajority(configuration.voters(), healthy)
                    && (!configuration.isJoint() || isMajority(configuration.outgoing(), healthy)));
  }

  private static boolean isMajority(Set<NodeId> voters, Set<NodeId> healthy) {
    return voters.stream().filter(healthy::contains).count() > voters.size() / 2;
  }
}
