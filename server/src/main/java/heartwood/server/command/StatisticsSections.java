package heartwood.server.command;

import heartwood.server.command.NodeStatistics.CommandStatistics;
import heartwood.server.command.NodeStatistics.Cpu;
import heartwood.server.command.NodeStatistics.DatabaseStatistics;
import heartwood.server.command.NodeStatistics.History;
import heartwood.server.command.NodeStatistics.LongReadCounts;
import heartwood.server.command.NodeStatistics.Memory;
import heartwood.server.command.NodeStatistics.Scrub;
import heartwood.server.command.NodeStatistics.Storage;
import heartwood.server.command.NodeStatistics.Traffic;
import java.util.Locale;

/** The sections of INFO that are counters. What Redis has and we have not is 0 where tools ask. */
final class StatisticsSections {
  private final NodeStatistics statistics;

  StatisticsSections(NodeStatistics statistics) {
    this.statistics = statistics;
  }

  void memory(Connection connection, InfoLines lines) {
    Memory memory = statistics.memory();
    lines.putBytes("used_memory", memory.used());
    lines.putBytes("used_memory_rss", memory.resident());
    lines.putBytes("used_memory_peak", memory.peak());
    lines.put("used_memory_peak_perc", percent(memory.used(), memory.peak()));
    lines.put("used_memory_overlay", memory.overlay());
    lines.put("used_memory_heap_max", memory.heapMax());
    lines.putBytes("total_system_memory", memory.systemTotal());
    lines.putBytes("used_memory_lua", 0);
    lines.putBytes("used_memory_scripts", 0);
    lines.putBytes("maxmemory", 0);
    lines.put("maxmemory_policy", "noeviction");
    lines.put("mem_fragmentation_ratio", Texts.fixed(ratio(memory.resident(), memory.used())));
    lines.put("mem_allocator", "jvm");
    lines.put("active_defrag_running", false);
    lines.put("lazyfree_pending_objects", 0);
  }

  private static String percent(long part, long whole) {
    return Texts.fixed(100 * ratio(part, whole)) + "%";
  }

  private static double ratio(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }

  /** A checkpoint is what Redis calls a save; the log is what it calls the append-only file. */
  void persistence(Connection connection, InfoLines lines) {
    Storage storage = statistics.storage();
    String status = storage.wasLastCheckpointGood() ? "ok" : "err";
    lines.put("loading", storage.isLoading());
    lines.put("async_loading", false);
    lines.put("rdb_changes_since_last_save", storage.changesSinceCheckpoint());
    lines.put("rdb_bgsave_in_progress", storage.isCheckpointing());
    lines.put("rdb_last_save_time", storage.lastCheckpointMillis() / 1000);
    lines.put("rdb_last_bgsave_status", status);
    lines.put("rdb_last_bgsave_time_sec", -1);
    lines.put("rdb_current_bgsave_time_sec", -1);
    lines.put("rdb_saves", storage.checkpoints());
    lines.put("aof_enabled", true);
    lines.put("aof_rewrite_in_progress", false);
    lines.put("aof_rewrite_scheduled", false);
    lines.put("aof_last_rewrite_time_sec", -1);
    lines.put("aof_current_rewrite_time_sec", -1);
    lines.put("aof_last_bgrewrite_status", "ok");
    lines.put("aof_last_write_status", "ok");
    scrub(lines, storage.stateBytes());
  }

  /** Ours: how far the check of all rows is, and how the last one ended. */
  private void scrub(InfoLines lines, long stateBytes) {
    Scrub scrub = statistics.scrub();
    lines.put("scrub_in_progress", scrub.isRunning());
    lines.put("scrub_current_rows", scrub.rows());
    lines.put("scrub_current_perc", percent(Math.min(scrub.bytes(), stateBytes), stateBytes));
    lines.put("scrub_passes", scrub.passes());
    lines.put("scrub_last_rows", scrub.lastRows());
    lines.put("scrub_last_end_time", scrub.lastEndMillis() / 1000);
    lines.put("scrub_last_time_ms", scrub.lastMillis());
    lines.put("scrub_damaged_rows", scrub.damagedRows());
  }

