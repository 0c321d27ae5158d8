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
import heartwood.server.command.CommandException;
import heartwood.server.command.CommandExecutor;
import heartwood.server.command.CommandMeter;
import heartwood.server.command.CommandSpec;
import heartwood.server.command.CommandTable;
import heartwood.server.command.Moment;
import heartwood.server.command.Operations;
import heartwood.server.command.Timeline;
import heartwood.server.keyspace.CommandContext;
import heartwood.server.keyspace.HistorySettings;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.KeyspaceCounters;
import heartwood.server.keyspace.KeyspaceSizes;
import heartwood.server.keyspace.LongReadException;
import heartwood.server.keyspace.Pins;
import heartwood.storage.Applied;
import heartwood.storage.Past;
import heartwood.storage.WriteTxn;
import heartwood.storage.version.StoreSnapshot;
import heartwood.storage.version.VersionedStore;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
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
 * the same on every node. Time is the stamp of the last entry, never the clock. Where a read meets
 * a key whose time is over by the clock but not by the log, answering either way would be wrong: a
 * later read might see the other. A read that tells how much time is left, from a stamp long past,
 * would tell too much, and from the clock, less than the next leader. So such a read, and all
 * behind it, wait until an entry has moved time on. A read as of a time that an entry to come could
 * still have waits alike.
 *
 * <p>A read that is about to visit very many rows is not run here: {@link LongReads} gets it with a
 * snapshot of its place.
 */
public final class ReplicatedKeyspace implements StateMachine {
  /** Rows of dead values that each entry cleans away. */
  private static final int SWEEP_ROWS = 256;

  /** The same of an entry that is there for nothing else. */
  private static final int SWEEP_ENTRY_ROWS = 2048;

  /** Keys and fields whose time is over that one entry removes. */
  private static final int SWEEP_ITEMS = 1000;

  /**
   * Remaining times are told from a stamp that is no older, so that asking without end costs an
   * entry in so many milliseconds, and not one each.
   */
  private static final int MAX_TOLD_AGE_MILLIS = 10;

  private static final long NOT_WANTED = Long.MAX_VALUE;
  private static final long NO_PIN = -1;
  private static final long ROOM_CHECK_NANOS = 1_000_000;
  private static final int SECRET_BYTES = 16;

  private final CommandTable table;
  private final Replies replies;
  private final LongSupplier clockMillis;
  private final CommandMeter meter;
  private final KeyspaceCounters counters;
  private final LongConsumer timeIsWanted;
  private final LongReads longReads;
  private final Arguments arguments = new Arguments();
  private final ReplySink nobody = new SilentSink();
  private final PastReader pastReader = new PastReader();
  private final DigestRing digests = new DigestRing();
  private final AppliedView applied = new AppliedView();
  private final SplitMix64 readSeeds = new SplitMix64(System.nanoTime());

  private volatile VersionedStore store;
  private Keyspace keyspace;
  private CommandExecutor executor;
  private Retention retention;
  private boolean isInitialized;
  private long revision;
  private long stampMillis;
  private byte[] configuration;

  private volatile List<KeyspaceSizes> sizes = List.of();

  private volatile HorizonPoint horizon = HorizonPoint.BEGINNING;
  private volatile HistorySettings historySettings = HistorySettings.DEFAULT;

  private volatile boolean isSweepUnfinished;

  /** Reads that wait for an entry to move time on; the first from its operation on. */
  private final ArrayDeque<WaitingReads> waiting = new ArrayDeque<>();

  /**
   * Reads, and the clock when they might first be answered: what they tell is not older.
   *
   * @param isAtFollower whose clock decides nothing: whatever its leader says next is time enough
   */
  private record WaitingReads(CommandBatch batch, long sinceMillis, boolean isAtFollower) {}

  private int firstWaitingOperation;

