package heartwood.tests.simulation;

import static heartwood.tests.simulation.SimulationFailure.require;

import heartwood.raft.core.CoreOptions;
import heartwood.raft.core.MembershipChange;
import heartwood.raft.core.RaftCore;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.Member;
import heartwood.raft.message.NodeId;
import heartwood.raft.node.NodeOptions;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One run of a cluster under one seed: a phase in which everything may go wrong and nothing wrong
 * may come of it, then a phase in which all is well and the cluster must serve again.
 *
 * <p>Not thread-safe; different seeds may run in different threads.
 */
public final class Simulation {
  /**
   * What a run came to.
   *
   * @param traceHash equal for two runs of one seed
   */
  public record Result(
      long seed, long steps, long traceHash, long acknowledgedWrites, long completedReads) {}

  private static final long LIVENESS_MICROS = 30_000_000;
  private static final int DIGEST_TICKS = 20;
  private static final int FULL_CHECK_STEPS = 5_000;

  private final long seed;
  private final SimulationMode mode;
  private final SimRandom random;
  private final FaultPlan plan;
  private final EventQueue events = new EventQueue();
  private final Trace trace;
  private final Coverage coverage = new Coverage();
  private final Workload workload;
  private final List<SimNode> nodes = new ArrayList<>();
  private final List<Workload.User> users = new ArrayList<>();
  private final Set<SimNode> deadForGood = new HashSet<>();

  /** Nodes of which it is asked whether the others could do without their state. */
  private final Set<SimNode> withoutState = new HashSet<>();

  /** Not dead, but cut off in one way or another, for good. */
  private final Set<SimNode> broken = new HashSet<>();

  private final SimNetwork network;
  private final ClusterInvariants invariants;
  private final AimedFaults aimed;
  private boolean isCalm;
  private long steps;
  private long lastOperationId;

  public Simulation(long seed, SimulationMode mode) {
    this(seed, mode, null);
  }

  /**
   * @param out where every line of the trace is printed; null: nowhere
   */
  public Simulation(long seed, SimulationMode mode, @Nullable PrintStream out) {
    this.seed = seed;
    this.mode = mode;
    this.random = new SimRandom(seed);
    this.workload = mode.workload(this, random);
    this.plan = FaultPlan.draw(random);
    this.trace = new Trace(events, out);
    Configuration configuration = configuration();
    int memberCount = configuration.members().size();
    this.network = new SimNetwork(this, memberCount + plan.spareCount());
    this.invariants = new ClusterInvariants(nodes, configuration);
    NodeOptions options = options();
    this.aimed =
        new AimedFaults(this, configuration.voters(), options.core().electionTimeoutTicks());
    for (Member member : configuration.members()) {
      nodes.add(new SimNode(this, member.id(), configuration, options));
    }
    for (int i = 1; i <= plan.spareCount(); i++) {
      nodes.add(new SimNode(this, new NodeId(memberCount + i), Configuration.NONE, options));
    }
    for (int i = 0; i < plan.clientCount(); i++) {
      users.add(workload.any());
    }
  }

  private Configuration configuration() {
    List<Member> members = new ArrayList<>();
    Set<NodeId> voters = new HashSet<>();
    Set<NodeId> learners = new HashSet<>();
    for (int number = 1; number <= plan.voterCount() + plan.learnerCount(); number++) {
      NodeId id = new NodeId(number);
      members.add(member(id));
      (number <= plan.voterCount() ? voters : learners).add(id);
    }
    return new Configuration(members, voters, Set.of(), learners);
  }

  static Member member(NodeId id) {
    return new Member(id, id.toString(), 0, 0, 0, 0);
  }

  private NodeOptions options() {
    int heartbeatTicks = (int) random.between(1, 4);
    CoreOptions core =
        new CoreOptions(
            (int)
                random.between(Math.max(3L * heartbeatTicks, plan.aimed().minElectionTicks()), 25),
            heartbeatTicks,
            (int) random.between(1, random.chance(0.5) ? 1 << 20 : 2_000),
            (int) random.between(1_000, 1 << 20),
            random.between(500, 1 << 20));
    return new NodeOptions(
        core,
        plan.cacheBytes(),
        plan.maxLogBytes(),
        (int) random.between(20, 150),
        (int) random.between(100, 3_000),
        random.chance(0.5) ? 0 : random.between(100, 1_000),
        DIGEST_TICKS,
        (int) random.between(20, 300));
  }

  /**
   * Runs both phases.
   *
   * @param faultySteps length of the first
   * @throws SimulationFailure when something that must hold did not; says all there is to know
   */
  public Result run(long faultySteps) {
    try {
      nodes.forEach(SimNode::start);
      users.forEach(Workload.User::begin);
      events.schedule(disturbanceMicros(), this::disturb);
      aimed.begin();
      while (steps < faultySteps) {
        step();
      }
      serveAgain();
    } catch (Throwable failure) {
      throw explained(failure);
    }
    return new Result(
        seed, steps, trace.hash(), workload.acknowledgedWrites(), workload.completedReads());
  }

