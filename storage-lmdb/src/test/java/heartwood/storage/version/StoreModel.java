package heartwood.storage.version;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.storage.Applied;
import heartwood.storage.Past;
import heartwood.storage.ReadTxn;
import heartwood.storage.StorageException;
import heartwood.storage.WriteTxn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Drives a store and a naive model alike by one seed: the model has a copy of all rows for every
 * revision. Keys and values as ISO-8859-1 text.
 */
final class StoreModel {
  private static final int OPERATIONS = 1 << 16;

  private final StoreContract contract;
  private final SplittableRandom random;
  private VersionedStore store;

  /** Key → value@born, as committed. */
  private NavigableMap<String, String> rows = new TreeMap<>();

  /** What the state was after each revision that wrote something; those of a lost future go. */
  private NavigableMap<Long, NavigableMap<String, String>> byRevision = new TreeMap<>();

  /** revision:operation:key, in order. */
  private List<String> changes = new ArrayList<>();

  /** Stamp → the last revision that has it. */
  private NavigableMap<Long, Long> stamps = new TreeMap<>();

  private long stamp = 1000;
  private long horizon;

  /** What the state was at the end of each entry, to which a crash may go back. */
  private final Map<Long, Entry> byIndex = new HashMap<>();

  private long revision;
  private long index;
  private long compared;

  /** A snapshot that outlives the step in which it was taken. */
  private @Nullable Held held;

  private record Held(
      StoreSnapshot snapshot,
      Entry state,
      NavigableMap<Long, NavigableMap<String, String>> byRevision,
      long stamp,
      long revision) {}

  private record Entry(
      NavigableMap<String, String> rows,
      List<String> changes,
      NavigableMap<Long, Long> stamps,
      long horizon) {}

  StoreModel(StoreContract contract, long seed) {
    this.contract = contract;
    this.random = new SplittableRandom(seed);
    this.store = contract.store();
    byRevision.put(0L, rows);
    byIndex.put(0L, entry());
  }

  /** What it was when a snapshot was taken. */
  private StoreModel(StoreModel now, Held then) {
    this.contract = now.contract;
    this.random = now.random;
    this.store = now.store;
    this.rows = then.state.rows;
    this.changes = then.state.changes;
    this.stamps = then.state.stamps;
    this.horizon = then.state.horizon;
    this.byRevision = then.byRevision;
    this.stamp = then.stamp;
    this.revision = then.revision;
  }

  long compared() {
    return compared;
  }

  private Entry entry() {
    return new Entry(rows, List.copyOf(changes), new TreeMap<>(stamps), horizon);
  }

  void run(int steps) {
    for (int step = 0; step < steps; step++) {
      int action = random.nextInt(100);
      if (action < 55) {
        writeRevision();
      } else if (action < 70) {
        endEntry();
      } else if (action < 79) {
        store.maybeCheckpoint();
      } else if (action < 82) {
        store.maybeMerge();
      } else if (action < 86) {
        endEntry();
        store.checkpoint();
        assertThat(store.durable().index()).isEqualTo(index);
      } else if (action < 88) {
        crash();
      } else if (action < 89) {
        crashInCommit();
      } else if (action < 91) {
        raiseHorizon();
      } else if (action < 92) {
        writeEntries();
      } else {
        check(store.read(), rows);
        checkPast(store.past());
        checkSnapshot();
      }
    }
    check(store.read(), rows);
    checkPast(store.past());
    closeHeld();
  }

  /** One at once, and one that was taken some steps ago. */
  private void checkSnapshot() {
    try (StoreSnapshot snapshot = store.snapshot()) {
      check(snapshot, rows);
      checkPast(snapshot.past());
    }
    Held before = held;
    if (before != null) {
      StoreModel then = new StoreModel(this, before);
      then.check(before.snapshot, then.rows);
      then.checkPast(before.snapshot.past());
      compared += then.compared;
    }
    closeHeld();
    held = new Held(store.snapshot(), entry(), new TreeMap<>(byRevision), stamp, revision);
  }

  private void closeHeld() {
    if (held != null) {
      held.snapshot.close();
      held = null;
    }
  }

