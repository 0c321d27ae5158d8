package heartwood.storage.version;

import static heartwood.storage.TestKinds.KINDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.storage.Applied;
import heartwood.storage.ChecksummedRow;
import heartwood.storage.Cursor;
import heartwood.storage.Past;
import heartwood.storage.ReadTxn;
import heartwood.storage.Row;
import heartwood.storage.StorageException;
import heartwood.storage.Store;
import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.Tables;
import heartwood.storage.TablesReader;
import heartwood.storage.TablesWriter;
import heartwood.storage.WriteTxn;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the versioned store keeps, over LMDB's tables and over those in memory. */
@Timeout(120)
abstract class StoreContract {
  static final long LIMIT = 1 << 20;

  /** Of one key: more than a slab of them, and less than half of the limit. */
  private static final int HOT_VERSIONS = 800;

  /** The last one and the first one behind it have one stamp. */
  private static final int OLD_ENTRIES = 41;

  /** Those of a checkpoint more: several slices of stamps, and of changes. */
  private static final int ENTRIES = 331;

  static final byte[] UNBOUNDED = new byte[0];

  final AtomicLong durableLogIndex = new AtomicLong(Long.MAX_VALUE);
  private final List<VersionedStore> stores = new ArrayList<>();

  /** New tables. */
  abstract Tables tables();

  /** What a new process finds after the process of the newest tables has died. */
  abstract Tables tablesAfterCrash();

  /** Makes the process die at the next commit, before or after it; false where nobody can. */
  boolean failNextCommit(boolean isCommitted) {
    return false;
  }

  VersionedStore store() {
    return kept(VersionedStore.openStepped(tables(), KINDS, LIMIT, durableLogIndex::get));
  }

  VersionedStore crash(VersionedStore store) {
    close(store);
    return kept(VersionedStore.openStepped(tablesAfterCrash(), KINDS, LIMIT, durableLogIndex::get));
  }

  VersionedStore kept(VersionedStore store) {
    stores.add(store);
    return store;
  }

  void close(VersionedStore store) {
    if (stores.remove(store)) {
      store.close();
    }
  }

  @AfterEach
  void closeAll() {
    List.copyOf(stores).forEach(this::close);
  }

  @Test
  void aNewStateIsEmptyAndNothingIsApplied() {
    VersionedStore store = store();

    assertThat(store.applied().index()).isZero();
    assertThat(store.durable().index()).isZero();
    assertThat(store.digest()).isZero();
    assertThat(rows(store.read())).isEmpty();
  }

  @Test
  void aRowCarriesTheRevisionThatWroteItOnDiskToo() {
    VersionedStore store = store();
    put(store, 7, "a", "1");
    assertThat(get(store.read(), "a")).isEqualTo("1@7");
    applied(store, 3);
    store.checkpoint();

    store = crash(store);

    assertThat(get(store.read(), "a")).isEqualTo("1@7");
    assertThat(store.applied().index()).isEqualTo(3);
    assertThat(store.applied().revision()).isEqualTo(7);
    assertThat(store.applied().configuration()).containsExactly(1, 2, 3);
  }

  /** Its rows lie otherwise: they would be misread. */
  @Test
  void tablesOfAnotherFormatAreRefused() {
    Tables tables = tables();
    VersionedStore.initialize(tables, new Applied(0, 0, 0, 0, 0, new byte[0]));
    Table meta = tables.open("meta");
    try (TablesWriter writer = tables.write()) {
      byte[] row = ChecksummedRow.encode("format", (byte) 1, new byte[] {0, 0, 0, 1});
      writer.put(meta, bytes("format"), row);
      writer.commit();
    }

    assertThatThrownBy(() -> VersionedStore.openStepped(tables, KINDS, LIMIT, () -> 0))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("state: format version 1 (expected: 3)");
    tables.close();
  }

  @Test
  void aTransactionSeesItsOwnWritesAndCloseDiscardsThem() {
    VersionedStore store = store();
    put(store, 1, "a", "1", "b", "2", "d", "4");
    long digest = store.digest();
    try (WriteTxn txn = store.write(2)) {
      txn.put(key("b"), bytes("3"));
      txn.put(key("c"), bytes("5"));
      txn.delete(key("a"));
      txn.put(key("e"), bytes("6"));
      txn.delete(key("e"));
      txn.delete(key("none"));

      assertThat(get(txn, "b")).isEqualTo("3@2");
      assertThat(get(txn, "a")).isNull();
      assertThat(get(txn, "e")).isNull();
      assertThat(rows(txn)).containsExactly("b=3@2", "c=5@2", "d=4@1");
      assertThat(reversed(txn)).containsExactly("d=4@1", "c=5@2", "b=3@2");
      assertThat(rows(store.read())).containsExactly("a=1@1", "b=2@1", "d=4@1");
    }

    assertThat(rows(store.read())).containsExactly("a=1@1", "b=2@1", "d=4@1");
    assertThat(store.digest()).isEqualTo(digest);
  }