  /** Whether leaders read by a lease in this run: not where clocks differ by more than it bears. */
  boolean hasLeases() {
    return ((seed & 1) == 1 || plan.aimed().hasLeases())
        && plan.driftPercent() <= FaultPlan.MAX_LEASE_DRIFT_PERCENT;
  }

  private void step() {
    Runnable next = events.next();
    if (next == null) {
      throw new SimulationFailure("something always happens next");
    }
    next.run();
    if (++steps % FULL_CHECK_STEPS == 0) {
      invariants.checkAll();
    }
  }

  // ---- The first phase ----

  private long disturbanceMicros() {
    return random.between(20_000, plan.further().maxIntervalMicros());
  }

  private void disturb() {
    if (isCalm) {
      return;
    }
    if (!aimed.isUnderWay() && random.chance(0.4)) {
      network.heal();
    }
    if (random.chance(plan.partitionChance())) {
      coverage.hit("partition");
      network.partition();
    }
    if (random.chance(plan.further().bridgeChance())) {
      coverage.hit("bridge");
      network.bridge();
    }
    while (random.chance(plan.further().clogChance())) {
      coverage.hit("clog");
      network.clog(random.skewedUpTo(3_000_000));
    }
    if (random.chance(plan.further().wipeChance())) {
      wipe();
    }
    if (random.chance(plan.leaderFaultChance())) {
      disturbLeader(someLeader());
    }
    aimed.disturb(someLeader());
    if (random.chance(plan.transferChance())) {
      someLeader().transferLeadership();
    }
    if (random.chance(plan.changeChance())) {
      for (int left = plan.further().changesAtOnce(); left > 0; left--) {
        someLeader().changeMembership(someChange());
      }
    }
    for (SimNode node : nodes) {
      if (random.chance(plan.crashChance())) {
        node.crash();
      }
      if (random.chance(plan.pauseChance())) {
        coverage.hit("pause");
        node.pause(random.skewedUpTo(2_000_000));
      }
      if (random.chance(plan.stallChance())) {
        coverage.hit("disk stall");
        node.stallDisk(random.skewedUpTo(2_000_000));
      }
      if (random.chance(plan.further().clockJumpChance())) {
        coverage.hit("clock set");
        long most = plan.further().clockJumpMillis();
        node.setClock(random.between(-most, most));
      }
    }
    events.schedule(disturbanceMicros(), this::disturb);
  }

  /** Whatever comes to mind: much of it is refused. */
  private MembershipChange someChange() {
    NodeId node = someNode().id();
    return switch (random.below(5)) {
      case 0, 1 -> new MembershipChange.Add(member(node), random.chance(0.8));
      case 2, 3 -> new MembershipChange.Remove(node);
      default -> new MembershipChange.Promote(node);
    };
  }

  private void disturbLeader(SimNode leader) {
    int fault = random.below(4);
    coverage.hit("leader fault " + fault);
    if (fault == 0) {
      network.isolate(leader.id());
    } else if (fault == 1) {
      leader.crash();
    } else if (fault == 2) {
      leader.pause(random.skewedUpTo(1_000_000));
    } else {
      leader.stallDisk(random.skewedUpTo(1_000_000));
    }
  }

  // ---- The second phase ----

  /** Uniform faults never show what is stuck for good: all is well now, and the cluster must be. */
  private void serveAgain() {
    isCalm = true;
    network.heal();
    nodes.forEach(SimNode::recover);
    if (!isMajorityHealthy()) {
      coverage.hit("no majority is left");
      endWithoutMajority();
      return;
    }
    breakMinority();
    for (SimNode node : nodes) {
      if (!isDeadForGood(node)) {
        node.start();
      }
    }
    users.forEach(Workload.User::end);
    Workload.User probe = workload.probe();
    probe.begin();
    long deadline = events.nowMicros() + LIVENESS_MICROS;
    while (probe.writes() == 0 || probe.reads() == 0) {
      require(events.nowMicros() < deadline, "a healthy cluster writes and reads");
      step();
    }
    probe.end();
    while (!isSettled()) {
      require(events.nowMicros() < deadline, "the membership comes to rest");
      step();
    }
    long index = workload.lastIndex();
    while (!isCaughtUp(index)) {
      require(events.nowMicros() < deadline, () -> "every member catches up to " + index);
      step();
    }
    while (unanswered() != null) {
      require(events.nowMicros() < deadline, () -> unanswered() + " is answered");
      step();
    }
    endWithoutMajority();
  }

  /** A change of the members was under way when a disk was lost: only safety is left to judge. */
  private void endWithoutMajority() {
    users.forEach(Workload.User::end);
    invariants.checkAll();
    nodes.forEach(node -> node.server().requireAgrees());
    workload.judge(nodes);
  }

