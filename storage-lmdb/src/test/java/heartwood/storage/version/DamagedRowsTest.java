package heartwood.storage.version;

import static heartwood.storage.TestKinds.KINDS;
import static heartwood.storage.version.StoreContract.applied;
import static heartwood.storage.version.StoreContract.key;
import static heartwood.storage.version.StoreContract.keyText;
import static heartwood.storage.version.StoreContract.reversed;
import static heartwood.storage.version.StoreContract.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.storage.Past;
import heartwood.storage.StorageException.Corrupt;
import heartwood.storage.StorageException.DamagedRow;
import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.TablesReader;
import heartwood.storage.TablesWriter;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import heartwood.storage.snapshot.StateDirectory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A state on a disk of which one bit of one row is flipped, of each row of each table in turn:
 * nobody is ever told what it says.
 */
@Timeout(120)
class DamagedRowsTest {
  private static final int KEYS = 60;
  private static final int REVISIONS = 400;
  private static final long LIMIT = 1 << 20;

  private final StateDirectory directory;
  private final SplittableRandom random = new SplittableRandom(11);
  private LmdbTables tables;

  DamagedRowsTest(@TempDir Path temp) {
    directory = StateDirectory.create(temp.resolve("state"), LmdbOptions.forState());
    tables = directory.openTables();
  }

  @BeforeEach
  void fill() {
    VersionedStore store = open();
    for (int revision = 1; revision <= REVISIONS; revision++) {
      StoreContract.put(
          store, revision, "k" + random.nextInt(KEYS), "value " + revision + "x".repeat(100));
      if (revision % 100 == 0) {
        store.requestCheckpoint();
      }
      applied(store, revision);
      while (store.maybeCheckpoint()) {}
    }
    store.close();
    tables = directory.openTables();
  }

  @AfterEach
  void close() {
    tables.close();
    directory.close();
  }

  private VersionedStore open() {
    return VersionedStore.openStepped(tables, KINDS, LIMIT, () -> Long.MAX_VALUE);
  }

  private record Place(String table, byte[] key, byte[] row) {}

