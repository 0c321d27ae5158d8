package heartwood.storage.lmdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.raft.log.HardState;
import heartwood.raft.log.LogException;
import heartwood.raft.log.LogStore;
import heartwood.raft.log.MemoryLog;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.message.NodeId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MemoryLogTest extends LogStoreContract {
  @Override
  MemoryLog log() {
    return new MemoryLog(new NodeIdentity(1, new NodeId(1), 1));
  }

  @Override
  LogStore reopen(LogStore log) {
    return ((MemoryLog) log).restart();
  }

  @ParameterizedTest
  @EnumSource(MemoryLog.Fault.class)
  void afterAFaultOnlyARestartHelps(MemoryLog.Fault fault) {
    MemoryLog log = log();
    log.write(batch(TERM_9, entries(1, 1)));
    log.failNextWrite(fault);

    assertThatThrownBy(() -> log.write(batch(TERM_9, entries(2, 1))))
        .isInstanceOf(LogException.class);
    assertThatThrownBy(() -> log.write(batch(TERM_9, entries(2, 1))))
        .isInstanceOf(LogException.Poisoned.class);

    long expected = fault == MemoryLog.Fault.AFTER_COMMIT ? 2 : 1;
    MemoryLog restarted = log.restart();
    assertThat(restarted.lastIndex()).isEqualTo(expected);
    restarted.write(batch(TERM_9, entries(expected + 1, 3)));
  }

  @Test
  void aLyingDiskLosesTheLastWrite() {
    MemoryLog log = log();
    log.write(batch(TERM_9, entries(1, 1, 1, 2)));
    log.write(batch(new HardState(10, null, 1), entries(2, 3)));

    MemoryLog restarted = log.restartWithoutLastWrite();

    assertThat(restarted.hardState()).isEqualTo(TERM_9);
    assertSame(restarted.read(1, 9, Integer.MAX_VALUE), entries(1, 1, 1, 2));
    assertThat(restarted.sizeBytes()).isEqualTo(sizeOf(entries(1, 1, 1, 2)));
  }

  @Test
  void aLyingDiskLosesACompaction() {
    MemoryLog log = log();
    log.write(batch(TERM_9, entries(1, 1, 1, 2)));
    log.compact(2);

    assertSame(log.restartWithoutLastWrite().read(1, 9, Integer.MAX_VALUE), entries(1, 1, 1, 2));
  }

  @Test
  void aRottenEntryIsFoundAndHealedByWritingItAnew() {
    MemoryLog log = log();
    log.write(batch(TERM_9, entries(1, 1, 1)));
    log.rot(2);

    assertThat(log.read(1, 1, Integer.MAX_VALUE)).hasSize(1);
    assertThatThrownBy(() -> log.read(1, 2, Integer.MAX_VALUE))
        .isInstanceOf(LogException.Corrupt.class);

    log.write(batch(TERM_9, entries(2, 2)));
    assertThat(log.read(1, 2, Integer.MAX_VALUE)).hasSize(2);
    assertThat(List.copyOf(log.termStarts())).hasSize(2);
  }
}
