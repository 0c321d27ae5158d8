package heartwood.raft.node;

import heartwood.raft.core.ConfigurationLog;
import heartwood.raft.core.Effect;
import heartwood.raft.core.Effect.ProposalRejected;
import heartwood.raft.core.Input;
import heartwood.raft.core.MembershipChange;
import heartwood.raft.core.RaftCore;
import heartwood.raft.core.RaftLog;
import heartwood.raft.core.Role;
import heartwood.raft.log.HardState;
import heartwood.raft.log.LogBatch;
import heartwood.raft.log.LogException;
import heartwood.raft.log.LogStore;
import heartwood.raft.log.SnapshotStore;
import heartwood.raft.log.TermStart;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
 * <p>One write to the log is under way at a time. What is handed out meanwhile waits and goes
 * together as the next one, so the slower the disk, the larger the writes.
 */
public final class RaftNode {
  private static final Logger logger = LoggerFactory.getLogger(RaftNode.class);

  private static final int COMPACTION_CHECK_TICKS = 50;
  private static final int CONFIGURATION_SCAN_BYTES = 4 << 20;

  /** The share of a log at its limit that is cut at once. */
  private static final double LOG_CUT = 1 / 16.0;

  /** How far beyond its limit the log may grow for the sake of a snapshot that is being pulled. */
  private static final int MAX_LOG_FACTOR = 4;

  private final NodeId self;
  private final NodeOptions options;
  private final LogStore log;
  private final StateMachine stateMachine;
  private final Transport transport;
  private final NodeExecutors executors;
  private final NodeListener listener;
  private final RaftCore core;
  private final EntryCache cache;
  private final SnapshotSource snapshotSource;
  private final SnapshotPull snapshotPull;
  private final DivergenceCheck divergence;
  private final RefusedMessages refused;
  private final LogRepair repair;
  private final Applier applier;

  /** What could not be read of the log when the node was made. */
  private final List<Long> damagedAtStart = new ArrayList<>();

  /** What the core asked for and is not done yet. */
  private final ArrayDeque<Effect> effects = new ArrayDeque<>();

  private boolean isPerforming;

  /** Persists that wait for the write under way. */
  private final ArrayDeque<Effect.Persist> persists = new ArrayDeque<>();

  private final DiskWatch disk;

  /** Sequence of the last persist that the core handed out, and of the last one written. */
  private long handedOutSequence;

  private long writtenSequence;

  /** Work for the log thread that must not overtake the persists before it, such as a reset. */
  private final ArrayDeque<AfterWrites> afterWrites = new ArrayDeque<>();

  private record AfterWrites(long sequence, Runnable work) {}

  /** What was proposed here and is not known committed, by index. */
  private final TreeMap<Long, Pending> proposals = new TreeMap<>();

  private record Pending(long term, Proposal proposal) {}

  /** Leadership was lost with proposals open, and so many ticks ago. */
  private boolean hasOrphans;

  private int orphanedTicks;

  private final LinearizableReads reads;

  /** A change of the membership that was begun here. */
  private @Nullable PendingChange change;

  private record PendingChange(long index, long term, ChangeRequest request) {}

  private long ticks;
  private long lastProposalTick;
  private boolean isCompacting;
  private boolean hasFailed;

  /** What the log cannot be written for any more; the node leads on just to hand over. */
  private @Nullable LogException diskFailure;

