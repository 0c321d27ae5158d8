package heartwood.raft.node;

import heartwood.raft.core.ConfigurationLog;
import heartwood.raft.core.CoreOptions;
import heartwood.raft.core.RaftCore;
import heartwood.raft.core.RaftLog;
import heartwood.raft.log.HardState;
import heartwood.raft.log.LogBatch;
import heartwood.raft.log.LogException;
import heartwood.raft.log.LogStore;
import heartwood.raft.log.TermStart;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a core of what log and state machine hold when a node starts. Blocks on the log's disk.
 *
 * @param damaged entries that cannot be read, of those that are not applied
 * @param isStateLost what is committed cannot be applied until a snapshot has come
 */
record CoreStart(RaftCore core, List<Long> damaged, boolean isStateLost) {
  private static final Logger logger = LoggerFactory.getLogger(CoreStart.class);

  private static final int CONFIGURATION_SCAN_BYTES = 4 << 20;

  /**
   * @param configuration of the state machine's applied index
   * @param seed of the core's chance
   */
  static CoreStart of(
      NodeId self,
      CoreOptions options,
      long seed,
      LogStore log,
      StateMachine stateMachine,
      Configuration configuration) {
    boolean isStateLost = stateMachine.appliedIndex() == StateMachine.LOST;
    if (!isStateLost) {
      fitLogToState(log, stateMachine);
    }
    long appliedIndex = isStateLost ? log.baseIndex() : stateMachine.appliedIndex();
    HardState hardState = log.hardState();
    List<Long> damaged = new ArrayList<>();
    RaftCore core =
        new RaftCore(
            self,
            options,
            seed,
            hardState.currentTerm(),
            hardState.votedFor(),
            shapeOf(log),
            hardState.commitIndex(),
            appliedIndex,
            configurationsOf(log, appliedIndex, configuration, damaged));
    return new CoreStart(core, damaged, isStateLost);
  }

  /**
   * A crash may come between the installation of a snapshot and what follows it, the log's reset
   * (Raft §7): a log that does not reach the state, or holds another entry there, is begun anew.
   */
  private static void fitLogToState(LogStore log, StateMachine stateMachine) {
    long index = stateMachine.appliedIndex();
    long term = stateMachine.appliedTerm();
    if (index < log.baseIndex()) {
      throw new LogException.Compacted(
          "applied index: "
              + index
              + " (expected: at least the log's base "
              + log.baseIndex()
              + ")");
    }
    if (index > log.lastIndex() || log.termAt(index) != term) {
      logger.info("resets log lastIndex={} to appliedIndex={}", log.lastIndex(), index);
      log.reset(index, term);
    }
    HardState hardState = log.hardState();
    if (term > hardState.currentTerm()) { // It had not reached the disk when the snapshot did.
      log.write(new LogBatch(List.of(), new HardState(term, null, hardState.commitIndex())));
    }
  }

  private static RaftLog shapeOf(LogStore log) {
    Map<Long, Long> termByFirstIndex = new TreeMap<>();
    for (TermStart start : log.termStarts()) {
      termByFirstIndex.put(start.firstIndex(), start.term());
    }
    long count = log.lastIndex() - log.baseIndex();
    int averageBytes = count == 0 ? 0 : (int) Math.min(1 << 20, log.sizeBytes() / count);
    return new RaftLog(
        log.baseIndex(), log.baseTerm(), log.lastIndex(), termByFirstIndex, averageBytes);
  }

  /**
   * What the state machine has applied, and what stands in the log above that.
   *
   * @param damaged gets the entries that cannot be read
   */
  private static ConfigurationLog configurationsOf(
      LogStore log, long appliedIndex, Configuration applied, List<Long> damaged) {
    Map<Long, Configuration> above = new TreeMap<>();
    damaged.addAll(
        DamageScan.of(
            log,
            appliedIndex + 1,
            CONFIGURATION_SCAN_BYTES,
            entry -> {
              if (entry.kind() == EntryKind.CONFIGURATION) {
                above.put(entry.index(), ConfigurationCodec.decode(entry.payload()));
              }
            }));
    return new ConfigurationLog(applied, above);
  }
}
