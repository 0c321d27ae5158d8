package heartwood.server.replication;

import heartwood.raft.core.SplitMix64;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.MalformedException;
import heartwood.raft.node.DigestRing;
import heartwood.raft.node.Proposal;
import heartwood.raft.node.StateMachine;
import heartwood.resp.ReplySink;
import heartwood.server.command.Arguments;
import heartwood.server.command.CommandMeter;
import heartwood.server.command.CommandSpec;
import heartwood.server.command.CommandTable;
import heartwood.server.command.Operations;
import heartwood.server.keyspace.CommandContext;
import heartwood.server.keyspace.HistorySettings;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.KeyspaceCounters;
import heartwood.server.keyspace.KeyspaceSizes;
import heartwood.storage.Applied;
import heartwood.storage.Past;
import heartwood.storage.WriteTxn;
import heartwood.storage.version.VersionedStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The state machine: runs the commands of each entry over the keyspace, and the reads that ride
 * along or wait beside. Confined to the apply thread, apart from {@link #durableIndex} and what
 * says any thread.
 *
 * <p>Every command of the log is one revision, whether it changed anything or not, so revisions are
 * the same on every node. Time is the stamp of the last entry, never the clock: {@link
 * WaitingReads} says what follows for reads.
 */
public final class ReplicatedKeyspace implements StateMachine {
  /** Rows of dead values that each entry cleans away. */
  private static final int SWEEP_ROWS = 256;

  /** The same of an entry that is there for nothing else. */
  private static final int SWEEP_ENTRY_ROWS = 2048;

  /** Keys and fields whose time is over that one entry removes. */
  private static final int SWEEP_ITEMS = 1000;

  private static final long ROOM_CHECK_NANOS = 1_000_000;
  private static final int SECRET_BYTES = 16;

  private final CommandTable table;
  private final BatchReplies replies;
  private final LongSupplier clockMillis;
  private final KeyspaceCounters counters;
  private final LongReads longReads;
  private final PresentState state;
  private final BatchReads reads;
  private final WaitingReads waitingReads;
  private final Arguments arguments = new Arguments();
  private final ReplySink nobody = new SilentSink();
  private final DigestRing digests = new DigestRing();
  private final AppliedView applied = new AppliedView();

  private Retention retention;
  private byte[] configuration;

  private volatile List<KeyspaceSizes> sizes = List.of();

  private volatile HorizonPoint horizon = HorizonPoint.BEGINNING;
  private volatile HistorySettings historySettings = HistorySettings.DEFAULT;

  private volatile boolean isSweepUnfinished;

  /**
   * @param timeIsWanted asks for an entry with this stamp or a later one; called on the apply
   *     thread
   * @param longReads takes the reads that would take long here
   */
  public ReplicatedKeyspace(
      VersionedStore store,
      CommandTable table,
      Replies replies,
      LongSupplier clockMillis,
      CommandMeter meter,
      KeyspaceCounters counters,
      LongConsumer timeIsWanted,
      LongReads longReads) {
    this.table = table;
    this.replies = new BatchReplies(replies, meter);
    this.clockMillis = clockMillis;
    this.counters = counters;
    this.longReads = longReads;
    this.state = new PresentState(store);
    this.reads = new BatchReads(state, this.replies, counters, longReads);
    this.waitingReads = new WaitingReads(state, reads, this.replies, clockMillis, timeIsWanted);
    this.retention = new Retention(store);
    this.configuration = new byte[0];
    load(store);
  }

  /** Takes up the state of a store: at start, and when a snapshot was installed. */
  public void load(VersionedStore newStore) {
    Applied stored = state.load(newStore);
    retention = new Retention(newStore);
    historySettings = retention.settings();
    isSweepUnfinished = false;
    configuration = stored.configuration();
    digests.put(stored.index(), stored.digest());
    reads.forgetPast();
    if (state.isInitialized()) {
      applied.setIncarnation(state.keyspace().incarnation());
    }
    applied.set(stored.revision(), stored.stamp());
  }

  /** Ends what reads the store on other threads: it is about to be closed. */
  public void endLongReads() {
    longReads.endAll();
  }

  @Override
  public long appliedIndex() {
    return state.store().applied().index();
  }

  @Override
  public long appliedTerm() {
    return state.store().applied().term();
  }

  @Override
  public long durableIndex() {
    return state.store().durable().index();
  }

  @Override
  public DigestRing digests() {
    return digests;
  }

  @Override
  public void requestDurable() {
    state.store().requestCheckpoint();
  }

  public VersionedStore store() {
    return state.store();
  }

  public long digest() {
    return state.store().digest();
  }

  public long stampMillis() {
    return state.stampMillis();
  }

  public long revision() {
    return state.revision();
  }

  /** How far this state has come. Any thread. */
  public AppliedView applied() {
    return applied;
  }

  /** How many keys each database had after the last entry. Any thread. */
  public List<KeyspaceSizes> sizes() {
    return sizes;
  }

  @Override
  public void apply(LogEntry entry, @Nullable Proposal proposal) {
    awaitRoom();
    if (entry.kind() == EntryKind.COMMANDS) {
      applyCommands(entry, (EntryProposal) proposal);
    } else if (entry.kind() == EntryKind.CONFIGURATION) {
      configuration = entry.payload();
    }
    VersionedStore store = state.store();
    store.applied(
        new Applied(
            entry.index(),
            entry.term(),
            state.revision(),
            state.stampMillis(),
            store.digest(),
            configuration));
    digests.put(entry.index(), store.digest());
    reads.forgetPast();
    applied.set(state.revision(), state.stampMillis());
    waitingReads.onApplied();
    replies.flush();
  }

  /** Until the checkpoint under way has made room. */
  private void awaitRoom() {
    VersionedStore store = state.store();
    if (!store.isFull()) {
      return;
    }
    long began = System.nanoTime();
    while (store.isFull()) {
      LockSupport.parkNanos(ROOM_CHECK_NANOS);
    }
    counters.onCheckpointWait(System.nanoTime() - began);
  }

  /** The oldest moment that could be asked after the last entry that was counted. Any thread. */
  public HorizonPoint horizon() {
    return horizon;
  }

  /** How much of the past is kept, as of the last entry. Any thread. */
  public HistorySettings historySettings() {
    return historySettings;
  }

  /** Brings {@link #sizes} and {@link #horizon} up to date; once in a while. */
  public void countKeys() {
    VersionedStore store = state.store();
    store.refresh();
    Past past = store.past();
    horizon =
        new HorizonPoint(
            past.horizon(),
            past.stampOf(past.horizon()),
            past.writtenBytes(store.applied().revision()) - past.writtenBytes(past.horizon()));
    if (!state.isInitialized()) {
      return;
    }
    List<KeyspaceSizes> counted = new ArrayList<>();
    Keyspace keyspace = state.reading();
    for (int database = 0; database < keyspace.databaseCount(); database++) {
      long keys = keyspace.size(database);
      if (keys > 0) {
        counted.add(new KeyspaceSizes(database, keys, keyspace.expiringSize(database)));
      }
    }
    sizes = List.copyOf(counted);
  }

  private void applyCommands(LogEntry entry, @Nullable EntryProposal proposal) {
    byte[] payload = entry.payload();
    EntryFormat.requireIntact(payload);
    long stampMillis = state.moveTo(EntryFormat.stampMillis(payload));
    long seed = EntryFormat.seed(payload);
    if (!state.isInitialized()) {
      initialize(seed);
    }
    Keyspace keyspace = state.keyspace();
    long expiredBefore = keyspace.expiredCount();
    long expiredFieldsBefore = keyspace.expiredFieldCount();
    int offset = EntryFormat.HEADER_BYTES;
    if (proposal == null) {
      int count = EntryFormat.commandCount(payload);
      for (int i = 0; i < count; i++) {
        offset = write(payload, offset, seed, nobody);
      }
    } else {
      for (CommandBatch batch : proposal.batches()) {
        offset = applyBatch(batch, payload, offset, seed);
      }
    }
    if (offset != payload.length) {
      throw new MalformedException(
          "entry " + entry + ": commands end at " + offset + " (expected: " + payload.length + ")");
    }
    boolean isSweep = EntryFormat.isSweep(payload);
    boolean usedAllItems = isSweep && sweepExpired(seed) == SWEEP_ITEMS;
    counters.onExpired(
        keyspace.expiredCount() - expiredBefore,
        keyspace.expiredFieldCount() - expiredFieldsBefore);
    historySettings = retention.settings();
    boolean isForgetful = historySettings.isOff();
    if (isSweep || isForgetful) {
      retention.apply(stampMillis);
    }
    // What the entry leaves behind, counts and cleaning, is a revision of its own.
    WriteTxn txn = state.store().write(state.nextRevision());
    keyspace.endEntry(txn, isSweep ? SWEEP_ENTRY_ROWS : SWEEP_ROWS, forgotten());
    txn.commit();
    txn.close();
    if (isForgetful) {
      retention.apply(stampMillis);
    }
    if (isSweep) {
      isSweepUnfinished = usedAllItems || hasDead();
    }
  }

  /** The first entry of all fixes the secret under which keys are hashed. */
  private void initialize(long seed) {
    SplitMix64 random = new SplitMix64(seed);
    byte[] secret =
        ByteBuffer.allocate(SECRET_BYTES)
            .putLong(random.nextLong())
            .putLong(random.nextLong())
            .array();
    WriteTxn txn = state.store().write(state.nextRevision());
    Keyspace.initialize(txn, secret, Keyspace.DEFAULT_DATABASES);
    txn.commit();
    txn.close();
    state.loadKeyspace();
    applied.setIncarnation(state.keyspace().incarnation());
  }

  private int sweepExpired(long seed) {
    long revision = state.nextRevision();
    Keyspace keyspace = state.keyspace();
    keyspace.begin(
        state.store().write(revision, Operations.EXPIRED),
        new CommandContext(state.stampMillis(), seed, revision));
    int swept = keyspace.sweepExpired(SWEEP_ITEMS);
    keyspace.commit();
    return swept;
  }

  /**
   * Whether there is something for an entry to sweep: rows of what was deleted and is forgotten, a
   * key or a field whose time is over by the clock, or versions that are old enough to be
   * forgotten.
   */
  public boolean wantsSweep() {
    long now = clockMillis.getAsLong();
    return state.isInitialized()
        && (hasDead() || state.reading().nextExpiry() <= now || retention.wantsEntry(now));
  }

  private boolean hasDead() {
    return state.reading().hasDead(forgotten());
  }

  /** What died in earlier revisions is in no moment that can still be asked. */
  private long forgotten() {
    return state.store().past().horizon() + 1;
  }

  /** Whether the last sweep had more to do than one may. Any thread. */
  public boolean isSweepUnfinished() {
    return isSweepUnfinished;
  }

  private int applyBatch(CommandBatch batch, byte[] payload, int start, long seed) {
    int offset = start;
    for (int i = 0; i < batch.count(); i++) {
      if (!batch.isWrite(i)) {
        if (batch.isRead(i)) {
          reads.read(batch, i, state.stampMillis());
        } else {
          replies.ready(batch, i);
        }
      } else {
        long begin = System.nanoTime();
        ReplySink reply = replies.begin(batch, i);
        offset = write(payload, offset, seed, reply);
        replies.end(batch, i, arguments, begin);
      }
    }
    return offset;
  }

  private int write(byte[] payload, int offset, long seed, ReplySink reply) {
    int id = EntryFormat.commandId(payload, offset);
    int end = arguments.decode(payload, offset + EntryFormat.COMMAND_HEADER_BYTES);
    CommandSpec spec = table.byId(id);
    if (spec == null) {
      throw new MalformedException("command id " + id + " is not known to this version");
    }
    long revision = state.nextRevision();
    state
        .executor()
        .write(
            spec.keyspaceCommand(),
            arguments,
            EntryFormat.database(payload, offset),
            state.store().write(revision, spec.id()),
            new CommandContext(state.stampMillis(), seed, revision),
            reply);
    reads.forgetPast();
    return end;
  }

  // ---- Reads ----

  /** Runs a batch of reads at a moment that is known to be linearizable. */
  public void executeReads(CommandBatch batch) {
    waitingReads.execute(batch, false);
    replies.flush();
  }

  /** The same on a node that does not lead. */
  public void executeReadsAtFollower(CommandBatch batch) {
    waitingReads.execute(batch, true);
    replies.flush();
  }

  /** Runs a batch of reads on what this node has, however old. */
  public void executeStale(CommandBatch batch) {
    for (int i = 0; i < batch.count(); i++) {
      if (batch.isRead(i)) {
        reads.read(batch, i, Math.max(state.stampMillis(), clockMillis.getAsLong()));
      } else {
        replies.ready(batch, i);
      }
    }
    replies.flush();
  }

  /** Whether reads wait for an entry that moves time on. Any thread. */
  public boolean isTimeWanted() {
    return waitingReads.isTimeWanted();
  }

  /**
   * Time could not be moved on: the waiting reads must be answered otherwise. Empties the queue.
   */
  public @Nullable CommandBatch pollWaiting() {
    return waitingReads.poll();
  }

  /** How many operations of the first waiting batch are answered already. */
  public int answeredOfFirstWaiting() {
    return waitingReads.answeredOfFirst();
  }
}
