package heartwood.storage.version;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.storage.StorageException;
import heartwood.storage.Tables;
import heartwood.storage.memory.MemoryTables;
import org.junit.jupiter.api.Test;

class MemoryStoreTest extends StoreContract {
  private MemoryTables newest = new MemoryTables();

  @Override
  Tables tables() {
    newest = new MemoryTables();
    return newest;
  }

  @Override
  Tables tablesAfterCrash() {
    newest = newest.restart();
    return newest;
  }

  @Override
  boolean failNextCommit(boolean isCommitted) {
    newest.failNextCommit(
        isCommitted ? MemoryTables.Fault.AFTER_COMMIT : MemoryTables.Fault.BEFORE_COMMIT);
    return true;
  }

  @Test
  void aCheckpointThatFailsStopsTheStoreAndIsPresentOrAbsentAfterwards() {
    for (MemoryTables.Fault fault : MemoryTables.Fault.values()) {
      VersionedStore store = store();
      put(store, 1, "a", "1");
      applied(store, 1);
      store.checkpoint();
      put(store, 2, "a", "2");
      store.requestCheckpoint();
      applied(store, 2);
      newest.failNextCommit(fault);

      assertThatThrownBy(store::maybeCheckpoint).isInstanceOf(StorageException.class);
      VersionedStore failed = store;
      assertThatThrownBy(() -> applied(failed, 3))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("a checkpoint has failed");

      store = crash(store);
      boolean present = fault == MemoryTables.Fault.AFTER_COMMIT;
      assertThat(store.applied().index()).isEqualTo(present ? 2 : 1);
      assertThat(get(store.read(), "a")).isEqualTo(present ? "2@2" : "1@1");
    }
  }
}