  @Test
  void aRowPutAndTakenBackWithinARevisionLeavesNoTrace() {
    VersionedStore store = store();
    try (WriteTxn txn = store.write(1)) {
      txn.put(key("a"), bytes("1"));
      txn.delete(key("a"));
      txn.commit();
    }

    assertThat(store.digest()).isZero();
    put(store, 1, "b", "2"); // The revision was not used up either.
  }

  @Test
  void aDeletionHidesTheRowBelowAndTheCheckpointRemovesIt() {
    VersionedStore store = store();
    put(store, 1, "a", "1", "b", "2");
    applied(store, 1);
    store.checkpoint();
    try (WriteTxn txn = store.write(2)) {
      txn.delete(key("a"));
      txn.commit();
    }
    assertThat(rows(store.read())).containsExactly("b=2@1");
    applied(store, 2);
    store.checkpoint();

    assertThat(rows(crash(store).read())).containsExactly("b=2@1");
  }

  @Test
  void scansKeepTheirBounds() {
    VersionedStore store = store();
    put(store, 1, "a", "1", "c", "3");
    applied(store, 1);
    store.checkpoint();
    put(store, 2, "b", "2", "d", "4");

    assertThat(scan(store.read(), "b", "d")).containsExactly("b=2@2", "c=3@1");
    assertThat(scan(store.read(), "aa", "")).containsExactly("b=2@2", "c=3@1", "d=4@2");
    assertThat(scan(store.read(), "", "b")).containsExactly("a=1@1");
    assertThat(scanReverse(store.read(), "b", "d")).containsExactly("c=3@1", "b=2@2");
    assertThat(scanReverse(store.read(), "c", "")).containsExactly("d=4@2", "c=3@1");
  }

  @Test
  void aCheckpointThatIsWantedIsSealedThoughNoEntryComes() {
    VersionedStore store = store();
    put(store, 1, "a", "1");
    applied(store, 5);
    store.requestCheckpoint();
    assertThat(store.maybeCheckpoint()).isFalse();

    store.refresh();

    assertThat(store.maybeCheckpoint()).isTrue();
    assertThat(store.durable().index()).isEqualTo(5);
  }

  @Test
  void aCheckpointWaitsForTheLog() {
    VersionedStore store = store();
    durableLogIndex.set(4);
    put(store, 1, "a", "1");
    store.requestCheckpoint();
    applied(store, 5);

    assertThat(store.maybeCheckpoint()).isFalse();
    assertThat(store.durable().index()).isZero();
    assertThatThrownBy(store::checkpoint).isInstanceOf(StorageException.class);

    durableLogIndex.set(5);
    assertThat(store.maybeCheckpoint()).isTrue();
    assertThat(store.durable().index()).isEqualTo(5);
  }

  @Test
  void aCrashGoesBackToTheLastCheckpoint() {
    VersionedStore store = store();
    put(store, 1, "a", "1");
    applied(store, 1);
    store.checkpoint();
    long digest = store.digest();
    put(store, 2, "a", "2");
    applied(store, 2);

    store = crash(store);

    assertThat(store.applied().index()).isEqualTo(1);
    assertThat(store.digest()).isEqualTo(digest);
    assertThat(get(store.read(), "a")).isEqualTo("1@1");
  }

  @Test
  void anOverlayOverItsShareIsSealedAtTheEndOfAnEntryOnly() {
    VersionedStore store = store();
    put(store, 1, "a", "x".repeat((int) LIMIT / 2));
    assertThat(store.maybeCheckpoint()).isFalse();
    applied(store, 1);

    assertThat(store.maybeCheckpoint()).isTrue();
    while (store.maybeCheckpoint()) {}
    assertThat(store.durable().index()).isEqualTo(1);
  }

  @Test
  void theStoreIsFullOnlyWhileACheckpointCannotKeepUp() {
    VersionedStore store = store();
    durableLogIndex.set(0);
    put(store, 1, "a", "x".repeat((int) LIMIT / 2));
    assertThat(store.isFull()).isFalse();
    applied(store, 1);
    put(store, 2, "b", "x".repeat((int) LIMIT / 2));
    assertThat(store.isFull()).isTrue();
    assertThat(store.overlayBytes()).isGreaterThan(LIMIT);
    applied(store, 2);

    durableLogIndex.set(2);
    while (store.maybeCheckpoint()) {
      assertThat(store.isFull()).isEqualTo(store.isCheckpointPending());
    }
    assertThat(store.isFull()).isFalse();
    durableLogIndex.set(3);
    applied(store, 3);
    while (store.maybeCheckpoint()) {}
    assertThat(store.durable().index()).isEqualTo(3);
  }

