package heartwood.tests.simulation;

import heartwood.raft.core.Effect.ProposalRejected.Reason;
import heartwood.raft.core.MembershipChange;
import heartwood.raft.core.RaftCore;
import heartwood.raft.core.Role;
import heartwood.raft.log.HardState;
import heartwood.raft.log.LogException;
import heartwood.raft.log.MemoryLog;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import heartwood.raft.message.SnapshotId;
import heartwood.raft.node.ChangeRequest;
import heartwood.raft.node.LeaderLease;
import heartwood.raft.node.NodeClock;
import heartwood.raft.node.NodeExecutors;
import heartwood.raft.node.NodeListener;
import heartwood.raft.node.NodeOptions;
import heartwood.raft.node.RaftNode;
import heartwood.storage.StorageException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A machine: a disk that lasts, and a process that comes and goes. Each process runs a real {@link
 * RaftNode} on simulated threads. Confined to the simulation.
 */
final class SimNode implements SimDisk.Observer, NodeListener {
  private static final long TICK_MICROS = 10_000;
  private static final long EPOCH_MILLIS = 1_700_000_000_000L;

  private final Simulation simulation;
  private final NodeId id;
  private final NodeOptions options;
  private final FaultPlan plan;
  private final SimRandom random;
  private final EventQueue events;
  private final SimDisk disk;
  private final SimServer server;
  private final long tickMicros;

  /** Number of the process; what an earlier one has begun is never finished. */
  private int incarnation;

  private @Nullable RaftNode raft;
  private @Nullable SimExecutor loop;
  private long pausedUntilMicros;

  /** How far the machine's wall clock is from the time of the simulation. */
  private long clockOffsetMillis;

  private long stalledUntilMicros;

  /** Of the running process, as counted when it was last looked at. */
  private long seenLeaseReads;

  private long seenFollowerReads;

  /** The state was lost, and no snapshot has come since. */
  private boolean lacksState;

  SimNode(Simulation simulation, NodeId id, Configuration configuration, NodeOptions options) {
    this.simulation = simulation;
    this.id = id;
    this.options = options;
    this.plan = simulation.plan();
    this.random = simulation.random();
    this.events = simulation.events();
    this.disk = new SimDisk(new MemoryLog(new NodeIdentity(1, id, 1)), this);
    this.server = simulation.workload().server(this, configuration);
    this.clockOffsetMillis = random.between(0, plan.further().clockSkewMillis());
    int drift = plan.driftPercent();
    this.tickMicros = TICK_MICROS * (100 + random.between(-drift, drift)) / 100;
  }

  NodeId id() {
    return id;
  }

  SimDisk disk() {
    return disk;
  }

  boolean isUp() {
    return raft != null;
  }

  /** The core of the running process; null: it is down. */
  @Nullable RaftCore core() {
    RaftNode node = raft;
    return node == null ? null : node.core();
  }

  /** What this process could not believe of what it was told. */
  long refusedMessages() {
    RaftNode node = raft;
    return node == null ? 0 : node.refusedMessages();
  }

  boolean isLeader() {
    RaftNode node = raft;
    return node != null && node.isLeader();
  }

  boolean isIncarnation(int number) {
    return raft != null && incarnation == number;
  }

  SimServer server() {
    return server;
  }

  String describe() {
    RaftCore core = core();
    return (core == null ? id + " is down" : core.describe())
        + " | disk "
        + disk.hardState()
        + " log="
        + disk.baseIndex()
        + ".."
        + disk.lastIndex()
        + " | state "
        + server.describe()
        + (isPaused() ? " paused" : "");
  }

  // ---- The process ----

  void start() {
    if (raft != null) {
      return;
    }
    incarnation++;
    seenLeaseReads = 0;
    seenFollowerReads = 0;
    simulation.trace().add(id.number(), "starts", incarnation, incarnation);
    int mine = incarnation;
    SimThreads threads = threads(mine);
    loop = threads.loop();
    try {
      Configuration configuration = server.open(threads);
      raft =
          new RaftNode(
              id,
              options,
              random.nextLong(),
              disk,
              server,
              server,
              configuration,
              this::send,
              new NodeExecutors(threads.loop(), threads.log(), threads.apply(), threads.snapshot()),
              this,
              lease());
      server.attach(raft);
    } catch (SimCrash crash) {
      die();
      return;
    }
    simulation.invariants().onStart(this);
    run(raft::start);
    scheduleTick(mine);
    scheduleCheckpoint(mine);
  }

