package heartwood.server.replication;

import static java.util.Objects.requireNonNull;

import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.server.command.Arguments;
import heartwood.server.command.CommandMeter;
import heartwood.server.command.CommandSpec;
import heartwood.server.command.CommandTable;
import heartwood.server.command.DataCommands;
import heartwood.server.command.SlowLog;
import heartwood.server.config.LiveConfig;
import heartwood.server.config.ServerConfig;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.KeyspaceCounters;
import heartwood.storage.memory.MemoryTables;
import heartwood.storage.version.VersionedStore;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A state machine over tables in memory, by a clock of its own. Confined. */
final class Replica {
  private static final long OVERLAY_BYTES = 1 << 20;
  static final CommandTable DATA = new CommandTable();

  static {
    DataCommands.register(DATA);
  }

  /** What was answered, in order, as {@code client reply}. */
  final List<String> answers = new ArrayList<>();

  final MemoryTables tables;
  final VersionedStore store;
  final ReplicatedKeyspace state;
  final KeyspaceCounters counters = new KeyspaceCounters();
  private final CommandTable table;
  private final Map<String, TestClient> clients = new HashMap<>();
  long clockMillis;
  int timeRequests;
  private long index;

  Replica() {
    this(new MemoryTables(), DATA);
  }

  Replica(MemoryTables tables, CommandTable table) {
    this.tables = tables;
    this.table = table;
    store =
        VersionedStore.openStepped(
            tables, Keyspace.rowKinds(), OVERLAY_BYTES, () -> Long.MAX_VALUE);
    RecordedReplies replies = new RecordedReplies(answer -> answers.add(answer.toString()));
    CommandMeter meter =
        new CommandMeter(
            new SlowLog(new LiveConfig(ServerConfig.defaults(), null), Clock.systemUTC()));
    state =
        new ReplicatedKeyspace(
            store,
            table,
            replies,
            () -> clockMillis,
            meter,
            counters,
            atLeastMillis -> timeRequests++,
            new LongReads(
                Runnable::run,
                Runnable::run,
                replies,
                meter,
                counters,
                () -> Long.MAX_VALUE,
                failure -> {
                  throw new AssertionError(failure);
                }));
    index = state.appliedIndex();
  }

  /** What a new process finds: the tables, as of the last checkpoint. */
  Replica restarted() {
    return new Replica(tables.restart(), table);
  }

  TestClient client(String name) {
    return clients.computeIfAbsent(name, TestClient::new);
  }

  /**
   * A batch of operations, each {@code client command argument…}, or {@code client =reply} for an
   * answer that is known already.
   */
  CommandBatch batch(String... operations) {
    CommandBatch batch = new CommandBatch();
    for (String operation : operations) {
      String[] words = operation.split(" ", 2);
      TestClient client = client(words[0]);
      if (words[1].startsWith("=")) {
        byte[] reply = (words[1].substring(1) + "\r\n").getBytes(StandardCharsets.UTF_8);
        batch.addAnswer(client, reply, reply.length);
        continue;
      }
      Arguments command = Arguments.of(words[1].split(" "));
      CommandSpec spec = requireNonNull(table.lookup(command), operation);
      if (spec.kind() == CommandSpec.Kind.WRITE) {
        batch.addWrite(client, spec, command);
      } else {
        batch.addRead(client, spec, command);
      }
    }
    return batch;
  }

  static EntryProposal entry(long stampMillis, CommandBatch... batches) {
    return new EntryProposal(List.of(batches), 0, stampMillis, 42, fate -> {});
  }

  static EntryProposal sweep(long stampMillis) {
    return new EntryProposal(List.of(), EntryFormat.SWEEP, stampMillis, 42, fate -> {});
  }

  /** Applies an entry of these operations that was proposed here. */
  void write(long stampMillis, String... operations) {
    lead(entry(stampMillis, batch(operations)));
  }

  /** Applies an entry that was proposed here. */
  void lead(EntryProposal entry) {
    apply(entry.payload(), entry);
  }

  /** Applies an entry that came from elsewhere. */
  void follow(EntryProposal entry) {
    apply(entry.payload(), null);
  }

  private void apply(byte[] payload, @Nullable EntryProposal proposal) {
    state.apply(new LogEntry(++index, 1, EntryKind.COMMANDS, payload), proposal);
  }

  void configure(byte[] configuration) {
    state.apply(new LogEntry(++index, 1, EntryKind.CONFIGURATION, configuration), null);
  }

  /** What was answered since the last call. */
  List<String> takeAnswers() {
    List<String> taken = List.copyOf(answers);
    answers.clear();
    return taken;
  }
}
