package heartwood.storage.lmdb;

import heartwood.raft.log.HardState;
import heartwood.raft.log.LogBatch;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.NodeId;
import heartwood.storage.Directories;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the log costs: appends in batches, each synced, then reads and compaction; and what each
 * append would cost as a commit of LMDB, without the journal.
 *
 * <pre>
 *   LogBenchmark DIR
 * </pre>
 */
final class LogBenchmark {
  private LogBenchmark() {}

  public static void main(String[] args) throws IOException {
    int[][] shapes = {{1, 150}, {1, 2200}, {100, 150}, {1000, 150}, {1, 15_000}, {1, 256_000}};
    for (int round = 0; round < 2; round++) {
      for (int[] shape : shapes) {
        Path directory = Files.createTempDirectory(Path.of(args[0]), "log").resolve("log");
        int batches = Math.min(2000, 200_000_000 / shape[0] / shape[1]);
        commit(directory.resolveSibling("table"), shape[0], shape[1], batches);
        run(directory, shape[0], shape[1], batches);
      }
    }
  }

  private static void commit(Path directory, int batchEntries, int payloadBytes, int batches) {
    Directories.create(directory);
    LogTable.create(directory, new NodeIdentity(1, new NodeId(1), 1), LmdbOptions.forLog());
    try (LogTable table = LogTable.open(directory, LmdbOptions.forLog())) {
      long wall = System.nanoTime();
      long cpu = cpuNanos();
      for (int i = 0; i < batches; i++) {
        LogBatch batch = batch(i, batchEntries, payloadBytes);
        table.write(batch.entries(), batch.hardState(), 0);
      }
      report(batchEntries, payloadBytes, "commit", wall, cpu, batches);
    }
  }

  private static void run(Path directory, int batchEntries, int payloadBytes, int batches) {
    NodeIdentity identity = new NodeIdentity(1, new NodeId(1), 1);
    try (LmdbLogStore log = LmdbLogStore.create(directory, identity, LmdbOptions.forLog())) {
      long wall = System.nanoTime();
      long cpu = cpuNanos();
      for (int i = 0; i < batches; i++) {
        log.write(batch(i, batchEntries, payloadBytes));
      }
      report(batchEntries, payloadBytes, "append", wall, cpu, batches);

      wall = System.nanoTime();
      cpu = cpuNanos();
      log.verify();
      report(batchEntries, payloadBytes, "read", wall, cpu, batches);

      wall = System.nanoTime();
      cpu = cpuNanos();
      log.compact(log.lastIndex() / 2);
      report(batchEntries, payloadBytes, "compact half", wall, cpu, batches / 2);
    }
  }

  private static LogBatch batch(int number, int entryCount, int payloadBytes) {
    List<LogEntry> entries = new ArrayList<>();
    for (int i = 0; i < entryCount; i++) {
      long index = (long) number * entryCount + i + 1;
      entries.add(new LogEntry(index, 1, EntryKind.COMMANDS, new byte[payloadBytes]));
    }
    return new LogBatch(entries, new HardState(1, null, 0));
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static void report(
      int batchEntries, int payloadBytes, String what, long wall, long cpu, long batches) {
    System.out.printf(
        "%4d x %6d B  %-12s %8.1f us wall, %8.1f us of CPU a batch%n",
        batchEntries,
        payloadBytes,
        what,
        (System.nanoTime() - wall) / 1e3 / batches,
        (cpuNanos() - cpu) / 1e3 / batches);
  }
}