  /** By this node's clock, which runs as fast as its ticks come. */
  private LeaderLease lease() {
    NodeClock clock =
        new NodeClock() {
          @Override
          public long monotonicNanos() {
            return 1000 * events.nowMicros() * TICK_MICROS / tickMicros;
          }

          @Override
          public long wallMillis() {
            return 0;
          }
        };
    long lengthNanos = LeaderLease.lengthNanos(options.core(), 1000 * TICK_MICROS);
    return new LeaderLease(clock, lengthNanos, simulation::hasLeases);
  }

  private SimThreads threads(int mine) {
    SimExecutor raftLoop = new SimExecutor(this, mine, events, () -> random.skewedUpTo(100));
    return new SimThreads(
        raftLoop,
        plan.hasClientLoop()
            ? new SimExecutor(this, mine, events, () -> random.skewedUpTo(100))
            : raftLoop,
        new SimExecutor(this, mine, events, this::diskMicros),
        new SimExecutor(this, mine, events, () -> random.skewedUpTo(2_000)),
        new SimExecutor(this, mine, events, () -> random.skewedUpTo(5_000)),
        new SimExecutor(this, mine, events, this::diskMicros));
  }

  private long diskMicros() {
    long stall = Math.max(0, stalledUntilMicros - events.nowMicros());
    return stall + random.skewedUpTo(plan.maxDiskMicros());
  }

  /** Runs something of this process; looks at the invariants afterwards. */
  void run(Runnable task) {
    try {
      task.run();
    } catch (SimCrash crash) {
      crash();
    }
    if (raft != null) {
      simulation.invariants().afterStep(this);
    }
  }

  void crash() {
    if (raft == null) {
      return;
    }
    raft = null;
    die();
    if (random.chance(plan.further().stateLostChance())) {
      simulation.maybeLoseState(this);
    }
  }

  private void die() {
    simulation.trace().add(id.number(), "crashes", incarnation, incarnation);
    simulation.coverage().hit("crash");
    loop = null;
    pausedUntilMicros = 0;
    stalledUntilMicros = 0;
    disk.restart();
    server.die();
    events.schedule(random.skewedUpTo(2_000_000), this::startAgain);
  }

  private void startAgain() {
    if (!simulation.isDeadForGood(this)) {
      start();
    }
  }

  void loseState() {
    lacksState = true;
    server.loseState();
  }

  void maybeCrash(String where) {
    if (!simulation.isCalm() && random.chance(plan.crashAtWriteChance() > 0 ? 0.2 : 0)) {
      simulation.coverage().hit("crash " + where);
      throw new SimCrash();
    }
  }

  void pause(long micros) {
    pausedUntilMicros = events.nowMicros() + micros;
  }

  void stallDisk(long micros) {
    stalledUntilMicros = events.nowMicros() + micros;
  }

  /** The wall clock: differs from the others', runs at its own pace, and may be set. */
  long clockMillis() {
    return EPOCH_MILLIS + clockOffsetMillis + events.nowMicros() / 1000 * TICK_MICROS / tickMicros;
  }

  void setClock(long aheadMillis) {
    clockOffsetMillis += aheadMillis;
  }

  /** All goes well from now on. */
  void recover() {
    pausedUntilMicros = 0;
    stalledUntilMicros = 0;
  }

  boolean isPaused() {
    return pausedUntilMicros > events.nowMicros();
  }

  long pauseLeftMicros() {
    return pausedUntilMicros - events.nowMicros();
  }

  private void scheduleTick(int mine) {
    events.schedule(
        tickMicros,
        () -> {
          if (isIncarnation(mine)) {
            onLoop(
                node -> {
                  tick(node);
                  scheduleTick(mine); // Never two at once, however long the process stood still.
                });
          }
        });
  }

  private void scheduleCheckpoint(int mine) {
    events.schedule(
        random.between(10_000, plan.maxCheckpointMicros()),
        () -> {
          if (isIncarnation(mine)) {
            server.checkpoint();
            scheduleCheckpoint(mine);
          }
        });
  }

