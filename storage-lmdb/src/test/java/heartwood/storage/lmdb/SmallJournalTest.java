package heartwood.storage.lmdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.raft.log.HardState;
import heartwood.raft.log.LogException;
import heartwood.raft.log.LogStore;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log with a journal that is full after a few batches: what is read is partly in LMDB. */
class SmallJournalTest extends LogStoreContract {
  private static final NodeIdentity IDENTITY = new NodeIdentity(42, new NodeId(1), 4711);
  private static final LmdbOptions OPTIONS = LmdbOptions.forLog();
  private static final int FILE_BYTES = 4096;

  private final Path temp;
  private final List<LmdbLogStore> opened = new ArrayList<>();
  private int created;

  SmallJournalTest(@TempDir Path temp) {
    this.temp = temp;
  }

  @Override
  LmdbLogStore log() {
    created++;
    return kept(LmdbLogStore.create(directory(), IDENTITY, OPTIONS, FILE_BYTES));
  }

  @Override
  LmdbLogStore reopen(LogStore log) {
    log.close();
    return kept(LmdbLogStore.open(directory(), OPTIONS));
  }

  private Path directory() {
    return temp.resolve("log-" + created);
  }

  private LmdbLogStore kept(LmdbLogStore log) {
    opened.add(log);
    return log;
  }

  @AfterEach
  void close() {
    opened.forEach(LmdbLogStore::close);
  }

  /** Crashes before and after each move to LMDB, and in the middle of the last write. */
  @Test
  void aCrashLosesNothingThatWasWritten() throws IOException {
    for (long seed = 1; seed <= 8; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      LmdbLogStore log = log();
      List<LogEntry> model = new ArrayList<>();
      long base = 0;
      for (int term = 1; term <= 50; term++) {
        String at = "seed " + seed + " term " + term;
        if (random.nextInt(8) == 0 && model.size() > base) {
          base += 1 + random.nextLong(model.size() - base);
          log.compact(base);
        }
        log.awaitMover();
        Path before = image("before", directory(), directory());
        long first = base + 1 + random.nextLong(model.size() - base + 1);
        List<LogEntry> added = run(first, random.nextInt(1, 12), term);

        log.write(batch(new HardState(term, null, base), added));

        Path unmoved = image("unmoved", before, directory());
        log.awaitMover();
        Path moved = image("moved", directory(), directory());
        Path torn = image("torn", directory(), directory());
        boolean isTorn = tear(torn, before);
        if (isTorn) {
          requireHolds(torn, base, model, at + " torn");
        }
        model.subList((int) first - 1, model.size()).clear();
        model.addAll(added);
        requireHolds(unmoved, base, model, at + " unmoved");
        requireHolds(moved, base, model, at + " moved");
      }
      log.close();
    }
  }

  /** LMDB's file of one moment, the journal's of another. */
  private Path image(String name, Path table, Path journal) throws IOException {
    Path image = Files.createDirectories(temp.resolve(name));
    copy(table, image, "data.mdb");
    copy(journal, image, "journal-0");
    copy(journal, image, "journal-1");
    return image;
  }

  private static void copy(Path from, Path to, String name) throws IOException {
    Files.copy(from.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
  }

  /** Loses the last block that the last write has changed; false when there was none. */
  private static boolean tear(Path image, Path before) throws IOException {
    for (String name : List.of("journal-0", "journal-1")) {
      byte[] bytes = Files.readAllBytes(image.resolve(name));
      byte[] old = Files.readAllBytes(before.resolve(name));
      for (int block = bytes.length - 512; block > 0; block -= 512) {
        if (!equal(bytes, old, block)) {
          System.arraycopy(old, block, bytes, block, 512);
          Files.write(image.resolve(name), bytes);
          return true;
        }
      }
    }
    return false;
  }

  private static boolean equal(byte[] a, byte[] b, int block) {
    for (int i = block; i < block + 512; i++) {
      if (a[i] != b[i]) {
        return false;
      }
    }
    return true;
  }

  private static void requireHolds(Path image, long base, List<LogEntry> model, String at) {
    try (LmdbLogStore log = LmdbLogStore.open(image, OPTIONS)) {
      assertThat(log.baseIndex()).as(at).isEqualTo(base);
      assertThat(log.lastIndex()).as(at).isEqualTo(model.size());
      if (base < model.size()) {
        List<LogEntry> kept = model.subList((int) base, model.size());
        assertSame(log.read(base + 1, Long.MAX_VALUE, Integer.MAX_VALUE), kept);
        assertThat(log.sizeBytes()).as(at).isEqualTo(sizeOf(kept));
      }
    }
  }

  /** It is met in the background, long after the writes were answered. */
  @Test
  void aFullMapStopsTheLogAndALargerOneFindsAllThatWasWritten() {
    created++;
    LmdbOptions small = OPTIONS.withMapSizeBytes(1 << 18);
    LmdbLogStore log = kept(LmdbLogStore.create(directory(), IDENTITY, small, FILE_BYTES));
    List<LogEntry> written = new ArrayList<>();

    assertThatThrownBy(
            () -> {
              for (int index = 1; index < 100_000; index++) {
                List<LogEntry> added = run(index, 1, 1);
                log.write(batch(TERM_9, added));
                written.addAll(added);
              }
            })
        .isInstanceOf(LogException.Poisoned.class)
        .hasMessageContaining("mapsize");
    log.close();
    assertThatThrownBy(() -> LmdbLogStore.open(directory(), small))
        .isInstanceOf(LogException.Full.class);

    LmdbLogStore larger = kept(LmdbLogStore.open(directory(), OPTIONS));
    assertSame(larger.read(1, Long.MAX_VALUE, Integer.MAX_VALUE), written);
  }

  @Test
  void aLostJournalIsNoEmptyOne() throws IOException {
    LmdbLogStore log = log();
    log.write(batch(TERM_9, entries(1, 1)));
    log.close();
    Files.delete(directory().resolve("journal-0"));

    assertThatThrownBy(() -> LmdbLogStore.open(directory(), OPTIONS))
        .isInstanceOf(LogException.Corrupt.class)
        .hasMessageContaining("journal-0: missing");
  }

  @Test
  void aDamagedRecordBeforeTheLastStopsTheStart() throws IOException {
    LmdbLogStore log = log();
    log.write(batch(TERM_9, entries(1, 1)));
    log.write(batch(TERM_9, entries(2, 1)));
    log.close();
    byte[] bytes = Files.readAllBytes(directory().resolve("journal-0"));
    bytes[512 + 60] ^= 1;
    Files.write(directory().resolve("journal-0"), bytes);

    assertThatThrownBy(() -> LmdbLogStore.open(directory(), OPTIONS))
        .isInstanceOf(LogException.Corrupt.class)
        .hasMessageContaining("missing or damaged");
  }
}
