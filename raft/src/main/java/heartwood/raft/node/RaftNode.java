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
import java.util.HashMap;
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

  private static final int MAX_APPLY_BYTES = 4 << 20;
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
  private final SnapshotTransfer snapshots;

  /** What the core asked for and is not done yet. */
  private final ArrayDeque<Effect> effects = new ArrayDeque<>();

  private boolean isPerforming;

  /** Persists that wait for the write under way. */
  private final ArrayDeque<Effect.Persist> persists = new ArrayDeque<>();

  private boolean isWriting;

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

  private final ArrayDeque<WaitingRead> reads = new ArrayDeque<>();

  /** A change of the membership that was begun here. */
  private @Nullable PendingChange change;

  private record PendingChange(long index, long term, ChangeRequest request) {}

  private record WaitingRead(long readId, ReadRequest request) {}

  private long lastReadId;
  private long ticks;
  private long lastProposalTick;
  private boolean isCompacting;
  private boolean hasFailed;
  private volatile NodeStatus status;

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
      NodeListener listener) {
    this.self = self;
    this.options = options;
    this.log = log;
    this.stateMachine = stateMachine;
    this.transport = transport;
    this.executors = executors;
    this.listener = listener;
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
            configurationsOf(log, stateMachine.appliedIndex(), configuration));
    this.cache = new EntryCache(log.lastIndex() + 1, options.cacheBytes());
    this.snapshots = new SnapshotTransfer(this, snapshotStore, transport, executors, options);
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

  /** What the state machine has applied, and what stands in the log above that. */
  private static ConfigurationLog configurationsOf(
      LogStore log, long appliedIndex, Configuration applied) {
    Map<Long, Configuration> above = new TreeMap<>();
    long index = appliedIndex + 1;
    while (index <= log.lastIndex()) {
      for (LogEntry entry : log.read(index, log.lastIndex(), CONFIGURATION_SCAN_BYTES)) {
        if (entry.kind() == EntryKind.CONFIGURATION) {
          above.put(entry.index(), ConfigurationCodec.decode(entry.payload()));
        }
        index = entry.index() + 1;
      }
    }
    return new ConfigurationLog(applied, above);
  }

  /**
   * Begins to apply what is known committed; the apply thread is done with it before other work.
   */
  public void start() {
    step(new Input.Start());
  }

  /** One unit of time has passed. */
  public void tick() {
    ticks++;
    step(new Input.Tick());
    snapshots.tick();
    if (hasOrphans && ++orphanedTicks >= options.unknownAfterTicks()) {
      abandonOrphans();
    }
    if (ticks % COMPACTION_CHECK_TICKS == 0) {
      maybeCompact();
    }
    status = currentStatus();
  }

  public void receive(NodeId from, Message message) {
    if (snapshots.receive(from, message)) {
      return;
    }
    // Who is no member here may be one already, of a configuration that this log does not have yet.
    step(new Input.Receive(from, message));
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
    reads.addLast(new WaitingRead(++lastReadId, request));
    step(new Input.ReadIndex(lastReadId));
  }

  /** Hands leadership to a voter, or to the one that is furthest, if this node leads. */
  public void transferLeadership(@Nullable NodeId target) {
    step(new Input.TransferLeadership(target));
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

  public String describe() {
    return core.describe();
  }

  /** To be looked at, never to be stepped: whoever steps it keeps its effects from this node. */
  public RaftCore core() {
    return core;
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
      onReadReady(ready);
    } else if (effect instanceof Effect.ReadFailed failed) {
      onReadFailed(failed);
    } else if (effect instanceof Effect.RoleChanged changed) {
      onRoleChanged(changed);
    } else if (effect instanceof Effect.ConfigurationChanged changed) {
      logger.info("{} has configuration {}", self, changed.configuration());
      status = currentStatus();
      listener.onConfigurationChanged(changed.configuration());
    } else if (effect instanceof Effect.StageSnapshot) {
      snapshots.stage();
    } else if (effect instanceof Effect.PullSnapshot pull) {
      snapshots.pull(pull.snapshot());
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
    if (isWriting || hasFailed) {
      return;
    }
    AfterWrites first = afterWrites.peekFirst();
    if (first != null && first.sequence() <= writtenSequence) {
      afterWrites.removeFirst();
      isWriting = true;
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
    isWriting = true;
    executors
        .log()
        .execute(
            () -> {
              try {
                log.write(write);
              } catch (RuntimeException | VirtualMachineError | AssertionError failure) {
                executors.loop().execute(() -> fail(failure));
                return;
              }
              executors
                  .loop()
                  .execute(
                      () -> {
                        isWriting = false;
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
                    isWriting = false;
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
      upTo = Math.min(upTo, snapshots.keepAfterIndex());
    }
    if (upTo <= core.baseIndex()) {
      return;
    }
    isCompacting = true;
    long index = upTo;
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
      applyLater(apply.fromIndex(), apply.toIndex(), Map.of());
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
      if (isHere) {
        pending.proposal().notExecuted();
      } else {
        pending.proposal().unknown(); // A snapshot came instead, with it or without it.
      }
    }
    if (fromIndex <= apply.toIndex()) {
      applyLater(fromIndex, apply.toIndex(), own);
    }
  }

  private void applyLater(long fromIndex, long toIndex, Map<Long, Proposal> own) {
    Map<Long, Proposal> committed = new HashMap<>(own);
    executors
        .apply()
        .execute(
            () -> {
              try {
                applyRange(fromIndex, toIndex, committed);
              } catch (Throwable failure) {
                executors.loop().execute(() -> fail(failure));
              }
            });
    own.values().forEach(Proposal::committed); // What waits behind them may be told now.
  }

  private void applyRange(long fromIndex, long toIndex, Map<Long, Proposal> own) {
    long index = Math.max(fromIndex, stateMachine.appliedIndex() + 1);
    for (long skipped = fromIndex; skipped < index && !own.isEmpty(); skipped++) {
      Proposal proposal = own.remove(skipped);
      if (proposal != null) { // It is in the snapshot that was installed meanwhile.
        executors.loop().execute(proposal::unknown);
      }
    }
    while (index <= toIndex) {
      for (LogEntry entry : entries(index, toIndex, MAX_APPLY_BYTES)) {
        stateMachine.apply(entry, own.get(entry.index()));
        index = entry.index() + 1;
      }
    }
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

  // ---- Reads ----

  private void onReadReady(Effect.ReadReady ready) {
    List<ReadRequest> requests = takeReads(ready.readId());
    executors.apply().execute(() -> requests.forEach(ReadRequest::ready));
  }

  private void onReadFailed(Effect.ReadFailed failed) {
    takeReads(failed.readId()).forEach(ReadRequest::failed);
  }

  private List<ReadRequest> takeReads(long readId) {
    List<ReadRequest> taken = new ArrayList<>();
    while (!reads.isEmpty() && reads.getFirst().readId() <= readId) {
      taken.add(reads.removeFirst().request());
    }
    return taken;
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
        matchIndexes);
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
    abandonOrphans();
    takeReads(Long.MAX_VALUE).forEach(ReadRequest::failed);
    maybeEndChange();
    listener.onFailure(failure);
  }

  /** After an installed snapshot: what is cached belongs to a log that is no more. */
  void clearCache(long nextIndex) {
    cache.clear(nextIndex);
  }

  LogStore log() {
    return log;
  }
}
