package heartwood.server.replication;

import static java.util.Objects.requireNonNull;

import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;
import heartwood.server.command.Arguments;
import heartwood.server.command.CommandMeter;
import heartwood.server.command.CommandSpec;
import heartwood.server.command.Moment;
import heartwood.server.command.PastRead;
import heartwood.server.command.SlowLog;
import heartwood.server.config.LiveConfig;
import heartwood.server.config.ServerConfig;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.KeyspaceCounters;
import heartwood.storage.memory.MemoryTables;
import heartwood.storage.version.VersionedStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What GET costs the apply thread now and as of a moment: two versions each of 10 000 keys, in the
 * overlay and behind a checkpoint. Prints nanoseconds for each. Run the main method from the test
 * class path.
 */
final class PastReadBenchmark {
  private static final int KEYS = 10_000;
  private static final int BATCH = 1000;
  private static final int BATCHES = 500;
  private static final int ROUNDS = 6;
  private static final long NOON = 1_700_000_000_000L;

  private static final CommandMeter METER =
      new CommandMeter(
          new SlowLog(new LiveConfig(ServerConfig.defaults(), null), Clock.systemUTC()));

  private final VersionedStore store =
      VersionedStore.openStepped(
          new MemoryTables(), Keyspace.rowKinds(), 1 << 28, () -> Long.MAX_VALUE);
  private final ReplicatedKeyspace state =
      new ReplicatedKeyspace(
          store,
          Replica.DATA,
          new NoReplies(),
          () -> NOON,
          METER,
          new KeyspaceCounters(),
          atLeastMillis -> {},
          new LongReads(
              Runnable::run,
              Runnable::run,
              new NoReplies(),
              METER,
              new KeyspaceCounters(),
              () -> Long.MAX_VALUE,
              failure -> {}));
  private final TestClient client = new TestClient("a");
  private final Random random = new Random(1);
  private long index;

  public static void main(String[] args) {
    new PastReadBenchmark().run();
  }

  private void run() {
    write(NOON);
    long revision = state.revision();
    write(NOON + 1000);
    for (String where : List.of("overlay", "checkpoint")) {
      for (int round = 0; round < ROUNDS; round++) {
        System.out.printf(
            "%s: now %d ns, @revision %d ns, time %d ns, time and revision by turns %d ns%n",
            where,
            nanosOf(null, null),
            nanosOf(new Moment.Revision(revision), new Moment.Revision(revision)),
            nanosOf(new Moment.Time(NOON + 500), new Moment.Time(NOON + 500)),
            nanosOf(new Moment.Time(NOON + 500), new Moment.Revision(revision - 1)));
      }
      store.checkpoint();
    }
  }

  private void write(long stampMillis) {
    for (int from = 0; from < KEYS; from += BATCH) {
      CommandBatch batch = new CommandBatch();
      for (int key = from; key < from + BATCH; key++) {
        Arguments set = Arguments.of("set", key(key), "x".repeat(100));
        batch.addWrite(client, spec(set), set);
      }
      EntryProposal entry = Replica.entry(stampMillis, batch);
      state.apply(new LogEntry(++index, 1, EntryKind.COMMANDS, entry.payload()), entry);
    }
  }

  private static String key(int key) {
    return "key:" + key;
  }

  private static CommandSpec spec(Arguments request) {
    return requireNonNull(Replica.DATA.lookup(request));
  }

  private long nanosOf(@Nullable Moment first, @Nullable Moment second) {
    List<CommandBatch> batches = new ArrayList<>();
    for (int i = 0; i < BATCHES; i++) {
      CommandBatch batch = new CommandBatch();
      for (int j = 0; j < BATCH; j++) {
        Arguments get = Arguments.of("get", key(random.nextInt(KEYS)));
        Moment moment = j % 2 == 0 ? first : second;
        if (moment == null) {
          batch.addRead(client, spec(get), get);
        } else {
          batch.addPastRead(client, PastRead.of(moment, spec(get), get), moment);
        }
      }
      batches.add(batch);
    }
    long begin = System.nanoTime();
    batches.forEach(state::executeStale);
    return (System.nanoTime() - begin) / ((long) BATCHES * BATCH);
  }

  /** Nobody listens. */
  private static final class NoReplies implements Replies {
    private final ReplySink sink = new SilentSink();

    @Override
    public DeferredReply defer(Client client, RespVersion version) {
      throw new AssertionError("all reads here are short");
    }

    @Override
    public void end(DeferredReply reply) {
      throw new AssertionError("all reads here are short");
    }

    @Override
    public ReplySink begin(Client to, RespVersion version) {
      return sink;
    }

    @Override
    public @Nullable String error() {
      return null;
    }

    @Override
    public void end() {}

    @Override
    public void cancel() {}

    @Override
    public void none(Client to) {}

    @Override
    public void ready(Client to, byte[] bytes, int offset, int length) {}

    @Override
    public void flush() {}
  }
}
