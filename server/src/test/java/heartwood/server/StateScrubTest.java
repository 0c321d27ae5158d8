package heartwood.server;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.server.command.NodeStatistics.Scrub;
import heartwood.storage.Applied;
import heartwood.storage.StorageException;
import heartwood.storage.Table;
import heartwood.storage.TablesWriter;
import heartwood.storage.WriteTxn;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import heartwood.storage.snapshot.StateDirectory;
import heartwood.storage.version.VersionedStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StateScrubTest {
  private static final LmdbOptions OPTIONS = LmdbOptions.forState();
  private static final int ROWS = 500;
  private static final long NOW = 1_700_000_000_000L;

  private final Path directory;
  private final AtomicLong interval = new AtomicLong(1);
  private final LinkedBlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();

  /** Done when a pass has ended: that is when the time is asked for. */
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  StateScrubTest(@TempDir Path temp) {
    directory = temp.resolve("state");
    StateFiles.create(directory, new Applied(0, 0, 0, 0, 0, new byte[0]), OPTIONS);
    try (StateFiles files = open()) {
      VersionedStore store = files.store();
      for (int i = 1; i <= ROWS; i++) {
        try (WriteTxn txn = store.write(i)) {
          txn.put(key(i), new byte[100]);
          txn.commit();
        }
      }
      store.applied(new Applied(1, 1, ROWS, 1, store.digest(), new byte[0]));
      store.checkpoint();
    }
  }

  private static byte[] key(int i) {
    return ByteBuffer.allocate(8).put((byte) 1).putInt(4, i).array();
  }

  private StateFiles open() {
    return StateFiles.open(directory, OPTIONS, 1 << 20, () -> Long.MAX_VALUE);
  }

  private StateScrub scrub(StateFiles files) {
    return scrub(files, false);
  }

  private StateScrub scrub(StateFiles files, boolean beginsAtOnce) {
    StateScrub scrub =
        new StateScrub(
            "n1",
            files,
            beginsAtOnce,
            interval::get,
            () -> {
              ended.complete(null);
              return NOW;
            },
            failures::add);
    scrub.start();
    return scrub;
  }

  @Test
  void whereTheLastProcessDiedItBeginsAtOnce() throws Exception {
    interval.set(TimeUnit.DAYS.toSeconds(1));
    try (StateFiles files = open()) {
      StateScrub scrub = scrub(files, true);
      try (scrub) {
        ended.get(30, TimeUnit.SECONDS);
      }
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void allRowsAreReadAndItIsToldWhen() throws Exception {
    try (StateFiles files = open()) {
      StateScrub scrub = scrub(files);
      try (scrub) {
        ended.get(30, TimeUnit.SECONDS);
      }
      Scrub found = scrub.present(); // It has ended, and what it found is noted.
      assertThat(found.passes()).isEqualTo(1);
      assertThat(found.lastRows()).isGreaterThan(ROWS);
      assertThat(found.lastEndMillis()).isEqualTo(NOW);
      assertThat(found.isRunning()).isFalse();
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void aDamagedRowThatNobodyReadsIsFound() throws Exception {
    try (StateDirectory opened = StateDirectory.open(directory, OPTIONS);
        LmdbTables tables = opened.openTables()) {
      Table current = tables.open("current");
      try (TablesWriter writer = tables.write()) {
        writer.put(current, key(321), new byte[112]);
        writer.commit();
      }
    }

    try (StateFiles files = open();
        StateScrub scrub = scrub(files)) {
      assertThat(failures.poll(30, TimeUnit.SECONDS))
          .isInstanceOf(StorageException.DamagedRow.class)
          .hasMessageContaining("of table current");
      assertThat(scrub.present().damagedRows()).isEqualTo(1);
      assertThat(scrub.present().passes()).isZero();
    }
  }

  /** A pass goes on where it was, between writes, and ends on whatever is there then. */
  @Test
  void slicesGoOnWhereTheLastOneEnded() {
    try (StateFiles files = open()) {
      int slices = 1;
      for (StateFiles.ScrubStep step = files.scrub(4096, Long.MAX_VALUE);
          step != null && !step.isLast();
          step = files.scrub(4096, Long.MAX_VALUE)) {
        slices++;
        assertThat(step.rows()).isLessThan(2 * ROWS);
      }
      assertThat(slices).isGreaterThan(10);
    }
  }

  @Test
  void whereTheStateIsClosedThereIsNothingToRead() {
    StateFiles files = open();

    files.close();

    assertThat(files.scrub(4096, Long.MAX_VALUE)).isNull();
  }
}
