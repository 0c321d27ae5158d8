package heartwood.raft.core;

import static heartwood.raft.core.TestNode.nodes;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.message.Configuration;
import heartwood.raft.message.NodeId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Majorities, single and joint, against the plainest way to say the same. */
class QuorumTest {
  private static final int CASES = 20_000;

  private final SplitMix64 random = new SplitMix64(42);

  @Test
  void theCommittedIndexIsTheHighestThatAMajorityHolds() {
    Configuration three = new Configuration(List.of(), nodes(1, 2, 3), Set.of(), Set.of());
    Map<NodeId, Long> match = Map.of(new NodeId(1), 5L, new NodeId(2), 3L, new NodeId(3), 9L);

    assertThat(Quorum.committedIndex(three, match::get)).isEqualTo(5);
  }

  @Test
  void aJointConfigurationNeedsBothMajorities() { // Raft §6
    Configuration joint = new Configuration(List.of(), nodes(1, 2, 3), nodes(3, 4, 5), Set.of());

    assertThat(Quorum.agrees(joint, nodes(1, 2)::contains)).isFalse();
    assertThat(Quorum.agrees(joint, nodes(4, 5)::contains)).isFalse();
    assertThat(Quorum.agrees(joint, nodes(1, 3, 4)::contains)).isTrue();
  }

  @Test
  void agreementIsAMajorityOfEachSide() {
    for (int i = 0; i < CASES; i++) {
      Configuration configuration = anyConfiguration();
      Set<NodeId> yes = someOf(9);

      assertThat(Quorum.agrees(configuration, yes::contains))
          .as("%s %s", configuration, yes)
          .isEqualTo(naiveAgrees(configuration, yes));
    }
  }

  @Test
  void refusalIsWhenTheOthersCouldNotAgreeAnyMore() {
    for (int i = 0; i < CASES; i++) {
      Configuration configuration = anyConfiguration();
      Set<NodeId> no = someOf(9);
      Set<NodeId> all = nodes(1, 2, 3, 4, 5, 6, 7, 8, 9);
      all.removeAll(no);

      assertThat(Quorum.refuses(configuration, no::contains))
          .as("%s %s", configuration, no)
          .isEqualTo(!naiveAgrees(configuration, all));
    }
  }

  @Test
  void theCommittedIndexIsTheHighestOnWhichAllQuorumsAgree() {
    for (int i = 0; i < CASES; i++) {
      Configuration configuration = anyConfiguration();
      Map<NodeId, Long> match = new HashMap<>();
      for (int number = 1; number <= 9; number++) {
        match.put(new NodeId(number), (long) random.nextInt(6));
      }
      long expected = 0;
      for (long index = 1; index <= 6; index++) {
        long candidate = index;
        Set<NodeId> holders = new HashSet<>();
        match.forEach((node, matchIndex) -> addIf(holders, node, matchIndex >= candidate));
        expected = naiveAgrees(configuration, holders) ? index : expected;
      }

      assertThat(Quorum.committedIndex(configuration, match::get))
          .as("%s %s", configuration, match)
          .isEqualTo(expected);
    }
  }

  @Test
  void anyTwoQuorumsMeet() { // What all of Raft's safety rests on
    for (int i = 0; i < CASES; i++) {
      Configuration configuration = anyConfiguration();
      Set<NodeId> one = someOf(9);
      Set<NodeId> other = someOf(9);
      if (Quorum.agrees(configuration, one::contains)
          && Quorum.agrees(configuration, other::contains)) {
        one.retainAll(other);

        assertThat(one).as("%s", configuration).isNotEmpty();
      }
    }
  }

  private static void addIf(Set<NodeId> nodes, NodeId node, boolean condition) {
    if (condition) {
      nodes.add(node);
    }
  }

  private static boolean naiveAgrees(Configuration configuration, Set<NodeId> yes) {
    return naiveMajority(configuration.voters(), yes)
        && (configuration.outgoing().isEmpty() || naiveMajority(configuration.outgoing(), yes));
  }

  private static boolean naiveMajority(Set<NodeId> voters, Set<NodeId> yes) {
    int count = 0;
    for (NodeId voter : voters) {
      count += yes.contains(voter) ? 1 : -1;
    }
    return count > 0;
  }

  private Configuration anyConfiguration() {
    Set<NodeId> voters = someOf(9);
    voters.add(new NodeId(1 + random.nextInt(9)));
    Set<NodeId> outgoing = random.nextInt(2) == 0 ? Set.of() : someOf(9);
    return new Configuration(List.of(), voters, outgoing, Set.of());
  }

  private Set<NodeId> someOf(int count) {
    Set<NodeId> nodes = new HashSet<>();
    for (int number = 1; number <= count; number++) {
      addIf(nodes, new NodeId(number), random.nextInt(2) == 0);
    }
    return nodes;
  }
}