  /**
   * A disk is lost, and its node's number with it: whatever comes in its place is another node, one
   * of the spare ones. Those that are left must be able to decide.
   */
  private void wipe() {
    SimNode victim = someNode();
    deadForGood.add(victim);
    if (!isMajorityHealthy()) {
      deadForGood.remove(victim);
      return;
    }
    coverage.hit("disk wiped");
    victim.crash();
  }

  /** The state is gone, the log is not: those that are left must be able to lead and decide. */
  void maybeLoseState(SimNode victim) {
    withoutState.add(victim);
    boolean isEnough = isMajorityHealthy();
    withoutState.remove(victim);
    if (isEnough && !isCalm) {
      coverage.hit("state lost");
      victim.loseState();
    }
  }

  /** What stays broken for good: less than would leave no majority. */
  private void breakMinority() {
    if (!random.chance(0.5)) {
      return;
    }
    for (int i = 0; i < nodes.size(); i++) {
      SimNode node = someNode();
      boolean isNew = isHealthyForGood(node);
      broken.add(node);
      if (!isMajorityHealthy()) {
        broken.remove(node);
      } else if (isNew) {
        breakForGood(node);
      }
    }
  }

  private void breakForGood(SimNode node) {
    int form = random.below(4);
    coverage.hit("broken for good, form " + form);
    switch (form) {
      case 0 -> {
        deadForGood.add(node);
        node.crash();
      }
      case 1 -> network.cutOff(node.id(), true, true);
      case 2 -> network.cutOff(node.id(), true, false);
      default -> network.cutOff(node.id(), false, true);
    }
  }

  private boolean isMajorityHealthy() {
    return HealthyQuorum.remains(invariants.possibleConfigurations(), nodes, this::canLeadForGood);
  }

  private boolean canLeadForGood(SimNode node) {
    return isHealthyForGood(node) && !node.server().isStateLost() && !withoutState.contains(node);
  }

  private boolean isHealthyForGood(SimNode node) {
    return !deadForGood.contains(node) && !broken.contains(node);
  }

  /** Nobody joins who could, and no configuration leads to another. */
  private boolean isSettled() {
    RaftCore leader = someLeader().core();
    return leader != null
        && leader.knowsCommitted()
        && leader.isConfigurationSettled()
        && leader.configuration().joining().stream()
            .noneMatch(learner -> isHealthyForGood(node(learner)));
  }

  private boolean isCaughtUp(long index) {
    RaftCore leader = someLeader().core();
    if (leader == null) {
      return false;
    }
    for (SimNode node : nodes) {
      boolean isMember = leader.configuration().isMember(node.id());
      if (isMember && isHealthyForGood(node) && node.server().appliedIndex() < index) {
        return false;
      }
    }
    return true;
  }

  private @Nullable String unanswered() {
    for (SimNode node : nodes) {
      String operation = node.server().unanswered();
      if (operation != null) {
        return operation;
      }
    }
    return null;
  }

  private SimulationFailure explained(Throwable failure) {
    StringBuilder text = new StringBuilder();
    text.append(failure.getMessage()).append("\n\nseed ").append(seed);
    text.append(", step ").append(steps).append(", ").append(plan).append('\n');
    nodes.forEach(node -> text.append(node.describe()).append('\n'));
    text.append("committed ").append(invariants.committedIndex()).append("\n\n");
    trace.lastLines().forEach(line -> text.append(line).append('\n'));
    text.append("\nreplay: heartwood simulate --mode ")
        .append(mode.toString().toLowerCase(Locale.ROOT));
    text.append(" --seed ").append(seed).append(" --trace\n");
    return new SimulationFailure(text.toString(), failure);
  }

  // ---- What the parts see ----

  FaultPlan plan() {
    return plan;
  }

  SimRandom random() {
    return random;
  }

  EventQueue events() {
    return events;
  }

  Trace trace() {
    return trace;
  }

  Coverage coverage() {
    return coverage;
  }

  Workload workload() {
    return workload;
  }

  SimNetwork network() {
    return network;
  }

  ClusterInvariants invariants() {
    return invariants;
  }

  boolean isCalm() {
    return isCalm;
  }

  boolean isDeadForGood(SimNode node) {
    return deadForGood.contains(node);
  }

  List<SimNode> nodes() {
    return nodes;
  }

  AimedFaults aimed() {
    return aimed;
  }

  SimNode node(NodeId id) {
    return nodes.get(id.number() - 1);
  }

  SimNode someNode() {
    return nodes.get(random.below(nodes.size()));
  }

  /** A node that believes to lead; any node when none does. */
  SimNode someLeader() {
    int first = random.below(nodes.size());
    for (int i = 0; i < nodes.size(); i++) {
      SimNode node = nodes.get((first + i) % nodes.size());
      if (node.isLeader() && !broken.contains(node)) {
        return node;
      }
    }
    return someNode();
  }

  long nextOperationId() {
    return ++lastOperationId;
  }
}
