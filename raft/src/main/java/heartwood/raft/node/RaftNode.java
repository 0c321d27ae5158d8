package heartwood.raft.node;

import heartwood.raft.core.Effect;
import heartwood.raft.core.Effect.ProposalRejected;
import heartwood.raft.core.Input;
import heartwood.raft.core.MembershipChange;
import heartwood.raft.core.RaftCore;
import heartwood.raft.core.Role;
import heartwood.raft.log.LogException;
import heartwood.raft.log.LogStore;
import heartwood.raft.log.SnapshotStore;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a {@link RaftCore}: feeds it what happens and does what it asks for.
 *
 * <p>Confined to the raft loop, apart from {@link #status()}: every public method must be called
 * there. Disk, state machine and snapshots are reached through executors that run one task at a
 * time, in order; their results come back as tasks of the loop.
 *
 * <p>Here are time, the core's steps, and who does what each {@link Effect} asks for; what a
 * collaborator finds out comes back through {@link #step}. All stops in {@link #fail}.
 */
public final class RaftNode {
  private static final Logger logger = LoggerFactory.getLogger(RaftNode.class);

  private final NodeId self;
  private final LogStore log;
  private final Transport transport;
  private final NodeListener listener;
  private final RaftCore core;
  private final EntryCache cache;
  private final EntrySender sender;
  private final LogWriter writer;
  private final LogCompaction compaction;
  private final LogRepair repair;
  private final SnapshotSource snapshotSource;
  private final SnapshotPull snapshotPull;
  private final SnapshotWish snapshotWish;
  private final DivergenceCheck divergence;
  private final RefusedMessages refused;
  private final Applier applier;
  private final OpenProposals proposals;
  private final OpenChange change;
  private final DiskFailure diskFailure;
  private final LinearizableReads reads;

  /** What could not be read of the log when the node was made. */
  private final List<Long> damagedAtStart;

  /** What the core asked for and is not done yet. */
  private final ArrayDeque<Effect> effects = new ArrayDeque<>();

  private boolean isPerforming;
  private long ticks;
  private long lastProposalTick;
  private boolean hasFailed;

  private volatile NodeStatus status;

  /** A node that asks for a round for every read. */
  public RaftNode(
      NodeId self,
      NodeOptions options,
      long seed,
      LogStore log,
      SnapshotStore snapshotStore,
      StateMachine stateMachine,
      Configuration configuration,
      Transport transport,
      NodeExecutors executors,
      NodeListener listener) {
    this(
        self,
        options,
        seed,
        log,
        snapshotStore,
        stateMachine,
        configuration,
        transport,
        executors,
        listener,
        LeaderLease.none());
  }

  /**
   * @param configuration of the state machine's applied index
   * @param seed of the core's chance; differs from node to node
   */
  public RaftNode(
      NodeId self,
      NodeOptions options,
      long seed,
      LogStore log,
      SnapshotStore snapshotStore,
      StateMachine stateMachine,
      Configuration configuration,
      Transport transport,
      NodeExecutors executors,
      NodeListener listener,
      LeaderLease lease) {
    this.self = self;
    this.log = log;
    this.transport = transport;
    this.listener = listener;
    CoreStart start = CoreStart.of(self, options.core(), seed, log, stateMachine, configuration);
    this.core = start.core();
    this.damagedAtStart = start.damaged();
    int maxAppendBytes = options.core().maxAppendBytes();
    this.cache = new EntryCache(log.lastIndex() + 1, options.cacheBytes());
    this.sender = new EntrySender(this, log, cache, transport, maxAppendBytes);
    this.writer = new LogWriter(this, log, transport, executors, options.maxWriteTicks());
    this.refused = new RefusedMessages(core);
    SnapshotWork work = new SnapshotWork(this, executors);
    this.snapshotSource =
        new SnapshotSource(this, snapshotStore, stateMachine, transport, work, options);
    this.snapshotPull = new SnapshotPull(this, snapshotStore, transport, executors, work, options);
    this.snapshotWish = new SnapshotWish(this);
    this.compaction =
        new LogCompaction(
            this, log, stateMachine, snapshotSource, executors, options.maxLogBytes());
    this.divergence =
        new DivergenceCheck(this, stateMachine.digests(), transport, options.digestIntervalTicks());
    this.repair = new LogRepair(this, transport, executors, maxAppendBytes);
    this.applier =
        new Applier(stateMachine, sender::entries, executors, repair::onDamage, this::fail);
    if (start.isStateLost()) {
      applier.onStateLost();
    }
    this.proposals = new OpenProposals(core, applier, options.unknownAfterTicks());
    this.change = new OpenChange(core);
    this.diskFailure = new DiskFailure(this, proposals, options.core().electionTimeoutTicks());
    this.reads = new LinearizableReads(this, applier, lease);
    this.status = currentStatus();
  }

  /**
   * Begins to apply what is known committed; the apply thread is done with it before other work.
   */
  public void start() {
    if (!damagedAtStart.isEmpty()) {
      logger.warn("{}'s log is damaged: entries {}", self, damagedAtStart);
      repair.found(damagedAtStart);
    }
    if (applier.isStateLost()) {
      logger.warn("{} has lost its state and awaits a snapshot", self);
      step(new Input.StateLost());
    }
    step(new Input.Start());
    snapshotSource.start();
  }

  /** One unit of time has passed. */
  public void tick() {
    ticks++;
    writer.tick();
    step(new Input.Tick());
    refused.tick();
    if (!hasFailed) {
      snapshotSource.tick();
      snapshotPull.tick();
      tickWish();
      divergence.tick();
    }
    proposals.tick();
    compaction.tick();
    diskFailure.maybeStop();
    if (!hasFailed) {
      repair.tick();
    }
    long heldUp = applier.heldUpIndex();
    if (heldUp > 0 && repair.isSound(heldUp)) {
      applier.goOn();
    }
    applier.tick();
    status = currentStatus();
  }

  /**
   * Not while the state is replaced, for the log may be too; nor while it is lost: see {@link
   * heartwood.raft.core.Input.StateLost}.
   */
  private boolean takesEntries() {
    return !snapshotPull.isInstalling() && !applier.isStateLost();
  }

  private void tickWish() {
    snapshotWish.tick();
    if (applier.isStateLost() && !snapshotPull.isComing()) {
      snapshotWish.want(core.baseIndex());
    }
  }

  public void receive(NodeId from, Message message) {
    if (hasFailed || refused.refuses(from, message) || repair.receive(from, message)) {
      return;
    }
    if (message instanceof Message.PullSnapshot pull) {
      snapshotSource.onPull(from, pull);
    } else if (message instanceof Message.SnapshotChunk chunk) {
      snapshotPull.onChunk(chunk);
    } else if (message instanceof Message.StateDigest told) {
      divergence.onTold(from, told);
    } else if (message instanceof Message.TimeRequest) {
      if (core.isLeader()) {
        listener.onTimeRequest();
      }
    } else if (!(message instanceof Message.AppendEntries) || takesEntries()) {
      // Who is no member here may be one already, of a configuration this log does not have yet.
      step(new Input.Receive(from, message));
      if (message instanceof Message.InstallSnapshot install && applier.isHeldUp()) {
        snapshotPull.onOffered(install.snapshot()); // To the core all that is committed is there.
      }
    }
  }

  /** The connection to a peer broke, and messages on their way may be lost. */
  public void unreachable(NodeId peer) {
    step(new Input.Unreachable(peer));
  }

  /**
   * Whether to propose now: else let the proposal grow, {@link NodeListener#onProposalSlot} says
   * when. One entry at a time, so that what arrives while it is on its way becomes the next, and
   * the busier the node, the larger the entries; but where a round trip is long, one more each
   * tick. While leadership is handed over, what waits can still go either way.
   */
  public boolean hasProposalSlot() {
    return !hasFailed
        && !core.isTransferring()
        && !writer.hasWaiting()
        && (core.lastIndex() == core.commitIndex() || lastProposalTick != ticks);
  }

  public void propose(Proposal proposal) {
    if (hasFailed) {
      proposal.notExecuted();
      return;
    }
    lastProposalTick = ticks;
    for (Effect effect : stepCore(new Input.Propose(EntryKind.COMMANDS, proposal.payload()))) {
      if (effect instanceof Effect.Proposed proposed) {
        proposals.add(proposed, proposal);
      } else if (effect instanceof ProposalRejected) {
        proposal.notExecuted();
      } else {
        effects.addLast(effect);
      }
    }
    if (hasFailed) {
      proposal.unknown(); // The step broke off; nobody can tell how far it came.
    }
    performAll();
  }

  public void readIndex(ReadRequest request) {
    if (hasFailed) {
      request.failed();
      return;
    }
    reads.add(request);
  }

  public ReadCounters readCounters() {
    return reads.counters();
  }

  /** Has the leader move time on, if one is known; nobody tells whether it does. */
  public void requestTime() {
    NodeId leader = core.leader();
    if (leader != null && !core.isLeader() && !hasFailed) {
      transport.send(leader, new Message.TimeRequest(core.currentTerm()));
      transport.flush();
    }
  }

  /** Hands leadership to a voter, or to the one that is furthest, if this node leads. */
  public void transferLeadership(@Nullable NodeId target) {
    step(new Input.TransferLeadership(target));
  }

  /** A read of the log has met damage. */
  void foundDamage(LogException.Corrupt damage) {
    repair.onDamage(damage);
  }

  /** The disk has little room left, or enough again: a node without room is nobody's heir. */
  public void setDiskLow(boolean isLow) {
    step(new Input.DiskLow(isLow));
  }

  public void changeMembership(MembershipChange wished, ChangeRequest request) {
    if (hasFailed) {
      request.refused(ProposalRejected.Reason.NOT_LEADER);
      return;
    }
    for (Effect effect : stepCore(new Input.ChangeMembership(wished))) {
      if (effect instanceof Effect.Proposed proposed) {
        change.begin(proposed, request);
      } else if (effect instanceof ProposalRejected rejected) {
        request.refused(rejected.reason());
      } else {
        effects.addLast(effect);
      }
    }
    if (hasFailed) {
      request.unknown(); // The step broke off; nobody can tell how far it came.
    }
    performAll();
  }

  public boolean isLeader() {
    return core.isLeader();
  }

  /** Any thread. */
  public NodeStatus status() {
    return status;
  }

  /** Highest index that this node's own log holds durably. */
  public long durableIndex() {
    return core.durableIndex();
  }

  /** How many messages were passed over because no peer that is in order says such a thing. */
  public long refusedMessages() {
    return refused.count();
  }

  public String describe() {
    return core.describe();
  }

  /** To be looked at, never to be stepped: whoever steps it keeps its effects from this node. */
  public RaftCore core() {
    return core;
  }

  /** Effects of the core are under way: what is applied is not all that it has handed out. */
  boolean isPerforming() {
    return isPerforming;
  }

  void step(Input input) {
    effects.addAll(stepCore(input));
    performAll();
  }

  private List<Effect> stepCore(Input input) {
    if (hasFailed) {
      return List.of();
    }
    try {
      List<Effect> stepped = core.step(input);
      for (Effect effect : stepped) {
        if (effect instanceof Effect.Persist persist) {
          persist.entries().forEach(cache::put); // Before they are sent from there.
        }
      }
      return stepped;
    } catch (RuntimeException | VirtualMachineError | AssertionError failure) {
      fail(failure);
      return List.of();
    }
  }

  /** Performing may step the core again: those effects go behind the ones that are left. */
  private void performAll() {
    if (isPerforming) {
      return;
    }
    isPerforming = true;
    for (Effect next = effects.pollFirst(); next != null; next = effects.pollFirst()) {
      try {
        perform(next);
      } catch (RuntimeException | VirtualMachineError | AssertionError failure) {
        fail(failure);
      }
    }
    isPerforming = false;
    change.maybeEnd(hasFailed);
    transport.flush();
    if (hasProposalSlot()) {
      listener.onProposalSlot();
    }
  }

  private void perform(Effect effect) {
    if (effect instanceof Effect.Send send) {
      transport.send(send.to(), send.message());
    } else if (effect instanceof Effect.SendEntries send) {
      sender.send(send);
    } else if (effect instanceof Effect.Persist persist) {
      writer.persist(persist);
    } else if (effect instanceof Effect.Apply apply) {
      proposals.apply(apply);
    } else if (effect instanceof Effect.ReadReady ready) {
      reads.onReady(ready.readId(), ready.index());
    } else if (effect instanceof Effect.ReadFailed failed) {
      reads.onFailed(failed.readId());
    } else if (effect instanceof Effect.RoleChanged changed) {
      onRoleChanged(changed);
    } else if (effect instanceof Effect.ConfigurationChanged changed) {
      logger.info("{} has configuration {}", self, changed.configuration());
      status = currentStatus();
      reads.onConfigurationChanged();
      listener.onConfigurationChanged(changed.configuration());
    } else if (effect instanceof Effect.StageSnapshot) {
      snapshotSource.stage();
    } else if (effect instanceof Effect.PullSnapshot pull) {
      snapshotPull.onOffered(pull.snapshot());
    } else {
      throw new AssertionError(effect);
    }
  }

  // ---- What collaborators ask of one another ----

  /** The log cannot be written any more. */
  void onDiskFailure(LogException failure) {
    diskFailure.onFailure(failure);
  }

  /** What the core handed out to be written is durable, up to here. */
  void onPersisted(long sequence) {
    step(new Input.Persisted(sequence));
    cache.evict(core.durableIndex());
  }

  /**
   * Runs work on the log thread once every persist handed out so far is durable, and before those
   * to come.
   */
  void afterWrites(Runnable work) {
    writer.afterWrites(work);
  }

  /** Forgets the log through an entry if a checkpoint has what it did; else asks for one. */
  boolean forgetLog(long index) {
    return compaction.forget(index);
  }

  /** Whether a snapshot of an index brings what this node does not have. */
  boolean wantsSnapshot(long index) {
    if (applier.isStateLost()) {
      return index >= core.baseIndex(); // The log must go on behind it.
    }
    long heldUp = applier.heldUpIndex();
    return index > core.commitIndex() || (heldUp > 0 && heldUp <= index);
  }

  /** Has the leader offer a snapshot of an index or a later one. */
  void wishForSnapshot(long fromIndex) {
    if (!snapshotPull.isComing()) {
      snapshotWish.want(fromIndex);
    }
  }

  /** A snapshot has become the state, and the log fits it. */
  void onSnapshotInstalled(Input.SnapshotInstalled installed) {
    applier.onStateInstalled(installed.snapshot().lastIncludedIndex());
    step(installed);
  }

  /** After an installed snapshot: what is cached belongs to a log that is no more. */
  void clearCache(long nextIndex) {
    cache.clear(nextIndex);
  }

  LogStore log() {
    return log;
  }

  boolean hasFailed() {
    return hasFailed;
  }

  // ---- Roles, status, the end ----

  private void onRoleChanged(Effect.RoleChanged changed) {
    if (changed.role() != Role.LEADER) {
      proposals.onLeadershipLost();
    }
    logger.info(
        "{} became {} term={} leader={} lastIndex={} because {}",
        self,
        changed.role(),
        changed.term(),
        changed.leader(),
        core.lastIndex(),
        changed.why());
    status = currentStatus();
    listener.onRoleChanged(changed.role(), changed.term(), changed.leader());
  }

  private NodeStatus currentStatus() {
    return NodeStatus.of(core, writer.stalledTicks(), repair.damagedCount(), applier.isStateLost());
  }

  /**
   * The node stops: its disk failed, an invariant broke, or memory is gone. What it has
   * acknowledged is safe with the others; a node that lives on and does half its work would keep
   * them from replacing it.
   */
  public void fail(Throwable failure) {
    if (hasFailed) {
      return;
    }
    hasFailed = true;
    logger.error("node stops: {}", core.describe(), failure);
    if (failure instanceof RuntimeException) {
      sayFarewell();
    }
    proposals.abandonAll();
    reads.failAll();
    change.maybeEnd(hasFailed);
    listener.onFailure(failure);
  }

  /** A voter that can lead at once need not wait for an election timeout. */
  private void sayFarewell() {
    try {
      for (Effect effect : core.step(new Input.TransferLeadership(null))) {
        if (effect instanceof Effect.Send send) {
          transport.send(send.to(), send.message());
        }
      }
      transport.flush();
    } catch (RuntimeException e) {
      logger.warn("{} told nobody that it stops", self, e); // They find out by themselves.
    }
  }
}