  private void writeRevision() {
    NavigableMap<String, String> next = new TreeMap<>(rows);
    TreeMap<String, String> listed = new TreeMap<>();
    int operation = random.nextInt(OPERATIONS);
    long digest = store.digest();
    try (WriteTxn txn = store.write(++revision, operation)) {
      int writes = random.nextInt(10) == 0 ? random.nextInt(60) : random.nextInt(1, 4);
      for (int i = 0; i < writes; i++) {
        String key = randomKey();
        String change = revision + ":" + operation + ":" + key;
        if (random.nextInt(3) == 0) {
          if (key.startsWith("F") && random.nextBoolean()) {
            txn.forget(StoreContract.key(key));
          } else {
            txn.delete(StoreContract.key(key), isFormerKept(key));
          }
          next.remove(key);
          if (!rows.containsKey(key)) {
            listed.remove(key);
          } else if (key.startsWith("k")) {
            listed.put(key, change);
          }
        } else {
          String value = "v".repeat(random.nextInt(20) == 0 ? random.nextInt(40_000) : 3) + i;
          txn.put(StoreContract.key(key), StoreContract.bytes(value), isFormerKept(key));
          next.put(key, value + "@" + revision);
          if (key.startsWith("k")) {
            listed.put(key, change);
          }
        }
      }
      check(txn, next);
      if (random.nextInt(8) == 0) {
        return; // As if the command had never run.
      }
      txn.commit();
    }
    rows = next;
    if (store.digest() != digest) { // Else all of it was void.
      byRevision.put(revision, rows);
    }
    changes.addAll(listed.values());
  }

  /** What F-keys were is not asked. */
  private boolean isFormerKept(String key) {
    return !key.startsWith("F") || random.nextBoolean();
  }

  private void endEntry() {
    index++;
    if (random.nextInt(3) == 0) {
      store.requestCheckpoint();
    }
    stamp += random.nextInt(3);
    Applied before = store.applied();
    store.applied(new Applied(index, 1, revision, stamp, store.digest(), new byte[0]));
    if (revision > before.revision()) {
      stamps.put(stamp, revision);
    }
    byIndex.put(index, entry());
  }

  /** So many stamps, and changes, that a checkpoint takes several slices for each. */
  private void writeEntries() {
    for (int i = random.nextInt(30, 150); i > 0; i--) {
      writeRevision();
      endEntry();
    }
    for (int i = random.nextInt(20); i > 0; i--) {
      store.maybeCheckpoint();
    }
  }

  /** As an entry does: a crash that loses the entry loses it too. */
  private void raiseHorizon() {
    if (revision == 0) {
      return;
    }
    long last = byRevision.lastKey();
    long wanted = random.nextInt(4) == 0 ? last : horizon + random.nextLong(last - horizon + 1);
    store.raiseHorizon(wanted);
    horizon = Math.max(horizon, wanted);
    endEntry();
  }

  private void crash() {
    closeHeld();
    Applied durable = store.durable();
    store = contract.crash(store);
    assertThat(store.applied()).usingRecursiveComparison().isEqualTo(durable);
    goBack();
  }

  /** The process dies around the commit of a checkpoint or of a step of a merge. */
  private void crashInCommit() {
    endEntry();
    Applied durable = store.durable();
    if (contract.failNextCommit(random.nextBoolean())) {
      assertThatThrownBy(
              () -> {
                store.maybeMerge();
                store.requestCheckpoint();
                endEntry();
                store.maybeCheckpoint();
              })
          .isInstanceOf(StorageException.class);
      closeHeld();
      store = contract.crash(store);
      assertThat(store.applied().index()).isGreaterThanOrEqualTo(durable.index());
      goBack();
    }
  }

  /** To what the store has found. */
  private void goBack() {
    Applied durable = store.applied();
    assertThat(store.digest()).isEqualTo(durable.digest());
    index = durable.index();
    revision = durable.revision();
    stamp = Math.max(1000, durable.stamp());
    Entry entry = requireNonNull(byIndex.get(index));
    rows = entry.rows;
    changes = new ArrayList<>(entry.changes);
    stamps = new TreeMap<>(entry.stamps);
    horizon = entry.horizon;
    byRevision = new TreeMap<>(byRevision.headMap(revision, true));
    assertThat(store.past().horizon()).isEqualTo(horizon);
    check(store.read(), rows);
    checkPast(store.past());
  }

  private void checkPast(Past past) {
    assertThat(past.horizon()).isEqualTo(horizon);
    long last = Math.max(revision == 0 ? 0 : byRevision.lastKey(), horizon);
    for (int i = 0; i < 6; i++) {
      long at = horizon + random.nextLong(last - horizon + 1);
      check(past.at(at), remembered(requireNonNull(byRevision.floorEntry(at)).getValue()));
    }
    long from = horizon + random.nextLong(last - horizon + 1);
    long to = from + random.nextLong(last - from + 1);
    for (int i = 0; i < 4; i++) {
      String key = randomKey();
      if (key.startsWith("k")) {
        List<String> expected = versions(key, from, to);
        assertThat(versions(past, key, from, to)).isEqualTo(expected);
        compared += expected.size();
      }
    }
    checkChanges(past, from, to);
    for (int i = 0; i < 3; i++) {
      long time = 995 + random.nextLong(stamp - 990);
      Map.Entry<Long, Long> floor = stamps.floorEntry(time);
      long expected = floor == null ? 0 : floor.getValue();
      long found = past.revisionAt(time);
      if (expected >= horizon) {
        assertThat(found).isEqualTo(expected);
      } else {
        assertThat(found).isLessThan(Math.max(1, horizon));
      }
      long applied = stamps.isEmpty() ? 0 : stamps.lastEntry().getValue();
      if (applied >= horizon) {
        long asked = horizon + random.nextLong(applied - horizon + 1);
        assertThat(past.stampOf(asked)).isEqualTo(stampOf(asked));
      }
    }
  }