  /** Every row of every table as it lies. */
  private List<Place> places() {
    List<Place> places = new ArrayList<>();
    for (String name : tables.names()) {
      Table table = tables.open(name);
      try (TablesReader reader = tables.read();
          TableCursor cursor = reader.cursor(table)) {
        for (boolean isOn = cursor.first(); isOn; isOn = cursor.next()) {
          places.add(new Place(name, bytes(cursor.key()), bytes(cursor.value())));
        }
      }
    }
    return places;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  /** Flips a bit of a row's value or checksum. */
  private void flip(Place place) {
    byte[] row = place.row().clone();
    row[random.nextInt(row.length)] ^= (byte) (1 << random.nextInt(8));
    put(place.table(), place.key(), row);
  }

  private void mend(Place place) {
    put(place.table(), place.key(), place.row());
  }

  private void put(String table, byte[] key, byte[] row) {
    Table to = tables.open(table);
    try (TablesWriter writer = tables.write()) {
      writer.put(to, key, row);
      writer.commit();
    }
  }

  @Test
  void everyReadIsRightOrSaysThatARowIsDamaged() {
    Map<String, String> sound = answers();
    Map<String, Integer> refusals = new TreeMap<>();
    for (Place place : places()) {
      flip(place);
      answers()
          .forEach(
              (question, answer) -> {
                if (answer.startsWith("damaged: ")) {
                  String table = place.table().replaceAll("[0-9]+", "");
                  assertThat(answer).isEqualTo("damaged: " + table);
                  refusals.merge(
                      table + ": " + question.replaceAll("[ k]*[0-9]+", ""), 1, Integer::sum);
                } else {
                  assertThat(answer)
                      .as("%s, %s", place.table(), question)
                      .isEqualTo(sound.get(question));
                }
              });
      mend(place);
    }
    assertThat(answers()).isEqualTo(sound);
    assertThat(refusals)
        .containsKeys(
            "current: get",
            "current: scan",
            "current: scan back",
            "current: scan of the past",
            "history-: get of the past",
            "history-: scan of the past",
            "history-: versions",
            "changes: changes",
            "stamps: stamp of",
            "stamps: revision at",
            "times: revision at",
            "meta: open",
            "runs: open");
  }

  /** All that can be asked; what is damaged is said in the place of an answer. */
  private Map<String, String> answers() {
    Map<String, String> answers = new TreeMap<>();
    VersionedStore store;
    try {
      store = open();
    } catch (DamagedRow damage) {
      return Map.of("open", damaged(damage));
    }
    Past past = store.past();
    for (int i = 0; i < KEYS; i++) {
      String key = "k" + i;
      ask(answers, "get " + key, () -> StoreContract.get(store.read(), key));
      ask(answers, "versions " + key, () -> versions(past, key));
    }
    ask(answers, "scan", () -> rows(store.read()));
    ask(answers, "scan back", () -> reversed(store.read()));
    for (long revision = 50; revision <= REVISIONS; revision += 50) {
      long at = revision;
      ask(answers, "scan of the past" + at, () -> rows(past.at(at)));
      ask(answers, "get of the past" + at, () -> StoreContract.get(past.at(at), "k" + at % KEYS));
      ask(answers, "stamp of " + at, () -> past.stampOf(at));
      ask(answers, "revision at " + at, () -> past.revisionAt(at * 10));
    }
    ask(answers, "changes", () -> changes(past));
    close(store);
    return answers;
  }

  /** The tables go with the store. */
  private void close(VersionedStore store) {
    store.close();
    tables = directory.openTables();
  }

  private void ask(Map<String, String> answers, String question, Supplier<?> asked) {
    String answer;
    try {
      answer = String.valueOf(asked.get());
    } catch (DamagedRow damage) {
      answer = damaged(damage);
    }
    answers.put(question, answer);
  }

  private static String damaged(DamagedRow damage) {
    return "damaged: " + damage.table().replaceAll("[0-9]+", "");
  }

  private static List<String> versions(Past past, String key) {
    List<String> found = new ArrayList<>();
    try (Past.Versions versions = past.versions(key(key), 1, REVISIONS)) {
      while (versions.next()) {
        found.add(versions.born() + ".." + versions.died() + StoreContract.text(versions.value()));
      }
    }
    return found;
  }

  private static List<String> changes(Past past) {
    List<String> found = new ArrayList<>();
    try (Past.Changes changes = past.changes(0, REVISIONS)) {
      while (changes.next()) {
        found.add(changes.revision() + keyText(changes.key()));
      }
    }
    return found;
  }

  @Test
  void verifyAndStagingFindADamagedRowOfEachTable() {
    TreeSet<String> seen = new TreeSet<>();
    for (Place place : places()) {
      if (!seen.add(place.table().replaceAll("-[0-9]+", ""))) {
        continue;
      }
      flip(place);

      assertThatThrownBy(() -> StateCheck.of(tables, rows -> {}))
          .isInstanceOf(Corrupt.class)
          .hasMessageStartingWith("1 of ")
          .hasMessageContaining(" of table " + place.table());
      assertThatThrownBy(() -> directory.stage(tables, 1)).isInstanceOf(DamagedRow.class);
      mend(place);
    }
    assertThat(seen).contains("current", "meta", "runs", "history", "changes", "stamps", "times");
    assertThat(StateCheck.of(tables, rows -> {}).rowsByTable())
        .containsEntry("current", (long) KEYS);
    directory.stage(tables, 1).close();
  }

  /** What a crash has left is put back from rows that are checked too. */
  @Test
  void aDamagedRowIsNotPutBackWhereACheckpointWasCutShort() {
    VersionedStore store = open();
    String[] writes = new String[200];
    for (int i = 0; i < writes.length; i += 2) {
      writes[i] = "N" + (100 + i); // Without a past: they are noted in the table undo.
      writes[i + 1] = "x".repeat(100);
    }
    StoreContract.put(store, REVISIONS + 1, writes);
    store.requestCheckpoint();
    applied(store, REVISIONS + 1);
    store.checkpoint();
    StoreContract.put(store, REVISIONS + 2, writes);
    store.requestCheckpoint();
    applied(store, REVISIONS + 2);
    assertThat(store.maybeCheckpoint()).isTrue();
    close(store);
    Place noted =
        places().stream().filter(place -> place.table().equals("undo")).findFirst().orElseThrow();
    flip(noted);

    assertThatThrownBy(this::open)
        .isInstanceOf(DamagedRow.class)
        .extracting(damage -> ((DamagedRow) damage).table())
        .isEqualTo("undo");

    mend(noted);
    VersionedStore mended = open();
    assertThat(mended.applied().index()).isEqualTo(REVISIONS + 1);
    close(mended);
  }

  /** What it writes would have a checksum that holds. */
  @Test
  void aCheckpointDoesNotCarryADamagedRowIntoThePast() {
    Place row =
        places().stream()
            .filter(place -> place.table().equals("current"))
            .findFirst()
            .orElseThrow();
    VersionedStore store = open();
    flip(row);
    String overwritten = Objects.requireNonNull(keyText(ByteBuffer.wrap(row.key())));
    StoreContract.put(store, REVISIONS + 1, overwritten, "new");
    store.requestCheckpoint();
    applied(store, REVISIONS + 1);

    assertThatThrownBy(store::maybeCheckpoint).isInstanceOf(DamagedRow.class);

    assertThatThrownBy(() -> applied(store, REVISIONS + 2))
        .hasRootCauseInstanceOf(DamagedRow.class);
    close(store);
  }
}