  private void tick(RaftNode node) {
    node.tick();
    long leaseReads = node.readCounters().leaseReads();
    if (leaseReads > seenLeaseReads) {
      simulation.coverage().hit("read: by a lease", leaseReads - seenLeaseReads);
      seenLeaseReads = leaseReads;
    }
    long followerReads = node.readCounters().followerReads();
    if (followerReads > seenFollowerReads) {
      simulation.coverage().hit("read: at a follower", followerReads - seenFollowerReads);
      seenFollowerReads = followerReads;
    }
    server.onTick();
  }

  // ---- What reaches the process ----

  private interface LoopTask {
    void run(RaftNode node);
  }

  private void onLoop(LoopTask task) {
    RaftNode node = raft;
    SimExecutor executor = loop;
    if (node != null && executor != null) {
      executor.executeNow(() -> task.run(node));
    }
  }

  void receive(NodeId from, Message message) {
    onLoop(node -> node.receive(from, message));
  }

  void unreachable(NodeId peer) {
    onLoop(node -> node.unreachable(peer));
  }

  void transferLeadership() {
    onLoop(node -> node.transferLeadership(null));
  }

  void changeMembership(MembershipChange change) {
    String what = change.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    onLoop(
        node ->
            node.changeMembership(
                change,
                new ChangeRequest() {
                  @Override
                  public void done() {
                    simulation.coverage().hit("membership: " + what + " done");
                  }

                  @Override
                  public void refused(Reason reason) {
                    simulation.coverage().hit("membership: refused, " + reason);
                  }

                  @Override
                  public void unknown() {
                    simulation.coverage().hit("membership: " + what + " unknown");
                  }
                }));
  }

  // ---- What the process does ----

  private void send(NodeId to, Message message) {
    simulation.invariants().onSend(this, to, message);
    simulation.network().send(id, to, message);
  }

  @Override
  public SimDisk.Fate fateOfWrite() {
    if (simulation.isCalm()) {
      return SimDisk.Fate.DONE;
    }
    if (random.chance(plan.writeFailureChance())) {
      simulation.coverage().hit("write failure");
      return SimDisk.Fate.FAILURE;
    }
    if (!random.chance(plan.crashAtWriteChance())) {
      return SimDisk.Fate.DONE;
    }
    SimDisk.Fate[] fates = SimDisk.Fate.values();
    SimDisk.Fate fate = fates[1 + random.below(3)];
    simulation.coverage().hit("crash at write: " + fate);
    return fate;
  }

  @Override
  public void onDurable(LogEntry entry, long prevTerm) {
    simulation.invariants().onEntry(this, entry, prevTerm);
  }

  @Override
  public void onHardState(HardState hardState) {
    simulation.trace().add(id.number(), "has durable", hardState, hardState.commitIndex());
  }

  void onInstalled(SnapshotId snapshot) {
    simulation.trace().add(id.number(), "installed", snapshot, snapshot.hashCode());
    simulation.coverage().hit("snapshot installed");
    if (lacksState) {
      lacksState = false;
      simulation.coverage().hit("state lost and given anew");
    }
  }

  @Override
  public void onRoleChanged(Role role, long term, @Nullable NodeId leader) {
    simulation.trace().add(id.number(), "is now " + role + " of term", term, term);
    simulation.coverage().hit("became " + role);
    server.onRoleChanged(role, term, leader);
    if (role == Role.LEADER) {
      simulation.aimed().onLeader(this);
    }
  }

  @Override
  public void onConfigurationChanged(Configuration configuration) {
    simulation.trace().add(id.number(), "has", configuration, configuration.hashCode());
    if (configuration.isJoint()) {
      simulation.coverage().hit("membership: joint");
    }
    RaftCore core = core();
    if (core != null) { // Who leads may have been no member of the one before.
      server.onRoleChanged(core.role(), core.currentTerm(), core.leader());
    }
    if (isLeader()) {
      simulation.aimed().onConfiguration(this, configuration);
    }
  }

  @Override
  public void onProposalSlot() {
    server.onProposalSlot();
  }

  @Override
  public void onFailure(Throwable failure) {
    if (failure instanceof LogException || failure instanceof StorageException) {
      throw new SimCrash();
    }
    throw new SimulationFailure(id + " stops: " + failure.getMessage(), failure);
  }
}
