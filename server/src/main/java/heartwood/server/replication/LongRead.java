package heartwood.server.replication;

import heartwood.resp.ReplySink;
import heartwood.server.command.Arguments;
import heartwood.server.command.CommandExecutor;
import heartwood.server.command.CommandMeter;
import heartwood.server.command.CommandSpec;
import heartwood.server.command.Moment;
import heartwood.server.keyspace.CommandContext;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.KeyspaceCounters;
import heartwood.storage.ReadTxn;
import heartwood.storage.version.StoreSnapshot;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One read of a batch, with all that it reads: the state at its place in the order of operations.
 * Made and ended on the apply thread, run on a reader's.
 */
final class LongRead {
  private final CommandBatch batch;
  private final int operation;
  private final Keyspace present;
  private final StoreSnapshot snapshot;
  private final CommandContext context;
  private final Moment.@Nullable Resolved at;
  private final ReadLimit limit;
  private final DeferredReply reply;

  /** Who sets it has the snapshot to close: the reader, or who ends the read before it began. */
  private final AtomicBoolean isBegun = new AtomicBoolean();

  private final CountDownLatch letGo = new CountDownLatch(1);

  /**
   * @param context of the present, whatever moment is asked
   * @param at the moment that the client asked for; null if it named none
   * @param limit told of every row that is asked of the snapshot
   */
  LongRead(
      CommandBatch batch,
      int operation,
      Keyspace present,
      StoreSnapshot snapshot,
      CommandContext context,
      Moment.@Nullable Resolved at,
      ReadLimit limit,
      DeferredReply reply) {
    this.batch = batch;
    this.operation = operation;
    this.present = present;
    this.snapshot = snapshot;
    this.context = context;
    this.at = at;
    this.limit = limit;
    this.reply = reply;
  }

  DeferredReply reply() {
    return reply;
  }

  boolean isSilent() {
    return batch.isSilent(operation);
  }

  /** Whether the caller is the one to run it, or to answer that it will not be. */
  boolean tryBegin() {
    return isBegun.compareAndSet(false, true);
  }

  /** On a reader: replies, and lets the store go. */
  void run(CommandMeter meter, KeyspaceCounters counters) {
    try {
      long begin = System.nanoTime();
      Arguments arguments = new Arguments();
      int offset = batch.commandOffset(operation);
      arguments.decode(batch.sideBytes(), offset + EntryFormat.COMMAND_HEADER_BYTES);
      Keyspace read = read(arguments, EntryFormat.database(batch.sideBytes(), offset));
      counters.onRead(read.foundCount(), read.missedCount());
      long nanos = System.nanoTime() - begin;
      CommandSpec spec = batch.spec(operation);
      meter.ran(spec, arguments, batch.client(operation), nanos, reply.error());
    } finally {
      letGo();
    }
  }

  private Keyspace read(Arguments arguments, int database) {
    Moment.Resolved moment = at;
    ReplySink sink = reply.sink();
    if (moment != null && batch.isWithRevision(operation)) {
      sink.array(3);
      sink.integer(moment.revision());
      sink.integer(moment.millis());
    }
    Keyspace read = present;
    ReadTxn view = snapshot;
    CommandContext then = context;
    if (moment != null && !(batch.moment(operation) instanceof Moment.Now)) {
      read = new Keyspace();
      view = snapshot.past().at(moment.revision());
      read.loadPast(present, view, moment.revision());
      then = new CommandContext(moment.millis(), context.seed(), moment.revision());
    }
    CommandExecutor executor = new CommandExecutor(read);
    executor.read(
        (args, keyspace, target) -> {
          limit.look(); // It may have waited for long.
          batch.spec(operation).keyspaceCommand().run(args, keyspace, target);
        },
        arguments,
        database,
        view,
        then,
        sink);
    return read;
  }

  /** Answers a read that will not be run. */
  void refuse(String error) {
    reply.clear();
    reply.sink().error(error);
    letGo();
  }

  /** It ends soon, if it is running. */
  void end() {
    limit.end();
  }

  private void letGo() {
    try {
      snapshot.close();
    } finally {
      letGo.countDown();
    }
  }

  /** Returns when the store is not read from any more. */
  void awaitLetGo() throws InterruptedException {
    letGo.await();
  }
}
