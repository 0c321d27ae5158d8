package heartwood.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.storage.StorageException;
import heartwood.storage.Tables;
import heartwood.storage.TablesContract;
import org.junit.jupiter.api.Test;

class MemoryTablesTest extends TablesContract {
  @Override
  protected MemoryTables tables() {
    return new MemoryTables();
  }

  @Override
  protected Tables reopen(Tables tables) {
    return ((MemoryTables) tables).restart();
  }

  @Test
  void aCommitThatFailsIsAbsentOrPresentAfterTheRestart() {
    for (MemoryTables.Fault fault : MemoryTables.Fault.values()) {
      MemoryTables tables = tables();
      put(tables, "a", "1");
      tables.failNextCommit(fault);
      assertThatThrownBy(() -> put(tables, "a", "2")).isInstanceOf(StorageException.class);

      String expected = fault == MemoryTables.Fault.AFTER_COMMIT ? "a=2" : "a=1";
      assertThat(rows(tables.restart())).containsExactly(expected);
    }
  }

  @Test
  void aLyingDiskLosesTheLastCommit() {
    MemoryTables tables = tables();
    put(tables, "a", "1");
    put(tables, "a", "2");

    assertThat(rows(tables.restartWithoutLastCommit())).containsExactly("a=1");
  }
}
