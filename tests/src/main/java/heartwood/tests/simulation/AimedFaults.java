package heartwood.tests.simulation;

import heartwood.raft.core.MembershipChange;
import heartwood.raft.core.RaftCore;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.NodeId;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Faults that strike where a rule would be missed most: chance alone comes there once in a hundred
 * thousand seeds. Each is of links and moments only, so that all of them may happen. Confined to
 * the simulation.
 *
 * <pre>
 *   upstart       a new leader is cut off with one other as soon as it leads: what it overwrites
 *                 there, others may yet commit (Raft §5.4.2, figure 8)
 *   join split    who is to vote and their leader on one side, who votes today on the other (§6)
 *   usurper       one voter loses the leader and asks for votes; then all lose it: leases and the
 *                 promises of voters (thesis §6.4.1)
 *   late answers  the leader is not heard any more, and is answered late: rounds of reads
 *   stranded      a leader is cut off until the others have forgotten the log behind that point
 *                 (§7): a snapshot meets entries that nobody else has
 *   eager         somebody asks for changes of the membership all the time
 * </pre>
 */
final class AimedFaults {
  private static final long TICK_MICROS = 10_000;

  private final Simulation simulation;
  private final FaultPlan.Aimed plan;
  private final SimRandom random;
  private final EventQueue events;
  private final long electionMicros;

  /** One at a time, and then a rest: a cluster that is never well has nothing to lose. */
  private long nextMicros;

  private @Nullable SimNode formerLeader;
  private Set<NodeId> formerVoters;

  /**
   * @param voters at the beginning
   * @param electionTicks of all nodes
   */
  AimedFaults(Simulation simulation, Set<NodeId> voters, int electionTicks) {
    this.formerVoters = voters;
    this.simulation = simulation;
    this.plan = simulation.plan().aimed();
    this.random = simulation.random();
    this.events = simulation.events();
    this.electionMicros = electionTicks * TICK_MICROS;
  }

  void begin() {
    if (plan.isEager()) {
      events.schedule(random.between(1_000, 30_000), this::changeEagerly);
    }
  }

  /** Whether the network is to be left alone. */
  boolean isUnderWay() {
    return events.nowMicros() < nextMicros - 2 * electionMicros;
  }

  private boolean mayStrike(double chance) {
    return chance > 0
        && !simulation.isCalm()
        && events.nowMicros() >= nextMicros
        && random.chance(chance);
  }

  /** All is well again after a while, and stays so for two election timeouts. */
  private void strike(String name, long micros) {
    simulation.coverage().hit("aimed: " + name);
    nextMicros = events.nowMicros() + micros + 2 * electionMicros;
    simulation.network().heal();
    events.schedule(micros, simulation.network()::heal);
  }

  /** Among the other faults of an interval. */
  void disturb(SimNode leader) {
    if (mayStrike(plan.usurperChance())) {
      usurp(leader);
    }
    if (mayStrike(plan.lateAnswersChance())) {
      answerLate(leader);
    }
    if (mayStrike(plan.strandChance())) {
      strike("stranded", random.between(3 * electionMicros, 8 * electionMicros));
      split(Set.of(leader.id()));
    }
  }

  /** Not one at a time: what matters are several leaders in a row, each cut off. */
  void onLeader(SimNode leader) {
    if (!simulation.isCalm() && random.chance(plan.upstartChance())) {
      strike("upstart", random.between(electionMicros / 2, 3 * electionMicros));
      SimNode former = formerLeader;
      SimNode other = former == null || random.chance(0.5) ? simulation.someNode() : former;
      Set<NodeId> side = new HashSet<>();
      side.add(leader.id());
      side.add(other.id());
      simulation.network().split(side);
    }
    formerLeader = leader;
  }

  /** A leader has a configuration in force, committed or not. */
  void onConfiguration(SimNode leader, Configuration configuration) {
    Set<NodeId> side = new HashSet<>(configuration.voters());
    side.removeAll(formerVoters);
    formerVoters = configuration.voters();
    if (side.isEmpty() || simulation.isCalm() || !random.chance(plan.joinSplitChance())) {
      return;
    }
    if (side.size() < 2 && random.chance(0.8)) {
      return; // A majority with one more and one without it have a node in common.
    }
    simulation.coverage().hit(side.size() < 2 ? "aimed: one joins" : "aimed: several join");
    strike("join split", random.between(2 * electionMicros, 5 * electionMicros));
    if (random.chance(0.8)) {
      side.add(leader.id());
    }
    events.schedule(random.chance(0.7) ? 0 : random.skewedUpTo(20_000), () -> split(side));
  }

  private void split(Set<NodeId> side) {
    if (!simulation.isCalm()) {
      simulation.network().split(side);
    }
  }

  private void usurp(SimNode leader) {
    long waitMicros = random.between(electionMicros * 3 / 4, electionMicros * 8 / 5);
    strike("usurper", waitMicros + 5 * electionMicros / 2);
    simulation.network().part(someVoterBut(leader).id(), leader.id());
    events.schedule(waitMicros, () -> split(Set.of(leader.id())));
  }

  private SimNode someVoterBut(SimNode leader) {
    SimNode node = simulation.someNode();
    for (int left = simulation.nodes().size(); left > 0 && !isVoterBut(leader, node); left--) {
      node = simulation.nodes().get(node.id().number() % simulation.nodes().size());
    }
    return node;
  }

  private static boolean isVoterBut(SimNode leader, SimNode node) {
    RaftCore core = leader.core();
    return node != leader && core != null && core.configuration().isVoter(node.id());
  }

  private void answerLate(SimNode leader) {
    long lateMicros = random.between(electionMicros * 5 / 4, electionMicros * 9 / 4);
    strike("late answers", 5 * electionMicros / 2);
    simulation.network().clogTo(leader.id(), lateMicros);
    events.schedule(random.between(TICK_MICROS, 6 * TICK_MICROS), () -> mute(leader.id()));
  }

  private void mute(NodeId node) {
    if (!simulation.isCalm()) {
      simulation.network().mute(node);
    }
  }

  /** Two are to join; they hear nothing for a while, so that they come to be voters at once. */
  private void changeEagerly() {
    if (simulation.isCalm()) {
      return;
    }
    int count = simulation.nodes().size();
    if (random.chance(0.2)) {
      long micros = random.between(electionMicros, 2 * electionMicros);
      simulation.network().clogTo(new NodeId(count), micros);
      simulation.network().clogTo(new NodeId(count - 1), micros);
    }
    NodeId node = new NodeId(count - random.below(2));
    MembershipChange change =
        random.chance(0.85)
            ? new MembershipChange.Add(Simulation.member(node), true)
            : new MembershipChange.Remove(node);
    simulation.someLeader().changeMembership(change);
    events.schedule(random.skewedUpTo(100_000), this::changeEagerly);
  }
}
