package heartwood.storage.version;

import static heartwood.storage.TestKinds.KINDS;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.storage.Directories;
import heartwood.storage.Tables;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

  /** What a peer is offered, and a backup, is the last whole checkpoint once it is opened. */
  @Test
  void aFileCopiedBetweenTwoSlicesHoldsTheCheckpointBefore() {
    Tables tables = tables();
    VersionedStore store =
        kept(VersionedStore.openStepped(tables, KINDS, LIMIT, durableLogIndex::get));
    for (int round = 1; round <= 2; round++) {
      String[] rows = new String[200];
      for (int i = 0; i < rows.length; i += 2) {
        rows[i] = "k" + (100 + round * i);
        rows[i + 1] = "round" + round;
      }
      put(store, round, rows);
      store.requestCheckpoint();
      applied(store, round);
      if (round == 1) {
        store.checkpoint();
      }
    }
    List<String> before = rows(store.past().at(1));
    assertThat(store.maybeCheckpoint()).isTrue();
    assertThat(store.isCheckpointPending()).isTrue();

    Path copy = temp.resolve("copy");
    Directories.create(copy);
    ((LmdbTables) tables).copyTo(copy);

    Tables copied = LmdbTables.open(copy, LmdbOptions.forState());
    assertThat(VersionedStore.appliedOf(copied).index()).isEqualTo(1);
    VersionedStore opened =
        kept(VersionedStore.openStepped(copied, KINDS, LIMIT, durableLogIndex::get));
    assertThat(opened.applied().index()).isEqualTo(1);
    assertThat(rows(opened.read())).isEqualTo(before);
  }

  /** Readers on threads of their own, with checkpoints in slices and merges on another. */
  @Test
  void readersBesideTheApplyThreadSeeTheirRevisionAndWhatWasBefore() throws Exception {
    VersionedStore store =
        kept(VersionedStore.open(tables(), KINDS, 8 * LIMIT, durableLogIndex::get));
    ExecutorService readers = Executors.newFixedThreadPool(2);
    List<Future<?>> checked = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(7);
    TreeMap<String, String> model = new TreeMap<>();
    List<String> earlier = List.of();
    long earlierRevision = 0;
    for (int index = 1; index <= 20_000; index++) {
      String[] writes = new String[20];
      for (int i = 0; i < writes.length; i += 2) {
        writes[i] = "k" + (100_000 + random.nextInt(12_000));
        writes[i + 1] = "x".repeat(100) + index;
        model.put(writes[i], writes[i] + "=" + writes[i + 1] + "@" + index);
      }
      put(store, index, writes);
      applied(store, index);
      if (index % 200 == 0) {
        List<String> now = List.copyOf(model.values());
        List<String> then = earlier;
        long thenRevision = earlierRevision;
        StoreSnapshot snapshot = store.snapshot();
        checked.add(
            readers.submit(
                () -> {
                  try (snapshot) {
                    assertThat(rows(snapshot)).isEqualTo(now);
                    assertThat(rows(snapshot.past().at(thenRevision))).isEqualTo(then);
                  }
                }));
        if (random.nextInt(4) == 0) {
          earlier = now;
          earlierRevision = index;
        }
      }
    }
    for (Future<?> each : checked) {
      each.get();
    }
    readers.shutdown();
    assertThat(store.checkpointCount()).as("checkpoints meanwhile").isGreaterThan(3);
  }
}
