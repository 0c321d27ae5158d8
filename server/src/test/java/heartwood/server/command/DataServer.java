package heartwood.server.command;

import static java.util.Objects.requireNonNull;

import heartwood.server.keyspace.CommandContext;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.MapStore;
import heartwood.storage.Applied;
import heartwood.storage.ReadTxn;
import heartwood.storage.Store;
import heartwood.storage.WriteTxn;

/**
 * The data commands over a store in memory, on a clock of its own. Each command is an entry, but
 * over a store of the caller's, who then ends the entries.
 */
final class DataServer implements Server {
  static final CommandTable TABLE = new CommandTable();

  static {
    DataCommands.register(TABLE);
  }

  final MapStore store = new MapStore();
  private final Store present;
  private final boolean isEntryEndedByCaller;
  final Keyspace keyspace = new Keyspace();
  final CommandExecutor executor = new CommandExecutor(keyspace);
  private final TreeSink sink = new TreeSink();
  long stampMillis = 1_700_000_000_000L;
  long revision;
  int database;
  private long entryIndex;
  int sweepRows = 3;

  DataServer() {
    present = store;
    isEntryEndedByCaller = false;
    initialize();
  }

  DataServer(Store anyStore) {
    present = anyStore;
    isEntryEndedByCaller = true;
    revision = 1;
    initialize();
    endEntry();
  }

  /** Goes on with a store behind the last entry that it holds. */
  static DataServer resumed(Store store) {
    return new DataServer(store, store.applied());
  }

  private DataServer(Store store, Applied applied) {
    present = store;
    isEntryEndedByCaller = true;
    revision = applied.revision();
    entryIndex = applied.index();
    stampMillis = applied.stamp();
    keyspace.load(store);
  }

  private void initialize() {
    try (WriteTxn txn = present.write(revision)) {
      Keyspace.initialize(txn, new byte[16], Keyspace.DEFAULT_DATABASES);
      txn.commit();
    }
    keyspace.load(present);
  }

  CommandContext context() {
    return new CommandContext(stampMillis, 42, revision);
  }

  @Override
  public Object call(byte[]... command) {
    Arguments args = Arguments.of(command);
    if (args.is(0, "select")) {
      database = Integer.parseInt(args.text(1));
      return "OK";
    }
    CommandSpec spec = TABLE.lookup(args);
    if (spec == null) {
      return "-" + TABLE.unknown(args);
    }
    if (!spec.accepts(args.count())) {
      return "-" + spec.wrongArgumentCount();
    }
    if (spec.kind() == CommandSpec.Kind.READ) {
      executor.read(spec.keyspaceCommand(), args, database, present.read(), context(), sink);
    } else {
      revision++;
      executor.write(
          spec.keyspaceCommand(),
          args,
          database,
          present.write(revision, spec.id()),
          context(),
          sink);
      maybeEndEntry();
    }
    return sink.take();
  }

  /** Runs a read as of a revision of the past. */
  Object callAt(long pastRevision, byte[]... command) {
    Arguments args = Arguments.of(command);
    CommandSpec spec = requireNonNull(TABLE.lookup(args));
    ReadTxn view = present.past().at(pastRevision);
    Keyspace then = new Keyspace();
    then.loadPast(keyspace, view, pastRevision);
    CommandContext of = new CommandContext(keyspace.stampOf(pastRevision), 42, pastRevision);
    new CommandExecutor(then).read(spec.keyspaceCommand(), args, database, view, of, sink);
    return sink.take();
  }

  /** Runs a command that then fails through our own fault. */
  Object callAndFail(byte[]... command) {
    Arguments args = Arguments.of(command);
    CommandSpec spec = TABLE.lookup(args);
    if (spec == null || spec.kind() != CommandSpec.Kind.WRITE) {
      return "OK";
    }
    KeyspaceCommand failing =
        (arguments, commandKeyspace, reply) -> {
          spec.keyspaceCommand().run(arguments, commandKeyspace, reply);
          throw new IllegalStateException("as planned");
        };
    revision++;
    executor.write(failing, args, database, present.write(revision), context(), sink);
    maybeEndEntry();
    Object reply = sink.take();
    return reply.toString().startsWith("-") ? "-ERR internal error" : reply;
  }

  /** Deletes expired keys, as the leader proposes it from time to time. */
  void sweepExpired(int budgetKeys) {
    revision++;
    keyspace.begin(present.write(revision, Operations.EXPIRED), context());
    keyspace.sweepExpired(budgetKeys);
    keyspace.commit();
    maybeEndEntry();
  }

  private void maybeEndEntry() {
    if (!isEntryEndedByCaller) {
      endEntry();
    }
  }

  /** In a revision of its own if the caller ends entries, as in the log. */
  void endEntry() {
    long horizon = Long.MAX_VALUE;
    if (isEntryEndedByCaller) {
      revision++;
      entryIndex++;
      horizon = present.past().horizon() + 1;
    }
    try (WriteTxn txn = present.write(revision)) {
      keyspace.endEntry(txn, sweepRows, horizon);
      txn.commit();
    }
    present.applied(
        new Applied(entryIndex, 0, revision, stampMillis, present.digest(), new byte[0]));
  }

  /** Forgets what is in memory, as after a start. */
  void reload() {
    keyspace.load(present);
  }

  @Override
  public void close() {}
}