  void stats(Connection connection, InfoLines lines) {
    Traffic traffic = statistics.traffic();
    long errors = statistics.errors().values().stream().mapToLong(Long::longValue).sum();
    lines.put("total_connections_received", traffic.connectionsReceived());
    lines.put("total_commands_processed", traffic.commandsProcessed());
    lines.put("instantaneous_ops_per_sec", traffic.commandsPerSecond());
    lines.put("total_net_input_bytes", traffic.netInputBytes());
    lines.put("total_net_output_bytes", traffic.netOutputBytes());
    lines.put("instantaneous_input_kbps", Texts.fixed(traffic.netInputKilobytesPerSecond()));
    lines.put("instantaneous_output_kbps", Texts.fixed(traffic.netOutputKilobytesPerSecond()));
    lines.put("rejected_connections", traffic.rejectedConnections());
    lines.put("sync_full", 0);
    lines.put("sync_partial_ok", 0);
    lines.put("sync_partial_err", 0);
    lines.put("expired_keys", traffic.expiredKeys());
    lines.put("expired_subkeys", traffic.expiredFields());
    lines.put("evicted_keys", 0);
    lines.put("evicted_clients", 0);
    lines.put("keyspace_hits", traffic.keyspaceHits());
    lines.put("keyspace_misses", traffic.keyspaceMisses());
    LongReadCounts longReads = statistics.longReads();
    lines.put("long_reads_running", longReads.running());
    lines.put("long_reads_waiting", longReads.waiting());
    lines.put("total_long_reads", longReads.begun());
    lines.put("pubsub_channels", traffic.pubsubChannels());
    lines.put("pubsub_patterns", traffic.pubsubPatterns());
    lines.put("latest_fork_usec", 0);
    lines.put("total_forks", 0);
    lines.put("total_error_replies", errors);
  }

  void cpu(Connection connection, InfoLines lines) {
    Cpu cpu = statistics.cpu();
    lines.put("used_cpu_sys", seconds(cpu.systemSeconds()));
    lines.put("used_cpu_user", seconds(cpu.userSeconds()));
    lines.put("used_cpu_sys_children", seconds(0));
    lines.put("used_cpu_user_children", seconds(0));
  }

  private static String seconds(double value) {
    return String.format(Locale.ROOT, "%.6f", value);
  }

  void commands(Connection connection, InfoLines lines) {
    for (CommandStatistics command : statistics.commands()) {
      lines.put(
          "cmdstat_" + command.name(),
          "calls="
              + command.calls()
              + ",usec="
              + command.micros()
              + ",usec_per_call="
              + Texts.fixed(ratio(command.micros(), command.calls()))
              + ",rejected_calls="
              + command.rejectedCalls()
              + ",failed_calls="
              + command.failedCalls());
    }
  }

  void errors(Connection connection, InfoLines lines) {
    statistics
        .errors()
        .forEach((prefix, count) -> lines.put("errorstat_" + prefix, "count=" + count));
  }

  void latencies(Connection connection, InfoLines lines) {
    for (CommandStatistics command : statistics.commands()) {
      if (command.calls() > 0) {
        double[] micros = command.percentileMicros();
        lines.put(
            "latency_percentiles_usec_" + command.name(),
            String.format(
                Locale.ROOT, "p50=%.3f,p99=%.3f,p99.9=%.3f", micros[0], micros[1], micros[2]));
      }
    }
  }

  /** Ours: how far back the past can be read, and what it costs. */
  void history(Connection connection, InfoLines lines) {
    Storage storage = statistics.storage();
    History history = statistics.history();
    for (String name : HistorySettingsText.NAMES) {
      String field = name.replace('-', '_');
      lines.put(field, HistorySettingsText.get(history.settings(), name));
    }
    lines.put("history_revision", storage.revision());
    lines.put("history_horizon_revision", history.horizonRevision());
    lines.put("history_horizon_time_ms", history.horizonMillis());
    lines.put("history_runs", history.runs());
    lines.put("history_versions", history.versions());
    lines.put("history_bytes", history.bytes());
    lines.put("history_merged_bytes", history.mergedBytes());
    lines.put("history_written_bytes", history.writtenBytes());
    lines.put("state_bytes", storage.stateBytes());
    lines.put("checkpoint_waits", history.checkpointWaits());
    lines.put("checkpoint_wait_ms", history.checkpointWaitMillis());
  }

  void keyspace(Connection connection, InfoLines lines) {
    for (DatabaseStatistics database : statistics.databases()) {
      if (database.keys() > 0) {
        lines.put(
            "db" + database.database(),
            "keys="
                + database.keys()
                + ",expires="
                + database.expires()
                + ",avg_ttl="
                + database.averageTtlMillis());
      }
    }
  }
}
