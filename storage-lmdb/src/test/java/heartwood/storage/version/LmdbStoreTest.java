package heartwood.storage.version;

import static heartwood.storage.TestKinds.KINDS;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.storage.Directories;
import heartwood.storage.Tables;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LmdbStoreTest extends StoreContract {
  private final Path temp;
  private int created;

  LmdbStoreTest(@TempDir Path temp) {
    this.temp = temp;
  }

  @Override
  Tables tables() {
    created++;
    Directories.create(directory());
    return tablesAfterCrash();
  }

  @Override
  Tables tablesAfterCrash() {
    return LmdbTables.open(directory(), LmdbOptions.forState());
  }

  private Path directory() {
    return temp.resolve("state-" + created);
  }

  /** With a thread of its own, as in a server; the checkpoints come when they come. */
  @Test
  void checkpointsRunBesideTheApplyThread() {
    VersionedStore store = kept(VersionedStore.open(tables(), KINDS, LIMIT, durableLogIndex::get));
    SplittableRandom random = new SplittableRandom(5);
    String[] model = new String[2000];
    for (int index = 1; index <= 30_000; index++) {
      int key = random.nextInt(model.length);
      model[key] = "value " + index + " " + "x".repeat(100);
      put(store, index, "key " + key, model[key]);
      applied(store, index);
    }
    assertThat(store.durable().index()).isPositive();
    store.checkpoint();
    assertThat(store.durable().index()).isEqualTo(30_000);
    long digest = store.digest();

    store = crash(store);

    assertThat(store.digest()).isEqualTo(digest);
    for (int key = 0; key < model.length; key++) {
      String found = get(store.read(), "key " + key);
      assertThat(found == null ? "" : found.replaceAll("@.*", ""))
          .isEqualTo(model[key] == null ? "" : model[key]);
    }
  }
}
