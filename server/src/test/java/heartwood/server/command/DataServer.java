package heartwood.server.command;

import heartwood.server.keyspace.CommandContext;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.MapStore;
import heartwood.storage.Applied;
import heartwood.storage.WriteTxn;

/** The data commands over a store in memory, one entry per command, on a clock of its own. */
final class DataServer implements Server {
  static final CommandTable TABLE = new CommandTable();

  static {
    DataCommands.register(TABLE);
  }

  final MapStore store = new MapStore();
  final Keyspace keyspace = new Keyspace();
  final CommandExecutor executor = new CommandExecutor(keyspace);
  private final TreeSink sink = new TreeSink();
  long stampMillis = 1_700_000_000_000L;
  long revision;
  int database;
  int sweepRows = 3;

  DataServer() {
    try (WriteTxn txn = store.write(0)) {
      Keyspace.initialize(txn, new byte[16], Keyspace.DEFAULT_DATABASES);
      txn.commit();
    }
    keyspace.load(store);
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
      executor.read(spec.keyspaceCommand(), args, database, store.read(), context(), sink);
    } else {
      revision++;
      executor.write(
          spec.keyspaceCommand(),
          args,
          database,
          store.write(revision, spec.id()),
          context(),
          sink);
      endEntry();
    }
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
    executor.write(failing, args, database, store.write(revision), context(), sink);
    endEntry();
    Object reply = sink.take();
    return reply.toString().startsWith("-") ? "-ERR internal error" : reply;
  }

  /** Deletes expired keys, as the leader proposes it from time to time. */
  void sweepExpired(int budgetKeys) {
    revision++;
    keyspace.begin(store.write(revision, Operations.EXPIRED), context());
    keyspace.sweepExpired(budgetKeys);
    keyspace.commit();
    endEntry();
  }

  void endEntry() {
    try (WriteTxn txn = store.write(revision)) {
      keyspace.endEntry(txn, sweepRows, Long.MAX_VALUE);
      txn.commit();
    }
    store.applied(new Applied(0, 0, revision, stampMillis, 0, new byte[0]));
  }

  /** Forgets what is in memory, as after a start. */
  void reload() {
    keyspace.load(store);
  }

  @Override
  public void close() {}
}
