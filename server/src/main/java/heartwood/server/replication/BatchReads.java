package heartwood.server.replication;

import heartwood.raft.core.SplitMix64;
import heartwood.resp.ReplySink;
import heartwood.server.command.Arguments;
import heartwood.server.command.CommandException;
import heartwood.server.command.CommandSpec;
import heartwood.server.command.Moment;
import heartwood.server.command.Timeline;
import heartwood.server.keyspace.CommandContext;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.KeyspaceCounters;
import heartwood.server.keyspace.LongReadException;
import heartwood.server.keyspace.Pins;
import heartwood.storage.version.StoreSnapshot;

/**
 * Runs the reads of a batch, one at a time, over the present state or its past. Confined to the
 * apply thread.
 *
 * <p>A read that is about to visit very many rows is not run here: {@link LongReads} gets it with a
 * snapshot of its place.
 */
final class BatchReads {
  /**
   * Remaining times are told from a stamp that is no older, so that asking without end costs an
   * entry in so many milliseconds, and not one each.
   */
  private static final int MAX_TOLD_AGE_MILLIS = 10;

  private static final long NO_PIN = -1;

  private final PresentState state;
  private final BatchReplies replies;
  private final KeyspaceCounters counters;
  private final LongReads longReads;
  private final Arguments arguments = new Arguments();
  private final PastReader pastReader = new PastReader();
  private final SplitMix64 readSeeds = new SplitMix64(System.nanoTime());

  BatchReads(
      PresentState state, BatchReplies replies, KeyspaceCounters counters, LongReads longReads) {
    this.state = state;
    this.replies = replies;
    this.counters = counters;
    this.longReads = longReads;
  }

  /** The state has changed, or is another one. */
  void forgetPast() {
    pastReader.forget();
  }

  /** Reads, unless the answer would depend on time that the log has not reached. */
  boolean tryRead(CommandBatch batch, int operation, long sinceMillis) {
    long begin = System.nanoTime();
    ReplySink reply = replies.begin(batch, operation);
    boolean isOfNow;
    try {
      isOfNow = read(batch, operation, state.stampMillis(), reply);
    } catch (LongReadException e) {
      replies.cancel();
      if (isOfPresent(batch, operation) && mayDependOnLaterTime(sinceMillis)) {
        return false;
      }
      readAside(batch, operation, state.stampMillis());
      return true;
    }
    if (state.isInitialized() && isOfNow && dependsOnLaterTime(sinceMillis)) {
      replies.cancel();
      return false;
    }
    endRead(batch, operation, begin, isOfNow);
    return true;
  }

  /** A stamp from after the read was asked for will do, however long it takes. */
  private boolean dependsOnLaterTime(long sinceMillis) {
    boolean isOld = sinceMillis - state.stampMillis() >= MAX_TOLD_AGE_MILLIS;
    return state.stampMillis() < sinceMillis
        && (state.keyspace().soonestExpiryMet() <= sinceMillis
            || (state.keyspace().hasToldTime() && isOld));
  }

  /**
   * What {@link #dependsOnLaterTime} might say of a read that has only begun: it may meet whatever
   * expires, and tell how much time is left.
   */
  private boolean mayDependOnLaterTime(long sinceMillis) {
    if (state.stampMillis() >= sinceMillis) {
      return false;
    }
    if (dependsOnLaterTime(sinceMillis)) {
      return true;
    }
    Keyspace keyspace = state.reading();
    return sinceMillis - state.stampMillis() >= MAX_TOLD_AGE_MILLIS
        || keyspace.nextExpiry() <= sinceMillis;
  }

  /**
   * Reads what there is now, or was.
   *
   * @param toldFromMillis what remaining times are counted from
   */
  void read(CommandBatch batch, int operation, long toldFromMillis) {
    long begin = System.nanoTime();
    ReplySink reply = replies.begin(batch, operation);
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
    if (longReads.isFull()) {
      replies.reject(batch, operation, LongReads.TOO_MANY);
      return;
    }
    Moment.Resolved at = batch.isPastRead(operation) ? resolve(batch, operation) : null;
    ReadLimit limit = longReads.limit(batch.client(operation));
    StoreSnapshot snapshot = state.store().snapshot(limit);
    Keyspace present = new Keyspace();
    present.loadSnapshot(state.keyspace(), snapshot, snapshot.past());
    longReads.add(
        new LongRead(
            batch,
            operation,
            present,
            snapshot,
            new CommandContext(
                state.stampMillis(), readSeeds.nextLong(), state.revision(), toldFromMillis),
            at,
            limit,
            replies.defer(batch, operation)));
  }

  private void endRead(CommandBatch batch, int operation, long beginNanos, boolean isOfNow) {
    if (isOfNow) {
      counters.onRead(state.keyspace().foundCount(), state.keyspace().missedCount());
    }
    replies.end(batch, operation, arguments, beginNanos);
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
    if (!state.isInitialized()) {
      reply.error("LOADING Redis is loading the dataset in memory");
      return false;
    }
    if (batch.isPastRead(operation) && !beginPastRead(batch, operation, reply)) {
      return false;
    }
    requireFewArguments();
    state
        .executor()
        .read(
            batch.spec(operation).keyspaceCommand(),
            arguments,
            EntryFormat.database(bytes, offset),
            state.store().read(),
            new CommandContext(
                state.stampMillis(), readSeeds.nextLong(), state.revision(), toldFromMillis),
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
        spec,
        arguments,
        database,
        state.store().past(),
        state.keyspace(),
        at,
        readSeeds.nextLong(),
        reply);
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
            state.store().past(),
            state.revision(),
            state.stampMillis(),
            state.keyspace().incarnation(),
            this::pinnedRevision);
    return PastReader.resolve(batch.moment(operation), timeline);
  }

  private long pinnedRevision(String name) {
    Pins.Pin pin = new Pins(state.reading()).find(name);
    return pin == null ? NO_PIN : pin.revision();
  }
}
