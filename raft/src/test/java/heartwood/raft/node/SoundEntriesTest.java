package heartwood.raft.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.raft.log.HardState;
import heartwood.raft.log.LogBatch;
import heartwood.raft.log.LogException;
import heartwood.raft.log.MemoryLog;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.NodeId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SoundEntriesTest {
  private final MemoryLog log = new MemoryLog(new NodeIdentity(1, new NodeId(1), 1));

  SoundEntriesTest() {
    List<LogEntry> entries = new ArrayList<>();
    for (int index = 1; index <= 5; index++) {
      entries.add(NodeRig.entry(index, 1));
    }
    log.write(new LogBatch(entries, new HardState(1, null, 0)));
    log.rot(4);
  }

  @Test
  void whatStandsBeforeADamagedEntryIsRead() {
    assertThat(SoundEntries.read(log, 2, 5, 1 << 20))
        .extracting(LogEntry::index)
        .containsExactly(2L, 3L);
    assertThat(SoundEntries.read(log, 5, 5, 1 << 20))
        .extracting(LogEntry::index)
        .containsExactly(5L);
  }

  @Test
  void theDamagedEntryItselfIsNot() {
    assertThatThrownBy(() -> SoundEntries.read(log, 4, 5, 1 << 20))
        .isInstanceOf(LogException.Corrupt.class);
  }
}