  @Test
  void aRevisionIsNotGivenTwice() {
    VersionedStore store = store();
    put(store, 5, "a", "1");

    assertThatThrownBy(() -> store.write(5)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRevisionThatWroteNothingIsAMomentToo() {
    VersionedStore store = store();
    put(store, 5, "a", "1");
    put(store, 6);

    assertThat(rows(store.past().at(6))).containsExactly("a=1@5");
  }

  @Test
  void theDigestTellsWriteSetsApartButNotTheOrderWithinOne() {
    VersionedStore one = store();
    put(one, 1, "a", "1", "b", "2");
    long digest = one.digest();
    close(one);
    VersionedStore two = store();
    put(two, 1, "b", "2", "a", "1");
    assertThat(two.digest()).isEqualTo(digest);
    close(two);

    List<String[]> others =
        List.of(
            new String[] {"a", "1", "b", "3"},
            new String[] {"a", "2", "b", "1"},
            new String[] {"a", "1"},
            new String[] {"a", "1", "b", ""});
    for (String[] other : others) {
      VersionedStore store = store();
      put(store, 1, other);
      assertThat(store.digest()).isNotEqualTo(digest);
      close(store);
    }
  }

  @Test
  void keysOfEveryLengthAndValuesLargerThanASlabSurvive() {
    VersionedStore store = store();
    byte[] large = new byte[10_000_000];
    new SplittableRandom(3).nextBytes(large);
    try (WriteTxn txn = store.write(1)) {
      for (int length = 1; length <= Store.MAX_KEY_BYTES; length++) {
        txn.put(keyOf(length), new byte[length % 3]);
      }
      txn.put(key("large"), large);
      txn.put(key("middle"), new byte[Slabs.SLAB_BYTES - 16]);
      txn.commit();
    }
    assertLarge(store, large);
    applied(store, 1);
    store.checkpoint();
    assertLarge(store, large);

    assertLarge(crash(store), large);
  }

  private static void assertLarge(Store store, byte[] large) {
    Row row = Objects.requireNonNull(store.read().get(key("large")));
    assertThat(row.value()).isEqualTo(ByteBuffer.wrap(large));
    assertThat(row.value().isReadOnly()).isTrue();
    assertThat(rows(store.read())).hasSize(Store.MAX_KEY_BYTES + 2);
    for (int length = 1; length <= Store.MAX_KEY_BYTES; length++) {
      Row short_ = store.read().get(keyOf(length));
      assertThat(short_ == null ? -1 : short_.value().remaining()).isEqualTo(length % 3);
    }
  }

  @Test
  void aSnapshotStandsStillWhateverIsWrittenSealedAndCheckpointed() {
    VersionedStore store = store();
    put(store, 1, "a", "1", "b", "1");
    applied(store, 1);
    store.checkpoint();
    put(store, 2, "b", "2", "c", "2");
    try (StoreSnapshot snapshot = store.snapshot()) {
      List<String> before = rows(snapshot);
      put(store, 3, "b", "3", "bb", "3");
      assertThat(rows(snapshot)).isEqualTo(before);
      applied(store, 2);
      store.checkpoint();
      put(store, 4, "a", "4");
      applied(store, 3);
      store.checkpoint();

      assertThat(rows(snapshot)).isEqualTo(before).containsExactly("a=1@1", "b=2@2", "c=2@2");
      assertThat(snapshot.revision()).isEqualTo(2);
    }
    assertThat(rows(store.read())).containsExactly("a=4@4", "b=3@3", "bb=3@3", "c=2@2");
  }

  /** Rows of every kind: new, overwritten, deleted, forgotten, with and without a past. */
  @Test
  void aCrashBehindAnySliceOfACheckpointGoesBackToTheOneBefore() {
    List<String> whole = wholeHistory();
    int slices = 0;
    for (boolean isWhole = false; !isWhole; slices++) {
      VersionedStore store = store();
      writeOldRows(store);
      List<String> before = rows(store.read());
      List<String> beforeWithPast = asOf(store, 1, 2);
      writeNewRows(store);
      for (int i = 0; i < slices; i++) {
        assertThat(store.maybeCheckpoint()).isTrue();
      }
      isWhole = !store.isCheckpointPending();
      store = crash(store);

      if (isWhole) {
        assertThat(asOf(store, 1, 5)).isEqualTo(whole);
      } else {
        assertThat(store.applied().index()).isEqualTo(1);
        assertThat(rows(store.read())).as("behind slice %s", slices).isEqualTo(before);
        assertThat(asOf(store, 1, 2)).isEqualTo(beforeWithPast);
        writeNewRows(store); // As the log is replayed.
        store.checkpoint();
        assertThat(asOf(store, 1, 5)).as("behind slice %s", slices).isEqualTo(whole);
        assertThat(asOf(crash(store), 1, 5)).isEqualTo(whole);
      }
      closeAll();
    }
    assertThat(slices).isGreaterThan(10);
  }

  /** The versions of one row may take many slices, and each is a place to crash. */
  @Test
  void theVersionsOfAHotKeyTakeSeveralSlices() {
    int slices = 0;
    for (boolean isWhole = false; !isWhole; slices++) {
      VersionedStore store = store();
      put(store, 1, "k", "first", "other", "1");
      applied(store, 1);
      store.checkpoint();
      writeHotKey(store);
      for (int i = 0; i < slices; i++) {
        assertThat(store.maybeCheckpoint()).isTrue();
      }
      isWhole = !store.isCheckpointPending();
      store = crash(store);

      if (!isWhole) {
        assertThat(rows(store.read())).containsExactly("k=first@1", "other=1@1");
        writeHotKey(store); // As the log is replayed.
        store.checkpoint();
      }
      for (long at = 2; at <= HOT_VERSIONS; at += 7) {
        assertThat(get(store.past().at(at), "k")).startsWith("value" + at).endsWith("@" + at);
      }
      assertThat(get(store.past().at(1), "k")).isEqualTo("first@1");
      closeAll();
    }
    assertThat(slices).isGreaterThan(4);
  }

  private static void writeHotKey(VersionedStore store) {
    for (long revision = 2; revision <= HOT_VERSIONS; revision++) {
      put(store, revision, "k", "value" + revision + "x".repeat(400));
    }
    store.requestCheckpoint();
    applied(store, 2);
  }

  /** Where overlays are sealed is each node's own affair; the horizon is everybody's. */
  @Test
  void theHorizonByBytesIsTheSameWhereverAnOverlayWasSealed() {
    List<Long> kept = new ArrayList<>();
    for (int sealedBehind = 0; sealedBehind <= 4; sealedBehind++) {
      VersionedStore store = store();
      long[] stamps = {1000, 2000, 2000, 3000};
      for (int i = 1; i <= 4; i++) {
        put(store, i, "key" + i, "v".repeat(100));
        store.applied(new Applied(i, 1, i, stamps[i - 1], store.digest(), new byte[0]));
        if (i == sealedBehind) {
          store.checkpoint();
        }
      }
      kept.add(store.past().revisionKeeping(250));
      close(store);
    }
    assertThat(kept).containsOnly(3L);
  }

  /** While the slices are written everything shows that is committed, and nothing twice. */
  @Test
  void readersSeeNothingOfTheSlicesOfACheckpoint() {
    VersionedStore store = store();
    for (int i = 1; i <= 9; i++) { // Eight runs are merged; nothing dies in the first round.
      writeRows(store, i, 0, "value" + i);
      applied(store, i);
      store.checkpoint();
    }
    writeRows(store, 10, 1, "new");
    writeRows(store, 11, 2, "newer");
    store.requestCheckpoint();
    applied(store, 10);
    List<String> whole = asOf(store, 1, 11);
    assertThat(store.maybeMerge()).isTrue();
    while (store.maybeCheckpoint()) {
      store.refresh();
      assertThat(asOf(store, 1, 11)).isEqualTo(whole);
      try (StoreSnapshot snapshot = store.snapshot()) {
        assertThat(asOf(snapshot, 1, 11)).isEqualTo(whole);
      }
    }
  }

  /** A view that begins in the midst sees the new rows before their checkpoint is whole. */
  @Test
  void aSnapshotTakenBetweenTwoSlicesHasThePastOfTheRowsThatTheyReplaced() {
    int slices = 0;
    for (boolean isWhole = false; !isWhole; slices++) {
      VersionedStore store = store();
      writeOldRows(store);
      writeNewRows(store);
      List<String> whole = asOf(store, 1, 5);
      List<String> changes = changes(store.past(), 5);
      List<String> versions = versions(store.past(), 5);
      for (int i = 0; i < slices; i++) {
        assertThat(store.maybeCheckpoint()).isTrue();
      }
      isWhole = !store.isCheckpointPending();
      try (StoreSnapshot snapshot = store.snapshot()) {
        for (int i = 0; i < 2; i++) {
          String when = "taken behind slice " + slices + ", " + i + " checkpoints later";
          assertThat(asOf(snapshot, 1, 5)).as(when).isEqualTo(whole);
          assertThat(changes(snapshot.past(), 5)).as(when).isEqualTo(changes);
          assertThat(versions(snapshot.past(), 5)).as(when).isEqualTo(versions);
          writeRows(store, 6 + i, 0, "newest");
          applied(store, 3 + i);
          store.checkpoint();
        }
      }
      closeAll();
    }
    assertThat(slices).isGreaterThan(10);
  }

  /** Of what was written in which revision and when, and what was forgotten of it meanwhile. */
  @Test
  void aCrashBehindAnySliceLosesChangesAndStampsOfItsCheckpointAndNoOthers() {
    List<String> whole = wholeTimeline();
    int slices = 0;
    for (boolean isWhole = false; !isWhole; slices++) {
      VersionedStore store = store();
      writeOldEntries(store);
      List<String> before = timeline(store.past(), OLD_ENTRIES);
      writeNewEntries(store);
      for (int i = 0; i < slices; i++) {
        assertThat(store.maybeCheckpoint()).isTrue();
      }
      isWhole = !store.isCheckpointPending();
      store = crash(store);

      if (!isWhole) {
        assertThat(store.applied().index()).isEqualTo(OLD_ENTRIES);
        assertThat(timeline(store.past(), OLD_ENTRIES))
            .as("behind slice %s", slices)
            .isEqualTo(before);
        writeNewEntries(store); // As the log is replayed.
        store.checkpoint();
        assertThat(timeline(store.past(), ENTRIES)).isEqualTo(whole);
        store = crash(store);
      }
      assertThat(timeline(store.past(), ENTRIES)).as("behind slice %s", slices).isEqualTo(whole);
      closeAll();
    }
    assertThat(slices).as("of rows, changes, stamps, and to forget").isGreaterThan(20);
  }

  /** They are in the sealed overlay and, some of them, in the tables. */
  @Test
  void readersSeeChangesAndStampsOnceWhateverSlicesAreWritten() {
    int slices = 0;
    for (boolean isWhole = false; !isWhole; slices++) {
      VersionedStore store = store();
      writeOldEntries(store);
      writeNewEntries(store);
      List<String> timeline = timeline(store.past(), ENTRIES);
      for (int i = 0; i < slices; i++) {
        assertThat(store.maybeCheckpoint()).isTrue();
        store.refresh();
      }
      isWhole = !store.isCheckpointPending();
      if (!isWhole) {
        try (StoreSnapshot snapshot = store.snapshot()) {
          String when = "taken behind slice " + slices;
          assertThat(timeline(snapshot.past(), ENTRIES)).as(when).isEqualTo(timeline);
          store.checkpoint();
          assertThat(timeline(snapshot.past(), ENTRIES)).as(when).isEqualTo(timeline);
        }
      }
      closeAll();
    }
  }

  /**
   * Entries alone, such as a state that is only read gets: nothing tells of them but the stamps.
   */
  @Test
  void aCheckpointOfStampsAloneIsTakenBackToo() {
    VersionedStore store = store();
    for (int revision = 1; revision < 100; revision++) {
      store.applied(new Applied(revision, 1, revision, 1000 + revision, 0, new byte[0]));
    }
    store.requestCheckpoint();
    store.applied(new Applied(100, 1, 100, 1100, 0, new byte[0]));
    assertThat(store.maybeCheckpoint()).isTrue();
    assertThat(store.maybeCheckpoint()).isTrue();
    assertThat(store.isCheckpointPending()).isTrue();

    store = crash(store);

    assertThat(store.applied().index()).isZero();
    assertThat(store.past().revisionAt(Long.MAX_VALUE)).isZero();
    store.applied(new Applied(1, 1, 1, 1000, 0, new byte[0]));
    store.checkpoint();
    store = crash(store);
    assertThat(store.past().revisionAt(Long.MAX_VALUE)).isEqualTo(1);
  }

  @Test
  void forgettingKeepsUpWithWriting() {
    Tables tables = tables();
    VersionedStore store =
        kept(VersionedStore.openStepped(tables, KINDS, LIMIT, durableLogIndex::get));
    for (int i = 1; i <= 300; i++) {
      writeEntry(store, i);
      if (i > 200) {
        store.raiseHorizon(i - 10); // At once less is to be remembered than before.
      }
      if (i % 2 == 0) {
        store.checkpoint();
      }
      for (String name : List.of("changes", "stamps", "times")) {
        long rows = rowCount(tables, name);
        if (i == 200) {
          assertThat(rows).as(name).isEqualTo(100);
        } else if (i > 204) {
          assertThat(rows).as(name).isLessThanOrEqualTo(8);
        }
      }
    }
  }

  private static long rowCount(Tables tables, String name) {
    Table table = tables.open(name);
    long count = 0;
    try (TablesReader reader = tables.read();
        TableCursor cursor = reader.cursor(table)) {
      for (boolean on = cursor.first(); on; on = cursor.next()) {
        count++;
      }
    }
    return count;
  }

  private List<String> wholeTimeline() {
    VersionedStore store = store();
    writeOldEntries(store);
    writeNewEntries(store);
    store.checkpoint();
    List<String> timeline = timeline(store.past(), ENTRIES);
    close(store);
    return timeline;
  }

  /** In many small segments, of which the next checkpoint may forget the first. */
  private static void writeOldEntries(VersionedStore store) {
    for (int i = 1; i <= OLD_ENTRIES; i++) {
      if (i == OLD_ENTRIES) {
        store.raiseHorizon(11);
      }
      writeEntry(store, i);
      if (i <= 20 || i == OLD_ENTRIES) {
        store.checkpoint();
      }
    }
  }

  /** Several slices of changes and of stamps; the horizon is to lie above the first of them. */
  private static void writeNewEntries(VersionedStore store) {
    for (int i = OLD_ENTRIES + 1; i <= ENTRIES; i++) {
      if (i == ENTRIES) {
        store.raiseHorizon(OLD_ENTRIES - 5);
        store.requestCheckpoint();
      }
      writeEntry(store, i);
    }
  }

  /** Two entries have one stamp, the last old one and the first new one too. */
  private static void writeEntry(VersionedStore store, int number) {
    put(store, number, "k" + number % 7, "value" + number, "k" + number % 5 + "more", "x");
    store.applied(new Applied(number, 1, number, stampOf(number), store.digest(), new byte[0]));
  }

  private static long stampOf(long entry) {
    return 1000 + (entry + 1) / 2;
  }

  /** All that a past knows in the order of time, from its horizon to a revision. */
  private static List<String> timeline(Past past, int to) {
    List<String> timeline = new ArrayList<>();
    long horizon = past.horizon();
    for (int at = (int) horizon; at <= to; at++) {
      long revisionAt = past.revisionAt(stampOf(at));
      timeline.add(at + ": " + past.stampOf(at) + " " + past.writtenBytes(at) + " " + revisionAt);
    }
    try (Past.Changes walk = past.changes(horizon, to)) {
      while (walk.next()) {
        timeline.add(walk.revision() + " " + keyText(walk.key()));
      }
    }
    return timeline;
  }

  /** The stamps and changes of an overlay go on in the same memory. */
  @Test
  void thePastOfASnapshotStandsStill() {
    VersionedStore store = store();
    put(store, 1, "k1", "1");
    applied(store, 1);
    put(store, 2, "k2", "2");
    store.applied(new Applied(2, 1, 2, 20, store.digest(), new byte[0]));
    try (StoreSnapshot snapshot = store.snapshot()) {
      put(store, 3, "k2", "3", "k3", "3");
      store.applied(new Applied(3, 1, 3, 20, store.digest(), new byte[0]));
      put(store, 4, "k1", "4");
      store.raiseHorizon(2);
      applied(store, 4);

      Past past = snapshot.past();
      assertThat(past.horizon()).isZero();
      assertThat(past.revisionAt(Long.MAX_VALUE)).isEqualTo(2);
      assertThat(past.revisionAt(20)).isEqualTo(2);
      assertThat(past.revisionAt(19)).isEqualTo(1);
      assertThat(past.stampOf(3)).as("of the last entry").isEqualTo(20);
      assertThat(changes(past, 9)).containsExactly("1 k1", "2 k2");
      assertThat(versions(past, "k2", 9)).containsExactly("k2 2@2-" + Past.Versions.ALIVE);
      assertThat(rows(past.at(1))).containsExactly("k1=1@1");
    }
    assertThat(store.past().revisionAt(20)).isEqualTo(3);
    assertThat(versions(store.past(), "k2", 9, 2)).hasSize(2);
  }

  private static List<String> changes(Past past, long to) {
    List<String> changes = new ArrayList<>();
    try (Past.Changes walk = past.changes(0, to)) {
      while (walk.next()) {
        changes.add(walk.revision() + " " + keyText(walk.key()));
      }
    }
    return changes;
  }

  /** Of all the keys that {@link #writeRows} gives a past. */
  private static List<String> versions(Past past, long to) {
    List<String> versions = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      versions.addAll(versions(past, "A" + (100 + i), to));
      versions.addAll(versions(past, "k" + (100 + i), to));
    }
    return versions;
  }

  private static List<String> versions(Past past, String key, long to) {
    return versions(past, key, to, 0);
  }

  private static List<String> versions(Past past, String key, long to, long from) {
    List<String> versions = new ArrayList<>();
    try (Past.Versions walk = past.versions(key(key), from, to)) {
      while (walk.next()) {
        versions.add(key + " " + text(walk.value()) + "@" + walk.born() + "-" + walk.died());
      }
    }
    return versions;
  }

  @Test
  void whatAFloorCoversIsInNoRunWhereverItWasBefore() {
    VersionedStore store = store();
    String[] rows = {"kept", "x", "purged", "x", "purged too", "x"};
    for (int i = 1; i <= 20; i++) {
      put(store, i, rows);
      applied(store, i);
      if (i % 3 == 0) {
        store.checkpoint(); // What died since then is in the overlay when the floor comes.
      }
    }
    putFloor(store, 21, "purged\0", 20);
    putFloor(store, 22, "purged ", 15);
    applied(store, 22);
    put(store, 23, rows);
    applied(store, 23);

    while (store.maybeCheckpoint() || store.maybeMerge()) {
      store.refresh();
    }

    store.checkpoint();
    assertThat(versionsOnDisk(store, "kept")).isEqualTo(20);
    assertThat(versionsOnDisk(store, "purged")).isEqualTo(1);
    assertThat(versionsOnDisk(store, "purged too")).isEqualTo(6);
    assertThat(get(store.past().at(20), "purged")).isEqualTo("x@20");
    assertThat(get(store.past().at(15), "purged too")).isEqualTo("x@15");
    assertThat(get(store.read(), "purged")).isEqualTo("x@23");
  }

  /** What is below it goes when runs are merged anyway, or in the checkpoint that carries it. */
  @Test
  void aFloorThatIsNotUrgentWaitsForAMerge() {
    VersionedStore store = store();
    String[] rows = {"a", "", "kept", "", "purged", "", "purged too", ""};
    for (long revision = 1; revision <= 30; revision++) {
      for (int i = 1; i < rows.length; i += 2) {
        rows[i] = "x" + revision;
      }
      put(store, revision, rows);
      applied(store, revision);
      if (revision % 5 == 0) {
        store.checkpoint(); // Six runs: too few to be merged for their own sake.
      }
    }
    try (WriteTxn txn = store.write(31)) {
      for (String beginning : List.of("a\0", "m", "purged\0", "q")) {
        byte[] value = ByteBuffer.allocate(9).putLong(0, 22).array();
        txn.put(bytes("P" + beginning), value);
      }
      txn.commit();
    }
    applied(store, 31);
    assertThat(store.isCheckpointPending()).isFalse();
    store.checkpoint();
    while (store.maybeMerge()) {}
    store.refresh();
    assertThat(versionsOnDisk(store, "purged")).isEqualTo(29);

    for (long revision = 32; revision <= 45; revision++) {
      put(store, revision, rows);
      applied(store, revision);
      store.checkpoint();
      while (store.maybeMerge()) {}
      store.refresh();
    }

    assertThat(bornOnDisk(store, "purged")).doesNotContain(21L, 20L, 2L).contains(22L, 30L);
    assertThat(bornOnDisk(store, "a")).doesNotContain(21L, 20L, 2L).contains(22L, 30L);
    assertThat(bornOnDisk(store, "kept")).contains(1L, 21L, 22L, 30L);
    assertThat(bornOnDisk(store, "purged too")).contains(1L, 21L, 22L, 30L);
  }

  /** The floor counts from the checkpoint that carries it, which is why it asks for one. */
  @Test
  void aFloorOutlivesACrash() {
    VersionedStore store = store();
    put(store, 1, "purged", "x");
    put(store, 2, "purged", "y");
    applied(store, 1);
    store.checkpoint();
    putFloor(store, 3, "purged\0", 3);
    applied(store, 2);
    assertThat(store.maybeCheckpoint()).isTrue();

    store = crash(store);
    assertThat(store.wantsMerge()).isTrue();
    while (store.maybeMerge()) {}

    store.refresh();
    assertThat(versionsOnDisk(store, "purged")).isZero();
    assertThat(get(store.read(), "purged")).isEqualTo("y@2");
  }

  /** A row that no run takes is put back by the list of what was overwritten. */
  @Test
  void whatAFloorCoversIsThereAgainWhenItsCheckpointIsCutShort() {
    int slices = 0;
    for (boolean isWhole = false; !isWhole; slices++) {
      VersionedStore store = store();
      writeOldRows(store);
      List<String> before = asOf(store, 1, 2);
      writeRows(store, 3, 0, "new");
      writeRows(store, 4, 1, "newer");
      putFloor(store, 5, "A", 5);
      applied(store, 2);
      for (int i = 0; i < slices; i++) {
        assertThat(store.maybeCheckpoint()).isTrue();
      }
      isWhole = !store.isCheckpointPending();

      store = crash(store);

      if (isWhole) {
        assertThat(versionsOnDisk(store, "A100")).isZero();
        assertThat(versionsOnDisk(store, "k100")).isEqualTo(1);
      } else {
        assertThat(asOf(store, 1, 2)).as("behind slice %s", slices).isEqualTo(before);
      }
      closeAll();
    }
    assertThat(slices).isGreaterThan(10);
  }

  /** Of a revision that writes a row twice, the first write says what becomes of the former. */
  @Test
  void aFormerRowThatIsNotKeptIsListedAndLeavesNothing() {
    VersionedStore store = store();
    putNotKeeping(store, 1, "k", "first");
    put(store, 2, "k", "kept");
    putNotKeeping(store, 3, "k", "second");
    try (WriteTxn txn = store.write(4)) {
      txn.put(key("k"), bytes("third"), true);
      txn.put(key("k"), bytes("third"), false);
      txn.commit();
    }
    applied(store, 1);
    store.checkpoint();
    assertThat(bornOnDisk(store, "k")).containsExactly(3L, 1L);

    try (WriteTxn txn = store.write(5)) {
      txn.delete(key("k"), false);
      txn.commit();
    }
    applied(store, 2);
    long written = store.past().writtenBytes(5) - store.past().writtenBytes(4);
    store.checkpoint();

    assertThat(written).isZero();
    assertThat(bornOnDisk(store, "k")).containsExactly(3L, 1L);
    assertThat(get(store.past().at(3), "k")).isEqualTo("second@3");
    assertThat(get(store.past().at(4), "k")).isNull();
    List<Long> changes = new ArrayList<>();
    try (Past.Changes each = store.past().changes(0, 5)) {
      while (each.next()) {
        changes.add(each.revision());
      }
    }
    assertThat(changes).containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  private static void putNotKeeping(Store store, long revision, String key, String value) {
    try (WriteTxn txn = store.write(revision)) {
      txn.put(key(key), bytes(value), false);
      txn.commit();
    }
  }

  private static void putFloor(Store store, long revision, String beginning, long floor) {
    try (WriteTxn txn = store.write(revision)) {
      byte[] value = ByteBuffer.allocate(8).putLong(0, floor).array();
      txn.put(bytes("P" + beginning), value);
      txn.commit();
    }
  }

  private static int versionsOnDisk(VersionedStore store, String key) {
    return bornOnDisk(store, key).size();
  }

  private static List<Long> bornOnDisk(VersionedStore store, String key) {
    List<Long> born = new ArrayList<>();
    try (Past.Versions versions = store.past().versions(key(key), 0, Long.MAX_VALUE)) {
      while (versions.next()) {
        if (versions.died() != Past.Versions.ALIVE) {
          born.add(versions.born());
        }
      }
    }
    return born;
  }

  private List<String> wholeHistory() {
    VersionedStore store = store();
    writeOldRows(store);
    writeNewRows(store);
    List<String> history = asOf(store, 1, 5);
    close(store);
    return history;
  }

  private static void writeOldRows(VersionedStore store) {
    writeRows(store, 1, 0, "old");
    writeRows(store, 2, 1, "older");
    applied(store, 1);
    store.checkpoint();
  }

  private static void writeNewRows(VersionedStore store) {
    writeRows(store, 3, 1, "new");
    writeRows(store, 4, 2, "newer");
    try (WriteTxn txn = store.write(5)) {
      txn.put(key("A100new"), bytes("1"));
      txn.put(key("N199new"), bytes("1"));
      for (int i = 0; i < 60; i += 5) {
        txn.delete(key("A" + (100 + i)));
        txn.forget(key("f" + (101 + i)));
        txn.delete(key("N" + (102 + i)));
      }
      txn.commit();
    }
    store.requestCheckpoint();
    applied(store, 2);
  }

  /** Of some keys only, so that there are new ones and ones that stay. */
  private static void writeRows(VersionedStore store, long revision, int from, String value) {
    try (WriteTxn txn = store.write(revision)) {
      for (int i = from; i < 60; i += 2) {
        txn.put(key("A" + (100 + i)), bytes(value + i));
        txn.put(key("k" + (100 + i)), bytes(value + i));
        txn.put(key("f" + (100 + i)), bytes(value + i));
        txn.put(key("N" + (100 + i)), bytes(value + i));
      }
      txn.commit();
    }
  }

  private static List<String> asOf(VersionedStore store, long from, long to) {
    return asOf(store.past(), store.read(), from, to);
  }

  private static List<String> asOf(StoreSnapshot snapshot, long from, long to) {
    return asOf(snapshot.past(), snapshot, from, to);
  }

  private static List<String> asOf(Past past, ReadTxn now, long from, long to) {
    List<String> all = new ArrayList<>();
    for (long at = from; at <= to; at++) {
      String moment = at + ": ";
      rows(past.at(at)).stream()
          .filter(row -> row.startsWith("A") || row.startsWith("k"))
          .map(moment::concat)
          .forEach(all::add);
    }
    rows(now).stream().map("now: "::concat).forEach(all::add);
    return all;
  }

  static void put(Store store, long revision, String... keysAndValues) {
    try (WriteTxn txn = store.write(revision)) {
      for (int i = 0; i < keysAndValues.length; i += 2) {
        txn.put(key(keysAndValues[i]), bytes(keysAndValues[i + 1]));
      }
      txn.commit();
    }
  }

  /** Ends entry {@code index}, of term 1, with the revision and digest of now. */
  static void applied(VersionedStore store, long index) {
    long revision;
    try (StoreSnapshot snapshot = store.snapshot()) {
      revision = snapshot.revision();
    }
    store.applied(
        new Applied(index, 1, revision, index * 10, store.digest(), new byte[] {1, 2, 3}));
  }

  static @Nullable String get(ReadTxn txn, String key) {
    Row row = txn.get(key(key));
    return row == null ? null : text(row.value()) + "@" + row.born();
  }

  static List<String> rows(ReadTxn txn) {
    return walk(txn.scan(UNBOUNDED, UNBOUNDED));
  }

  static List<String> reversed(ReadTxn txn) {
    return walk(txn.scanReverse(UNBOUNDED, UNBOUNDED));
  }

  static List<String> scan(ReadTxn txn, String from, String to) {
    return walk(txn.scan(bound(from), bound(to)));
  }

  static List<String> scanReverse(ReadTxn txn, String from, String to) {
    return walk(txn.scanReverse(bound(from), bound(to)));
  }

  static List<String> walk(Cursor cursor) {
    List<String> rows = new ArrayList<>();
    try (cursor) {
      while (cursor.next()) {
        rows.add(keyText(cursor.key()) + "=" + text(cursor.value()) + "@" + cursor.born());
      }
      assertThat(cursor.next()).isFalse();
    }
    return rows;
  }

  /** A key of some length, no beginning of another. */
  private static byte[] keyOf(int length) {
    byte[] key = new byte[length];
    Arrays.fill(key, (byte) 'x');
    key[length - 1] = length == 1 ? (byte) 1 : 0;
    return key;
  }

  /** Ended by a byte that no text here has, so that no key is the beginning of another. */
  static byte[] key(String text) {
    return bytes(text + "\0");
  }

  private static byte[] bound(String text) {
    return text.isEmpty() ? UNBOUNDED : key(text);
  }

  static String keyText(ByteBuffer key) {
    return text(key.slice(key.position(), key.remaining() - 1));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static String text(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /**
   * Random revisions, rollbacks, checkpoints and crashes leave what a sorted map would hold. A
   * failure names its seed.
   */
  @Test
  void theStoreAgreesWithASortedMapWhateverHappens() {
    long only = Long.getLong("seed", 0);
    long compared = 0;
    for (long seed = only == 0 ? 1 : only; seed <= (only == 0 ? 20 : only); seed++) {
      durableLogIndex.set(Long.MAX_VALUE);
      try {
        StoreModel model = new StoreModel(this, seed);
        model.run(400);
        compared += model.compared();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed + ": replay with -Dseed=" + seed, e);
      }
      closeAll();
    }
    System.out.println("rows, versions and changes compared: " + compared);
  }
}