  private int ticksSinceDiskFailure;
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
    this.options = options;
    this.log = log;
    this.stateMachine = stateMachine;
    this.transport = transport;
    this.executors = executors;
    this.listener = listener;
    this.disk = new DiskWatch(options.maxWriteTicks());
    fitLogToState(log, stateMachine);
    HardState hardState = log.hardState();
    this.core =
        new RaftCore(
            self,
            options.core(),
            seed,
            hardState.currentTerm(),
            hardState.votedFor(),
            shapeOf(log),
            hardState.commitIndex(),
            stateMachine.appliedIndex(),
            configurationsOf(log, stateMachine.appliedIndex(), configuration, damagedAtStart));
    this.refused = new RefusedMessages(core);
    this.cache = new EntryCache(log.lastIndex() + 1, options.cacheBytes());
    SnapshotWork work = new SnapshotWork(this, executors);
    this.snapshotSource =
        new SnapshotSource(this, snapshotStore, stateMachine, transport, work, options);
    this.snapshotPull = new SnapshotPull(this, snapshotStore, transport, executors, work, options);
    this.divergence =
        new DivergenceCheck(this, stateMachine.digests(), transport, options.digestIntervalTicks());
    this.repair = new LogRepair(this, transport, executors, options.core().maxAppendBytes());
    this.applier =
        new Applier(stateMachine, this::entries, executors, repair::onDamage, this::fail);
    this.reads = new LinearizableReads(this, applier, lease);
    this.status = currentStatus();
  }

  /**
   * A crash may come between the installation of a snapshot and what follows it, the log's reset
   * (Raft §7): a log that does not reach the state, or holds another entry there, is begun anew.
   */
  private static void fitLogToState(LogStore log, StateMachine stateMachine) {
    long index = stateMachine.appliedIndex();
    long term = stateMachine.appliedTerm();
    if (index < log.baseIndex()) {
      throw new LogException.Compacted(
          "applied index: "
              + index
              + " (expected: at least the log's base "
              + log.baseIndex()
              + ")");
    }
    if (index > log.lastIndex() || log.termAt(index) != term) {
      logger.info("resets log lastIndex={} to appliedIndex={}", log.lastIndex(), index);
      log.reset(index, term);
    }
    HardState hardState = log.hardState();
    if (term > hardState.currentTerm()) { // It had not reached the disk when the snapshot did.
      log.write(new LogBatch(List.of(), new HardState(term, null, hardState.commitIndex())));
    }
  }

  private static RaftLog shapeOf(LogStore log) {
    Map<Long, Long> termByFirstIndex = new TreeMap<>();
    for (TermStart start : log.termStarts()) {
      termByFirstIndex.put(start.firstIndex(), start.term());
    }
    long count = log.lastIndex() - log.baseIndex();
    int averageBytes = count == 0 ? 0 : (int) Math.min(1 << 20, log.sizeBytes() / count);
    return new RaftLog(
        log.baseIndex(), log.baseTerm(), log.lastIndex(), termByFirstIndex, averageBytes);
  }

  /**
   * What the state machine has applied, and what stands in the log above that.
   *
   * @param damaged gets the entries that cannot be read
   */
  private static ConfigurationLog configurationsOf(
      LogStore log, long appliedIndex, Configuration applied, List<Long> damaged) {
    Map<Long, Configuration> above = new TreeMap<>();
    damaged.addAll(
        DamageScan.of(
            log,
            appliedIndex + 1,
            CONFIGURATION_SCAN_BYTES,
            entry -> {
              if (entry.kind() == EntryKind.CONFIGURATION) {
                above.put(entry.index(), ConfigurationCodec.decode(entry.payload()));
              }
            }));
    return new ConfigurationLog(applied, above);
  }

  /**
   * Begins to apply what is known committed; the apply thread is done with it before other work.
   */
  public void start() {
    if (!damagedAtStart.isEmpty()) {
      logger.warn("{}'s log is damaged: entries {}", self, damagedAtStart);
      repair.found(damagedAtStart);
    }
    step(new Input.Start());
    snapshotSource.start();
  }

  /** One unit of time has passed. */
  public void tick() {
    ticks++;
    watchDisk();
    step(new Input.Tick());
    refused.tick();
    if (!hasFailed) {
      snapshotSource.tick();
      snapshotPull.tick();
      divergence.tick();
    }
    if (hasOrphans && ++orphanedTicks >= options.unknownAfterTicks()) {
      abandonOrphans();
    }
    if (ticks % COMPACTION_CHECK_TICKS == 0) {
      maybeCompact();
    }
    maybeStop();
    repair.tick();
    long heldUp = applier.heldUpIndex();
    if (heldUp > 0 && repair.isSound(heldUp)) {
      applier.goOn();
    }
    applier.tick();
    status = currentStatus();
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
    } else if (!(message instanceof Message.AppendEntries) || !snapshotPull.isInstalling()) {
      // Who is no member here may be one already, of a configuration this log does not have yet.
      step(new Input.Receive(from, message));
      if (message instanceof Message.InstallSnapshot install && applier.heldUpIndex() > 0) {
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
        && persists.isEmpty()
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
        remember(proposed, proposal);
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

  private void remember(Effect.Proposed proposed, Proposal proposal) {
    Pending replaced = proposals.put(proposed.index(), new Pending(proposed.term(), proposal));
    if (replaced != null) {
      // An earlier leadership's entry was cut here; a node that holds it may yet commit it.
      replaced.proposal().unknown();
    }
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
        change = new PendingChange(proposed.index(), proposed.term(), request);
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

  private void maybeEndChange() {
    PendingChange pending = change;
    if (pending == null) {
      return;
    }
    // What is cut off below is committed; what this leader appended is there as long as it leads.
    boolean isOurs = !core.holds(pending.index()) || core.termAt(pending.index()) == pending.term();
    boolean isCommitted = core.commitIndex() >= pending.index() && isOurs;
    if (isCommitted && core.isConfigurationSettled() && core.currentTerm() == pending.term()) {
      change = null;
      pending.request().done();
    } else if (!core.isLeader() || core.currentTerm() != pending.term() || hasFailed) {
      change = null;
      pending.request().unknown();
    }
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
    maybeEndChange();
    transport.flush();
    if (hasProposalSlot()) {
      listener.onProposalSlot();
    }
  }

  private void perform(Effect effect) {
    if (effect instanceof Effect.Send send) {
      transport.send(send.to(), send.message());
    } else if (effect instanceof Effect.SendEntries send) {
      sendEntries(send);
    } else if (effect instanceof Effect.Persist persist) {
      persist(persist);
    } else if (effect instanceof Effect.Apply apply) {
      apply(apply);
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

  // ---- Entries to peers ----

  private void sendEntries(Effect.SendEntries send) {
    long fromIndex = send.fromIndex();
    long prevTerm = send.prevLogTerm();
    try {
      do {
        List<LogEntry> entries = List.of();
        if (fromIndex <= send.toIndex()) {
          entries = entries(fromIndex, send.toIndex(), options.core().maxAppendBytes());
        }
        transport.send(
            send.to(),
            new Message.AppendEntries(
                send.term(), fromIndex - 1, prevTerm, send.leaderCommit(), entries));
        if (!entries.isEmpty()) {
          LogEntry last = entries.get(entries.size() - 1);
          fromIndex = last.index() + 1;
          prevTerm = last.term();
        }
      } while (fromIndex <= send.toIndex());
    } catch (LogException.Compacted gone) {
      // The log was cut a moment ago and the core will hear of it: then a snapshot goes.
      step(new Input.Unreachable(send.to()));
    } catch (LogException.Corrupt damage) {
      repair.onDamage(damage);
      step(new Input.Unreachable(send.to()));
    } catch (LogException failure) {
      fail(failure);
    }
  }

  private List<LogEntry> entries(long fromIndex, long toIndex, int maxBytes) {
    List<LogEntry> entries = cache.range(fromIndex, toIndex, maxBytes);
    if (!entries.isEmpty()) {
      return entries;
    }
    // Where the cache begins, the disk may still hold entries that a write under way will cut.
    return log.read(fromIndex, Math.min(toIndex, cache.firstIndex() - 1), maxBytes);
  }

  // ---- The log ----

  private void persist(Effect.Persist persist) {
    persists.addLast(persist);
    handedOutSequence = persist.sequence();
    maybeWrite();
  }

  private void maybeWrite() {
    if (disk.isBusy() || hasFailed) {
      return;
    }
    AfterWrites first = afterWrites.peekFirst();
    if (first != null && first.sequence() <= writtenSequence) {
      afterWrites.removeFirst();
      disk.begin();
      executors.log().execute(first.work());
      return;
    }
    if (persists.isEmpty()) {
      return;
    }
    List<Effect.Persist> batch = new ArrayList<>(persists);
    persists.clear();
    LogBatch write = join(batch);
    if (write == null) {
      onDurable(batch);
      return;
    }
    disk.begin();
    executors
        .log()
        .execute(
            () -> {
              try {
                log.write(write);
              } catch (LogException failure) {
                executors.loop().execute(() -> onDiskFailure(failure));
                return;
              } catch (RuntimeException | VirtualMachineError | AssertionError failure) {
                executors.loop().execute(() -> fail(failure));
                return;
              }
              executors
                  .loop()
                  .execute(
                      () -> {
                        onWritten();
                        onDurable(batch);
                      });
            });
  }

  /**
   * Runs work on the log thread once every persist handed out so far is durable, and before those
   * to come: a busy log must not put it off for ever.
   */
  void afterWrites(Runnable work) {
    Runnable guarded =
        () -> {
          try {
            work.run();
          } catch (RuntimeException | VirtualMachineError | AssertionError failure) {
            executors.loop().execute(() -> fail(failure));
            return;
          }
          executors
              .loop()
              .execute(
                  () -> {
                    onWritten();
                    maybeWrite();
                  });
        };
    afterWrites.addLast(new AfterWrites(handedOutSequence, guarded));
    maybeWrite();
  }

  /** Several persists as one write; null when there is nothing to write but order to keep. */
  private static @Nullable LogBatch join(List<Effect.Persist> batch) {
    List<LogEntry> entries = new ArrayList<>();
    boolean hardStateChanged = false;
    for (Effect.Persist persist : batch) {
      hardStateChanged |= persist.hardStateChanged();
      if (!persist.entries().isEmpty()) {
        long fromIndex = persist.entries().get(0).index();
        while (!entries.isEmpty() && entries.get(entries.size() - 1).index() >= fromIndex) {
          entries.remove(entries.size() - 1);
        }
        entries.addAll(persist.entries());
      }
    }
    if (entries.isEmpty() && !hardStateChanged) {
      return null;
    }
    Effect.Persist last = batch.get(batch.size() - 1);
    return new LogBatch(
        entries, new HardState(last.currentTerm(), last.votedFor(), last.commitIndex()));
  }

  private void watchDisk() {
    boolean wasStalled = disk.isStalled();
    disk.tick();
    if (disk.isStalled() && !wasStalled) {
      logger.warn(
          "{}'s disk has not done a write to the log in {} ticks", self, disk.stalledTicks());
      step(new Input.DiskStalled(true));
    }
  }

  private void onWritten() {
    int stalledTicks = disk.stalledTicks();
    disk.end();
    if (stalledTicks > 0) {
      logger.info("{}'s disk has done the write, after {} ticks", self, stalledTicks);
      step(new Input.DiskStalled(false));
    }
  }

  /**
   * Nothing is written any more. A leader still can tell a voter to lead: what was proposed here is
   * committed by the others meanwhile, and what is told about it, too. What depends on the write
   * that failed never leaves, for the disk stays busy with it.
   */
  private void onDiskFailure(LogException failure) {
    diskFailure = failure;
    if (core.isLeader() && !hasFailed) {
      logger.error("{} cannot write its log, hands over and stops", self, failure);
      step(new Input.TransferLeadership(null));
    }
    maybeStop();
  }

  private void maybeStop() {
    LogException failure = diskFailure;
    if (failure != null && !hasFailed) {
      boolean isDone = !core.isLeader() && proposals.isEmpty();
      boolean isAlone = !core.isTransferring() && core.isLeader();
      if (isDone || isAlone || ticksSinceDiskFailure++ > options.core().electionTimeoutTicks()) {
        fail(failure);
      }
    }
  }

  private void onDurable(List<Effect.Persist> batch) {
    for (Effect.Persist persist : batch) {
      persist.messages().forEach(send -> transport.send(send.to(), send.message()));
    }
    writtenSequence = batch.get(batch.size() - 1).sequence();
    step(new Input.Persisted(writtenSequence));
    cache.evict(core.durableIndex());
    maybeWrite();
  }

  private void maybeCompact() {
    if (isCompacting || hasFailed || log.sizeBytes() <= options.maxLogBytes()) {
      return;
    }
    // A small part at a time, so that deleting it is not felt; more when that would not keep up.
    double part = 1 - (1 - LOG_CUT) * options.maxLogBytes() / log.sizeBytes();
    long cut = core.baseIndex() + (long) Math.ceil(part * (core.lastIndex() - core.baseIndex()));
    // The state may be ahead of the own log: a snapshot, or entries that others have made durable.
    long upTo = Math.min(cut, Math.min(stateMachine.durableIndex(), core.durableIndex()));
    if (stateMachine.durableIndex() < cut) {
      stateMachine.requestDurable();
    }
    if (log.sizeBytes() <= MAX_LOG_FACTOR * options.maxLogBytes()) {
      upTo = Math.min(upTo, snapshotSource.keepAfterIndex());
    }
    if (upTo > core.baseIndex()) {
      compact(upTo);
    }
  }

  /** Forgets the log through an entry if a checkpoint has what it did; else asks for one. */
  boolean forgetLog(long index) {
    boolean isKept = index <= Math.min(stateMachine.durableIndex(), core.durableIndex());
    if (!isKept) {
      stateMachine.requestDurable();
    } else if (!isCompacting) {
      compact(index);
    }
    return isKept;
  }

  private void compact(long index) {
    isCompacting = true;
    executors
        .snapshot()
        .execute(
            () -> {
              try {
                log.compact(index);
              } catch (RuntimeException | VirtualMachineError | AssertionError failure) {
                executors.loop().execute(() -> fail(failure));
                return;
              }
              executors.loop().execute(() -> onCompacted(index));
            });
  }

  private void onCompacted(long index) {
    isCompacting = false;
    if (core.baseIndex() < index) {
      step(new Input.Compacted(index));
      logger.debug("compacted log baseIndex={} lastIndex={}", index, core.lastIndex());
    }
  }

  // ---- Applying ----

  private void apply(Effect.Apply apply) {
    if (proposals.isEmpty()) {
      applier.apply(apply.fromIndex(), apply.toIndex(), Map.of());
      return;
    }
    Map<Long, Pending> known = new TreeMap<>(proposals.headMap(apply.toIndex(), true));
    proposals.headMap(apply.toIndex(), true).clear();
    applyKnown(apply, known);
  }

  /**
   * Whoever proposed several entries hears of them in their order: of one that lost its place when
   * those before it are on their way to the apply thread, and not before.
   */
  private void applyKnown(Effect.Apply apply, Map<Long, Pending> known) {
    long fromIndex = apply.fromIndex();
    Map<Long, Proposal> own = new TreeMap<>();
    for (Map.Entry<Long, Pending> each : known.entrySet()) {
      long index = each.getKey();
      Pending pending = each.getValue();
      boolean isHere = index >= apply.fromIndex() && core.holds(index);
      if (isHere && core.termAt(index) == pending.term()) {
        own.put(index, pending.proposal());
        continue;
      }
      if (!own.isEmpty()) {
        applyLater(fromIndex, index, own);
        fromIndex = index + 1;
        own = new TreeMap<>();
      }
      Proposal proposal = pending.proposal();
      // A snapshot came instead, with it or without it: then nobody knows.
      applier.tell(isHere ? proposal::notExecuted : proposal::unknown);
    }
    if (fromIndex <= apply.toIndex()) {
      applyLater(fromIndex, apply.toIndex(), own);
    }
  }

  /** Whether a snapshot of an index brings what this node does not have. */
  boolean wantsSnapshot(long index) {
    long heldUp = applier.heldUpIndex();
    return index > core.commitIndex() || (heldUp > 0 && heldUp <= index);
  }

  private void applyLater(long fromIndex, long toIndex, Map<Long, Proposal> own) {
    applier.apply(fromIndex, toIndex, own);
    own.values().forEach(Proposal::committed); // What waits behind them may be told now.
  }

  /** Gives up what was proposed in an earlier leadership; all, when this node cannot go on. */
  private void abandonOrphans() {
    boolean leads = core.isLeader() && !hasFailed;
    List<Pending> abandoned = new ArrayList<>();
    proposals
        .values()
        .removeIf(
            pending -> {
              boolean isOrphan = !leads || pending.term() < core.currentTerm();
              return isOrphan && abandoned.add(pending);
            });
    hasOrphans = false;
    orphanedTicks = 0;
    abandoned.forEach(pending -> pending.proposal().unknown());
  }

  // ---- Roles, status, the end ----

  private void onRoleChanged(Effect.RoleChanged changed) {
    if (changed.role() != Role.LEADER) {
      hasOrphans |= !proposals.isEmpty();
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
    Map<NodeId, Long> matchIndexes = new TreeMap<>();
    if (core.isLeader()) {
      core.configuration()
          .members()
          .forEach(member -> matchIndexes.put(member.id(), core.matchIndex(member.id())));
      matchIndexes.put(self, core.durableIndex());
    }
    return new NodeStatus(
        core.role(),
        core.currentTerm(),
        core.leader(),
        core.baseIndex(),
        core.commitIndex(),
        core.lastIndex(),
        core.configuration(),
        matchIndexes,
        disk.stalledTicks(),
        repair.damagedCount());
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
    abandonOrphans();
    reads.failAll();
    maybeEndChange();
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

  /** After an installed snapshot: what is cached belongs to a log that is no more. */
  void clearCache(long nextIndex) {
    cache.clear(nextIndex);
  }

  LogStore log() {
    return log;
  }
}