  private long stampOf(long asked) {
    if (asked == 0) {
      return 0;
    }
    return stamps.entrySet().stream()
        .filter(each -> each.getValue() >= asked)
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  /** Rows of which the past may be asked. */
  private static NavigableMap<String, String> remembered(NavigableMap<String, String> all) {
    NavigableMap<String, String> remembered = new TreeMap<>(all);
    remembered.keySet().removeIf(key -> !key.startsWith("k"));
    return remembered;
  }

  private List<String> versions(String key, long from, long to) {
    List<String> versions = new ArrayList<>();
    String seen = null;
    for (Map.Entry<Long, NavigableMap<String, String>> each : byRevision.entrySet()) {
      String now = each.getValue().get(key);
      if (seen != null && !seen.equals(now)) {
        addVersion(versions, seen, each.getKey(), from, to);
      }
      seen = now;
    }
    if (seen != null) {
      addVersion(versions, seen, Past.Versions.ALIVE, from, to);
    }
    return versions;
  }

  private static void addVersion(
      List<String> versions, String valueAndBorn, long died, long from, long to) {
    long born = Long.parseLong(valueAndBorn.substring(valueAndBorn.lastIndexOf('@') + 1));
    if (born <= to && died > from) {
      versions.add(0, valueAndBorn + "-" + died);
    }
  }

  private static List<String> versions(Past past, String key, long from, long to) {
    List<String> versions = new ArrayList<>();
    try (Past.Versions walk = past.versions(StoreContract.key(key), from, to)) {
      while (walk.next()) {
        versions.add(StoreContract.text(walk.value()) + "@" + walk.born() + "-" + walk.died());
      }
      assertThat(walk.next()).isFalse();
    }
    return versions;
  }

  private void checkChanges(Past past, long after, long to) {
    List<String> expected = new ArrayList<>();
    for (String change : changes) {
      long of = Long.parseLong(change.substring(0, change.indexOf(':')));
      if (of > after && of <= to) {
        expected.add(change);
      }
    }
    List<String> found = new ArrayList<>();
    try (Past.Changes walk = past.changes(after, to)) {
      while (walk.next()) {
        found.add(
            walk.revision() + ":" + walk.operation() + ":" + StoreContract.keyText(walk.key()));
      }
    }
    assertThat(found).isEqualTo(expected);
    compared += expected.size();
  }

  private void check(ReadTxn txn, NavigableMap<String, String> expected) {
    String from = random.nextInt(3) == 0 ? "k" : "k" + randomKey();
    String to = random.nextInt(3) == 0 ? "l" : "k" + randomKey();
    NavigableMap<String, String> range =
        to.compareTo(from) <= 0 ? new TreeMap<>() : expected.subMap(from, true, to, false);
    assertThat(StoreContract.scan(txn, from, to)).isEqualTo(lines(range));
    assertThat(StoreContract.scanReverse(txn, from, to)).isEqualTo(lines(range.descendingMap()));
    compared += 2L * range.size();
    for (int i = 0; i < 5; i++) {
      String key = randomKey();
      if (key.startsWith("k") || expected == rows) {
        assertThat(StoreContract.get(txn, key)).isEqualTo(expected.get(key));
        compared++;
      }
    }
  }

  private static List<String> lines(Map<String, String> rows) {
    List<String> lines = new ArrayList<>();
    rows.forEach((key, value) -> lines.add(key + "=" + value));
    return lines;
  }

  /** Few enough to collide, with long common beginnings and bytes above 127. */
  private String randomKey() {
    String beginning =
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> "k";
          case 3, 4 -> "ka common beginning of more than 16 bytes";
          case 5 -> "k\u00ff\u0001";
          case 6 -> "N";
          default -> "F";
        };
    StringBuilder key = new StringBuilder(beginning);
    int length = random.nextInt(1, 4);
    for (int i = 0; i < length; i++) {
      key.append((char) (1 + 84 * random.nextInt(4)));
    }
    return key.toString();
  }
}
