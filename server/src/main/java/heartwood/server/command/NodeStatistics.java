package heartwood.server.command;

import heartwood.server.keyspace.HistorySettings;
import java.util.List;
import java.util.Map;

/** The counters of this node. Thread-safe; a call does not block. */
public interface NodeStatistics {
  Traffic traffic();

  LongReadCounts longReads();

  Memory memory();

  Storage storage();

  History history();

  Scrub scrub();

  Cpu cpu();

  /** Databases with keys, by number. */
  List<DatabaseStatistics> databases();

  /** Commands that were called, by name. */
  List<CommandStatistics> commands();

  /** How many error replies began with each code word, by word. */
  Map<String, Long> errors();

  /** Sets the counters of traffic, commands and errors to zero: CONFIG RESETSTAT. */
  void reset();

  /** Since the start or the last reset, but for the rates, which are of the last seconds. */
  record Traffic(
      long connectionsReceived,
      long rejectedConnections,
      long commandsProcessed,
      long commandsPerSecond,
      long netInputBytes,
      long netOutputBytes,
      double netInputKilobytesPerSecond,
      double netOutputKilobytesPerSecond,
      long keyspaceHits,
      long keyspaceMisses,
      long expiredKeys,
      long expiredFields,
      int blockedClients,
      int pubsubClients,
      int watchingClients,
      int pubsubChannels,
      int pubsubPatterns) {}

  /**
   * Reads beside the apply thread.
   *
   * @param begun since the start
   */
  record LongReadCounts(int running, int waiting, long begun) {}

  /**
   * Bytes.
   *
   * @param used heap and direct memory in use
   * @param peak the most that was in use
   * @param resident what the operating system counts; 0 if it does not tell
   * @param heapMax the most that the heap may grow to
   * @param overlay of {@code used}: writes that wait for a checkpoint
   */
  record Memory(
      long used, long peak, long resident, long heapMax, long overlay, long systemTotal) {}

  /**
   * The state on disk.
   *
   * @param isLoading whether a snapshot is being installed, or the log replayed
   * @param lastCheckpointMillis when state last became durable as a whole, on this node's clock
   * @param changesSinceCheckpoint writes applied since
   * @param wasLastCheckpointGood whether the last attempt succeeded
   */
  record Storage(
      boolean isLoading,
      boolean isCheckpointing,
      long lastCheckpointMillis,
      long changesSinceCheckpoint,
      boolean wasLastCheckpointGood,
      long checkpoints,
      long stateBytes,
      long revision) {}

  /**
   * The past that this node holds. Counts differ between nodes, the horizon does not.
   *
   * @param horizonRevision the oldest revision that can be asked
   * @param horizonMillis its time; 0 if nothing was ever forgotten
   * @param runs sorted tables of versions that are over
   * @param versions in those tables
   * @param bytes of those tables
   * @param mergedBytes written again to keep the tables few, since the start
   * @param writtenBytes keys and values written since the horizon: what the limit of size counts
   * @param checkpointWaits how often applying had to wait for a checkpoint
   * @param checkpointWaitMillis how long, in all
   * @param settings how much is kept, alike on all nodes
   */
  record History(
      long horizonRevision,
      long horizonMillis,
      long runs,
      long versions,
      long bytes,
      long mergedBytes,
      long writtenBytes,
      long checkpointWaits,
      long checkpointWaitMillis,
      HistorySettings settings) {}

  /**
   * The check of all rows of the state, which is made again and again.
   *
   * @param rows checked in the pass under way, if there is one
   * @param bytes of those, about
   * @param passes that were whole, since the start
   * @param lastRows checked in the last whole pass
   * @param lastEndMillis when it ended, on this node's clock; 0: none has
   * @param lastMillis how long it took
   * @param damagedRows found since the start: the first stops the node
   */
  record Scrub(
      boolean isRunning,
      long rows,
      long bytes,
      long passes,
      long lastRows,
      long lastEndMillis,
      long lastMillis,
      long damagedRows) {
    public Scrub running(long rowsSoFar, long bytesSoFar) {
      return new Scrub(
          true, rowsSoFar, bytesSoFar, passes, lastRows, lastEndMillis, lastMillis, damagedRows);
    }

    public Scrub ended(long allRows, long endMillis, long millis) {
      return new Scrub(false, 0, 0, passes + 1, allRows, endMillis, millis, damagedRows);
    }

    public Scrub damaged() {
      return new Scrub(
          false, rows, bytes, passes, lastRows, lastEndMillis, lastMillis, damagedRows + 1);
    }
  }

  /** What the process has used since it started. */
  record Cpu(double userSeconds, double systemSeconds) {}

  /** A database's keys. */
  record DatabaseStatistics(int database, long keys, long expires, long averageTtlMillis) {}

  /**
   * How a command fared.
   *
   * @param rejectedCalls refused before they ran: arity, rights, redirects
   * @param failedCalls ran and answered an error
   * @param percentileMicros 50 %, 99 % and 99.9 % of the calls were as fast
   * @param callsUpToMicros upper bounds, powers of two in ascending order, and how many calls were
   *     as fast; the sums grow
   */
  record CommandStatistics(
      String name,
      long calls,
      long micros,
      long rejectedCalls,
      long failedCalls,
      double[] percentileMicros,
      Map<Long, Long> callsUpToMicros) {}
}
