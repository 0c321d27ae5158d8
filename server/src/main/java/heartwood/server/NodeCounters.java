package heartwood.server;

import heartwood.server.command.CommandMeter;
import heartwood.server.command.NodeStatistics;
import heartwood.server.keyspace.HistorySettings;
import heartwood.server.keyspace.KeyspaceCounters;
import heartwood.server.keyspace.KeyspaceSizes;
import heartwood.server.net.TrafficCounters;
import heartwood.server.replication.HorizonPoint;
import heartwood.server.replication.LongReads;
import heartwood.storage.history.HistoryStats;
import heartwood.storage.version.VersionedStore;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The node's counters as commands ask for them. Thread-safe.
 *
 * <p>Rates are taken by {@link #sample}, which is to be called once a second.
 */
final class NodeCounters implements NodeStatistics {
  private static final Path PROC_STATM = Path.of("/proc/self/statm");
  private static final Path PROC_STAT = Path.of("/proc/self/stat");
  private static final int PAGE_BYTES = 4096;

  private final TrafficCounters traffic;
  private final Supplier<VersionedStore> store;
  private final Supplier<List<KeyspaceSizes>> sizes;
  private final Supplier<HorizonPoint> horizon;
  private final Supplier<HistorySettings> historySettings;
  private final CommandMeter commands;
  private final KeyspaceCounters keyspace;
  private final IntSupplier waiting;
  private final LongReads longReads;
  private final LongSupplier stateBytes;
  private final Supplier<Scrub> scrub;
  private final AtomicLong peakBytes = new AtomicLong();

  private volatile Rates rates = new Rates(0, 0, 0);
  private long sampledCommands;
  private long sampledReadBytes;
  private long sampledWrittenBytes;
  private long sampledNanos = System.nanoTime();

  private record Rates(long commands, double readKilobytes, double writtenKilobytes) {}

  NodeCounters(
      TrafficCounters traffic,
      Supplier<VersionedStore> store,
      Supplier<List<KeyspaceSizes>> sizes,
      Supplier<HorizonPoint> horizon,
      Supplier<HistorySettings> historySettings,
      CommandMeter commands,
      KeyspaceCounters keyspace,
      IntSupplier waiting,
      LongReads longReads,
      LongSupplier stateBytes,
      Supplier<Scrub> scrub) {
    this.scrub = scrub;
    this.longReads = longReads;
    this.traffic = traffic;
    this.store = store;
    this.sizes = sizes;
    this.horizon = horizon;
    this.historySettings = historySettings;
    this.commands = commands;
    this.keyspace = keyspace;
    this.waiting = waiting;
    this.stateBytes = stateBytes;
  }

  /** On one thread, once a second. */
  void sample() {
    long now = System.nanoTime();
    double seconds = Math.max(1, now - sampledNanos) / 1e9;
    long newCommands = traffic.commands();
    long newReadBytes = traffic.readBytes();
    long newWrittenBytes = traffic.writtenBytes();
    rates =
        new Rates(
            Math.max(0, Math.round((newCommands - sampledCommands) / seconds)),
            Math.max(0, (newReadBytes - sampledReadBytes) / 1024.0 / seconds),
            Math.max(0, (newWrittenBytes - sampledWrittenBytes) / 1024.0 / seconds));
    sampledCommands = newCommands;
    sampledReadBytes = newReadBytes;
    sampledWrittenBytes = newWrittenBytes;
    sampledNanos = now;
  }

  @Override
  public Traffic traffic() {
    Rates present = rates;
    return new Traffic(
        traffic.connections(),
        traffic.rejectedConnections(),
        traffic.commands(),
        present.commands(),
        traffic.readBytes(),
        traffic.writtenBytes(),
        present.readKilobytes(),
        present.writtenKilobytes(),
        keyspace.hits(),
        keyspace.misses(),
        keyspace.expiredKeys(),
        keyspace.expiredFields(),
        waiting.getAsInt(),
        0,
        0,
        0,
        0);
  }

  @Override
  public LongReadCounts longReads() {
    return new LongReadCounts(
        longReads.runningCount(), longReads.waitingCount(), longReads.begunCount());
  }

  @Override
  public Memory memory() {
    Runtime runtime = Runtime.getRuntime();
    long used = runtime.totalMemory() - runtime.freeMemory() + directBytes();
    long peak = peakBytes.accumulateAndGet(used, Math::max);
    return new Memory(
        used, peak, residentBytes(), runtime.maxMemory(), store.get().overlayBytes(), totalBytes());
  }

  private static long directBytes() {
    long bytes = 0;
    for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      bytes += pool.getMemoryUsed();
    }
    return bytes;
  }

  private static long residentBytes() {
    try {
      return Long.parseLong(Files.readString(PROC_STATM).split(" ", 3)[1]) * PAGE_BYTES;
    } catch (IOException | RuntimeException e) {
      return 0; // No such file: not Linux.
    }
  }

  private static long totalBytes() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : 0;
  }

  @Override
  public Storage storage() {
    VersionedStore present = store.get();
    return new Storage(
        false,
        present.isCheckpointPending(),
        present.durable().stamp(),
        present.applied().revision() - present.durable().revision(),
        true,
        present.checkpointCount(),
        stateBytes.getAsLong(),
        present.applied().revision());
  }

  @Override
  public History history() {
    HistoryStats stats = store.get().historyStats();
    HorizonPoint point = horizon.get();
    return new History(
        point.revision(),
        point.stampMillis(),
        stats.runCount(),
        stats.versionCount(),
        stats.byteCount(),
        stats.mergedBytes(),
        point.writtenBytesSince(),
        keyspace.checkpointWaits(),
        TimeUnit.NANOSECONDS.toMillis(keyspace.checkpointWaitNanos()),
        historySettings.get());
  }

  @Override
  public Scrub scrub() {
    return scrub.get();
  }

  @Override
  public Cpu cpu() {
    try {
      // Fields 14 and 15 of stat, counted behind the name in brackets, in hundredths of a second.
      String[] fields = Files.readString(PROC_STAT).replaceAll("^.*\\) ", "").split(" ", -1);
      return new Cpu(Long.parseLong(fields[11]) / 100.0, Long.parseLong(fields[12]) / 100.0);
    } catch (IOException | RuntimeException e) {
      return new Cpu(0, 0); // No such file: not Linux.
    }
  }

  @Override
  public List<DatabaseStatistics> databases() {
    return sizes.get().stream()
        .map(size -> new DatabaseStatistics(size.database(), size.keys(), size.expiring(), 0))
        .toList();
  }

  @Override
  public List<CommandStatistics> commands() {
    return commands.statistics();
  }

  @Override
  public Map<String, Long> errors() {
    return commands.errors();
  }

  @Override
  public void reset() {
    traffic.reset();
    commands.reset();
    keyspace.reset();
  }
}
