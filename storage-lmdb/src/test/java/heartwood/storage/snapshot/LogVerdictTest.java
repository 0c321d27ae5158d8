package heartwood.storage.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.raft.log.HardState;
import heartwood.raft.log.LogBatch;
import heartwood.raft.log.MemoryLog;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.NodeId;
import heartwood.storage.Applied;
import heartwood.storage.StorageException;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogVerdictTest {
  @Test
  void aLogThatReachesTheStateWithTheSameTermIsKept() {
    assertThat(judge(10, 3)).isEqualTo(LogVerdict.KEEP);
    assertThat(judge(8, 2)).isEqualTo(LogVerdict.KEEP);
    assertThat(judge(5, 1)).isEqualTo(LogVerdict.KEEP); // at the base
  }

  @Test
  void aLogThatEndsBeforeTheStateIsDiscarded() {
    assertThat(judge(11, 3)).isEqualTo(LogVerdict.DISCARD);
  }

  @Test
  void aLogThatHasAnotherEntryThereIsDiscarded() {
    assertThat(judge(10, 4)).isEqualTo(LogVerdict.DISCARD);
    assertThat(judge(5, 2)).isEqualTo(LogVerdict.DISCARD);
  }

  @Test
  void aLogThatBeginsBehindAGapRefusesToStart() {
    assertThat(judge(4, 1)).isEqualTo(LogVerdict.REFUSE);
  }

  @Test
  void aNewNodeKeepsItsEmptyLog() {
    assertThat(LogVerdict.of(0, 0, 0, 0, index -> 0)).isEqualTo(LogVerdict.KEEP);
  }

  @Test
  void reconcileResetsTheLogToTheState() {
    MemoryLog log = new MemoryLog(new NodeIdentity(1, new NodeId(1), 1));
    log.write(
        new LogBatch(
            List.of(new LogEntry(1, 1, EntryKind.NOOP, new byte[0])), new HardState(4, null, 0)));

    LogVerdict verdict = LogVerdict.reconcile(applied(20, 3), log);

    assertThat(verdict).isEqualTo(LogVerdict.DISCARD);
    assertThat(log.baseIndex()).isEqualTo(20);
    assertThat(log.baseTerm()).isEqualTo(3);
    assertThat(log.hardState().currentTerm()).isEqualTo(4);
    assertThatThrownBy(() -> LogVerdict.reconcile(applied(19, 3), log))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("no gap");
  }

  /** A log of base 5/1 and the entries 6..8 of term 2, 9..10 of term 3. */
  private static LogVerdict judge(long appliedIndex, long appliedTerm) {
    return LogVerdict.of(
        appliedIndex, appliedTerm, 5, 10, index -> index == 5 ? 1 : index < 9 ? 2 : 3);
  }

  private static Applied applied(long index, long term) {
    return new Applied(index, term, 0, 0, 0, new byte[0]);
  }
}