  /** The stamp that those reads asked for, or {@link #NOT_WANTED}. */
  private volatile long wantedMillis = NOT_WANTED;

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
    this.longReads = longReads;
    this.table = table;
    this.replies = replies;
    this.clockMillis = clockMillis;
    this.meter = meter;
    this.counters = counters;
    this.timeIsWanted = timeIsWanted;
    this.store = store;
    this.keyspace = new Keyspace();
    this.executor = new CommandExecutor(keyspace);
    this.retention = new Retention(store);
    this.configuration = new byte[0];
    load(store);
  }

  /** Takes up the state of a store: at start, and when a snapshot was installed. */
  public void load(VersionedStore newStore) {
    store = newStore;
    keyspace = new Keyspace();
    keyspace.boundReads(LongReads.MAX_SHORT_ROWS);
    executor = new CommandExecutor(keyspace);
    retention = new Retention(newStore);
    historySettings = retention.settings();
    isInitialized = keyspace.load(store);
    isSweepUnfinished = false;
    Applied stored = store.applied();
    revision = stored.revision();
    stampMillis = stored.stamp();
    configuration = stored.configuration();
    digests.put(stored.index(), stored.digest());
    pastReader.forget();
    if (isInitialized) {
      applied.setIncarnation(keyspace.incarnation());
    }
    applied.set(revision, stampMillis);
  }

  /** Ends what reads the store on other threads: it is about to be closed. */
  public void endLongReads() {
    longReads.endAll();
  }

  @Override
  public long appliedIndex() {
    return store.applied().index();
  }

  @Override
  public long appliedTerm() {
    return store.applied().term();
  }

  @Override
  public long durableIndex() {
    return store.durable().index();
  }

  @Override
  public DigestRing digests() {
    return digests;
  }

  @Override
  public void requestDurable() {
    store.requestCheckpoint();
  }

  public VersionedStore store() {
    return store;
  }

  public long digest() {
    return store.digest();
  }

  public long stampMillis() {
    return stampMillis;
  }

  public long revision() {
    return revision;
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
    store.applied(
        new Applied(
            entry.index(), entry.term(), revision, stampMillis, store.digest(), configuration));
    digests.put(entry.index(), store.digest());
    pastReader.forget();
    applied.set(revision, stampMillis);
    if (stampMillis >= wantedMillis) {
      executeWaiting();
    }
    replies.flush();
  }

  /** Until the checkpoint under way has made room. */
  private void awaitRoom() {
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
    store.refresh();
    Past past = store.past();
    horizon =
        new HorizonPoint(
            past.horizon(),
            past.stampOf(past.horizon()),
            past.writtenBytes(store.applied().revision()) - past.writtenBytes(past.horizon()));
    if (!isInitialized) {
      return;
    }
    List<KeyspaceSizes> counted = new ArrayList<>();
    keyspace.begin(store.read(), new CommandContext(stampMillis, 0, revision));
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
    stampMillis = Math.max(stampMillis, EntryFormat.stampMillis(payload));
    long seed = EntryFormat.seed(payload);
    if (!isInitialized) {
      initialize(seed);
    }
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
    revision++; // What the entry leaves behind, counts and cleaning, is a revision of its own.
    WriteTxn txn = store.write(revision);
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
    revision++;
    WriteTxn txn = store.write(revision);
    Keyspace.initialize(txn, secret, Keyspace.DEFAULT_DATABASES);
    txn.commit();
    txn.close();
    isInitialized = keyspace.load(store);
    applied.setIncarnation(keyspace.incarnation());
  }

  private int sweepExpired(long seed) {
    revision++;
    keyspace.begin(
        store.write(revision, Operations.EXPIRED), new CommandContext(stampMillis, seed, revision));
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
    return isInitialized
        && (hasDead() || keyspace.nextExpiry() <= now || retention.wantsEntry(now));
  }

  private boolean hasDead() {
    keyspace.begin(store.read(), new CommandContext(stampMillis, 0, revision));
    return keyspace.hasDead(forgotten());
  }

  /** What died in earlier revisions is in no moment that can still be asked. */
  private long forgotten() {
    return store.past().horizon() + 1;
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
          read(batch, i, stampMillis);
        } else {
          replyReady(batch, i);
        }
      } else {
        long begin = System.nanoTime();
        ReplySink reply = replies.begin(batch.client(i), batch.version(i));
        offset = write(payload, offset, seed, reply);
        end(batch, i, begin);
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
    revision++;
    executor.write(
        spec.keyspaceCommand(),
        arguments,
        EntryFormat.database(payload, offset),
        store.write(revision, spec.id()),
        new CommandContext(stampMillis, seed, revision),
        reply);
    pastReader.forget();
    return end;
  }

  /** Runs a batch of reads at a moment that is known to be linearizable. */
  public void executeReads(CommandBatch batch) {
    executeReads(batch, false);
  }

  /** The same on a node that does not lead. */
  public void executeReadsAtFollower(CommandBatch batch) {
    executeReads(batch, true);
  }

  /** Whether reads wait for an entry that moves time on. Any thread. */
  public boolean isTimeWanted() {
    return wantedMillis != NOT_WANTED;
  }

  private void executeReads(CommandBatch batch, boolean isAtFollower) {
    waiting.addLast(new WaitingReads(batch, clockMillis.getAsLong(), isAtFollower));
    if (waiting.size() == 1) {
      executeWaiting();
    }
    replies.flush();
  }

  /** Runs a batch of reads on what this node has, however old. */
  public void executeStale(CommandBatch batch) {
    for (int i = 0; i < batch.count(); i++) {
      if (batch.isRead(i)) {
        read(batch, i, Math.max(stampMillis, clockMillis.getAsLong()));
      } else {
        replyReady(batch, i);
      }
    }
    replies.flush();
  }

  private void executeWaiting() {
    for (WaitingReads reads = waiting.peekFirst(); reads != null; reads = waiting.peekFirst()) {
      CommandBatch batch = reads.batch();
      for (int i = firstWaitingOperation; i < batch.count(); i++) {
        if (!batch.isRead(i)) {
          replyReady(batch, i);
        } else if (isOfLaterTime(batch, i)) {
          firstWaitingOperation = i;
          wantTime(orNow(((Moment.Time) batch.moment(i)).millis() + 1));
          return;
        } else if (!tryRead(batch, i, sinceMillis(reads))) {
          firstWaitingOperation = i;
          wantTime(reads.isAtFollower() ? stampMillis + 1 : orNow(reads.sinceMillis()));
          return;
        }
      }
      firstWaitingOperation = 0;
      waiting.removeFirst();
    }
    wantedMillis = NOT_WANTED;
  }

  /** Whether it asks for a time that an entry to come could still have. */
  private boolean isOfLaterTime(CommandBatch batch, int operation) {
    return batch.isPastRead(operation)
        && batch.moment(operation) instanceof Moment.Time time
        && time.millis() >= stampMillis;
  }

  private long sinceMillis(WaitingReads reads) {
    return reads.isAtFollower() && stampMillis >= wantedMillis ? stampMillis : reads.sinceMillis();
  }

  private long orNow(long millis) {
    return Math.max(millis, clockMillis.getAsLong());
  }

  private void wantTime(long atLeastMillis) {
    if (wantedMillis == NOT_WANTED || stampMillis >= wantedMillis) {
      wantedMillis = atLeastMillis;
      timeIsWanted.accept(atLeastMillis);
    }
  }

  /**
   * Time could not be moved on: the waiting reads must be answered otherwise. Empties the queue.
   */
  public @Nullable CommandBatch pollWaiting() {
    WaitingReads reads = waiting.pollFirst();
    firstWaitingOperation = 0;
    wantedMillis = NOT_WANTED;
    return reads == null ? null : reads.batch();
  }

  /** How many operations of the first waiting batch are answered already. */
  public int answeredOfFirstWaiting() {
    return firstWaitingOperation;
  }

  /** Reads, unless the answer would depend on time that the log has not reached. */
  private boolean tryRead(CommandBatch batch, int operation, long sinceMillis) {
    long begin = System.nanoTime();
    ReplySink reply = replies.begin(batch.client(operation), batch.version(operation));
    boolean isOfNow;
    try {
      isOfNow = read(batch, operation, stampMillis, reply);
    } catch (LongReadException e) {
      replies.cancel();
      if (isOfPresent(batch, operation) && mayDependOnLaterTime(sinceMillis)) {
        return false;
      }
      readAside(batch, operation, stampMillis);
      return true;
    }
    if (isInitialized && isOfNow && dependsOnLaterTime(sinceMillis)) {
      replies.cancel();
      return false;
    }
    endRead(batch, operation, begin, isOfNow);
    return true;
  }

  /** A stamp from after the read was asked for will do, however long it takes. */
  private boolean dependsOnLaterTime(long sinceMillis) {
    boolean isOld = sinceMillis - stampMillis >= MAX_TOLD_AGE_MILLIS;
    return stampMillis < sinceMillis
        && (keyspace.soonestExpiryMet() <= sinceMillis || (keyspace.hasToldTime() && isOld));
  }

  /**
   * What {@link #dependsOnLaterTime} might say of a read that has only begun: it may meet whatever
   * expires, and tell how much time is left.
   */
  private boolean mayDependOnLaterTime(long sinceMillis) {
    if (stampMillis >= sinceMillis) {
      return false;
    }
    if (dependsOnLaterTime(sinceMillis)) {
      return true;
    }
    keyspace.begin(store.read(), new CommandContext(stampMillis, 0, revision));
    return sinceMillis - stampMillis >= MAX_TOLD_AGE_MILLIS || keyspace.nextExpiry() <= sinceMillis;
  }

  private void read(CommandBatch batch, int operation, long toldFromMillis) {
    long begin = System.nanoTime();
    ReplySink reply = replies.begin(batch.client(operation), batch.version(operation));
    boolean isOfNow;
    try {
      isOfNow = read(batch, operation, toldFromMillis, reply);
    } catch (LongReadException e) {
      replies.cancel();
      readAside(batch, operation, toldFromMillis);
      return;
    }
    endRead(batch, operation, begin, isOfNow);
  }

  private static boolean isOfPresent(CommandBatch batch, int operation) {
    return !batch.isPastRead(operation) || batch.moment(operation) instanceof Moment.Now;
  }

  /** Has a read run on another thread, over the state as it is at this place. */
  private void readAside(CommandBatch batch, int operation, long toldFromMillis) {
    Client client = batch.client(operation);
    if (longReads.isFull()) {
      meter.rejected(batch.spec(operation));
      meter.error(LongReads.TOO_MANY);
      if (batch.isSilent(operation)) {
        replies.none(client);
      } else {
        replies.begin(client, batch.version(operation)).error(LongReads.TOO_MANY);
        replies.end();
      }
      return;
    }
    Moment.Resolved at = batch.isPastRead(operation) ? resolve(batch, operation) : null;
    ReadLimit limit = longReads.limit(client);
    StoreSnapshot snapshot = store.snapshot(limit);
    Keyspace present = new Keyspace();
    present.loadSnapshot(keyspace, snapshot, snapshot.past());
    longReads.add(
        new LongRead(
            batch,
            operation,
            present,
            snapshot,
            new CommandContext(stampMillis, readSeeds.nextLong(), revision, toldFromMillis),
            at,
            limit,
            replies.defer(client, batch.version(operation))));
  }

  private void endRead(CommandBatch batch, int operation, long beginNanos, boolean isOfNow) {
    if (isOfNow) {
      counters.onRead(keyspace.foundCount(), keyspace.missedCount());
    }
    end(batch, operation, beginNanos);
  }

  /** The command in {@link #arguments} has replied. */
  private void end(CommandBatch batch, int operation, long beginNanos) {
    meter.ran(
        batch.spec(operation),
        arguments,
        batch.client(operation),
        System.nanoTime() - beginNanos,
        replies.error());
    if (batch.isSilent(operation)) {
      replies.cancel();
      replies.none(batch.client(operation));
    } else {
      replies.end();
    }
  }

  /**
   * Runs a read; false if it was answered without looking at what there is now.
   *
   * @throws LongReadException when it must be run elsewhere
   */
  private boolean read(CommandBatch batch, int operation, long toldFromMillis, ReplySink reply) {
    byte[] bytes = batch.sideBytes();
    int offset = batch.commandOffset(operation);
    arguments.decode(bytes, offset + EntryFormat.COMMAND_HEADER_BYTES);
    if (!isInitialized) {
      reply.error("LOADING Redis is loading the dataset in memory");
      return false;
    }
    if (batch.isPastRead(operation) && !beginPastRead(batch, operation, reply)) {
      return false;
    }
    requireFewArguments();
    executor.read(
        batch.spec(operation).keyspaceCommand(),
        arguments,
        EntryFormat.database(bytes, offset),
        store.read(),
        new CommandContext(stampMillis, readSeeds.nextLong(), revision, toldFromMillis),
        reply);
    return true;
  }

  /** Answers a read of the past; true if its command is still to be run, over what there is now. */
  private boolean beginPastRead(CommandBatch batch, int operation, ReplySink reply) {
    Moment moment = batch.moment(operation);
    CommandSpec spec = batch.spec(operation);
    Moment.Resolved at;
    try {
      at = resolve(batch, operation);
      PastReader.requireLasting(moment, at, spec, arguments);
    } catch (CommandException e) {
      reply.error(e.reply());
      return false;
    }
    boolean hasCommand = spec.kind() == CommandSpec.Kind.READ;
    if (batch.isWithRevision(operation)) {
      reply.array(hasCommand ? 3 : 2);
      reply.integer(at.revision());
      reply.integer(at.millis());
    }
    if (!hasCommand || moment instanceof Moment.Now) {
      return hasCommand;
    }
    requireFewArguments();
    int database = EntryFormat.database(batch.sideBytes(), batch.commandOffset(operation));
    pastReader.read(
        spec, arguments, database, store.past(), keyspace, at, readSeeds.nextLong(), reply);
    counters.onRead(pastReader.foundCount(), pastReader.missedCount());
    return false;
  }

  /** MGET and its like: as many rows as keys or fields. */
  private void requireFewArguments() {
    if (arguments.count() > LongReads.MAX_SHORT_ROWS) {
      throw new LongReadException();
    }
  }

  private Moment.Resolved resolve(CommandBatch batch, int operation) {
    Timeline timeline =
        new Timeline(
            store.past(), revision, stampMillis, keyspace.incarnation(), this::pinnedRevision);
    return PastReader.resolve(batch.moment(operation), timeline);
  }

  private long pinnedRevision(String name) {
    keyspace.begin(store.read(), new CommandContext(stampMillis, 0, revision));
    Pins.Pin pin = new Pins(keyspace).find(name);
    return pin == null ? NO_PIN : pin.revision();
  }

  private void replyReady(CommandBatch batch, int operation) {
    int offset = batch.sideOffset(operation);
    replies.ready(
        batch.client(operation), batch.sideBytes(), offset, batch.sideEnd(operation) - offset);
  }
}
