package heartwood.storage.version;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.storage.Applied;
import heartwood.storage.ReadTxn;
import heartwood.storage.WriteTxn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Drives a store and a sorted map alike by one seed. Keys and values as ISO-8859-1 text. */
final class StoreModel {
  private final StoreContract contract;
  private final SplittableRandom random;
  private VersionedStore store;

  /** Key → value@born, as committed. */
  private NavigableMap<String, String> rows = new TreeMap<>();

  /** What the state was at the end of each entry, to which a crash may go back. */
  private final Map<Long, NavigableMap<String, String>> byIndex = new HashMap<>();

  private long revision;
  private long index;

  StoreModel(StoreContract contract, long seed) {
    this.contract = contract;
    this.random = new SplittableRandom(seed);
    this.store = contract.store();
    byIndex.put(0L, rows);
  }

  void run(int steps) {
    for (int step = 0; step < steps; step++) {
      int action = random.nextInt(100);
      if (action < 60) {
        writeRevision();
      } else if (action < 75) {
        endEntry();
      } else if (action < 85) {
        store.maybeCheckpoint();
      } else if (action < 88) {
        endEntry();
        store.checkpoint();
        assertThat(store.durable().index()).isEqualTo(index);
      } else if (action < 91) {
        crash();
      } else {
        check(store.read(), rows);
        try (StoreSnapshot snapshot = store.snapshot()) {
          check(snapshot, rows);
        }
      }
    }
    check(store.read(), rows);
  }

  private void writeRevision() {
    NavigableMap<String, String> next = new TreeMap<>(rows);
    try (WriteTxn txn = store.write(++revision)) {
      int writes = random.nextInt(10) == 0 ? random.nextInt(60) : random.nextInt(1, 4);
      for (int i = 0; i < writes; i++) {
        String key = randomKey();
        if (random.nextInt(3) == 0) {
          txn.delete(StoreContract.bytes(key));
          next.remove(key);
        } else {
          String value = "v".repeat(random.nextInt(20) == 0 ? random.nextInt(40_000) : 3) + i;
          txn.put(StoreContract.bytes(key), StoreContract.bytes(value));
          next.put(key, value + "@" + revision);
        }
      }
      check(txn, next);
      if (random.nextInt(8) == 0) {
        return; // As if the command had never run.
      }
      txn.commit();
    }
    rows = next;
  }

  private void endEntry() {
    index++;
    byIndex.put(index, rows);
    if (random.nextInt(3) == 0) {
      store.requestCheckpoint();
    }
    store.applied(new Applied(index, 1, revision, index, store.digest(), new byte[0]));
  }

  private void crash() {
    Applied durable = store.durable();
    store = contract.crash(store);
    assertThat(store.applied()).usingRecursiveComparison().isEqualTo(durable);
    assertThat(store.digest()).isEqualTo(durable.digest());
    index = durable.index();
    revision = durable.revision();
    rows = byIndex.getOrDefault(index, rows);
    check(store.read(), rows);
  }

  private void check(ReadTxn txn, NavigableMap<String, String> expected) {
    String from = random.nextInt(3) == 0 ? "" : randomKey();
    String to = random.nextInt(3) == 0 ? "" : randomKey();
    NavigableMap<String, String> range = expected.tailMap(from, true);
    if (!to.isEmpty()) {
      range = to.compareTo(from) <= 0 ? new TreeMap<>() : range.headMap(to, false);
    }
    assertThat(StoreContract.scan(txn, from, to)).isEqualTo(lines(range));
    assertThat(StoreContract.scanReverse(txn, from, to)).isEqualTo(lines(range.descendingMap()));
    for (int i = 0; i < 5; i++) {
      String key = randomKey();
      assertThat(StoreContract.get(txn, key)).isEqualTo(expected.get(key));
    }
  }

  private static List<String> lines(Map<String, String> rows) {
    List<String> lines = new ArrayList<>();
    rows.forEach((key, value) -> lines.add(key + "=" + value));
    return lines;
  }

  /** Few enough to collide, with long common beginnings, zeros and bytes above 127. */
  private String randomKey() {
    String beginning =
        switch (random.nextInt(3)) {
          case 0 -> "";
          case 1 -> "a common beginning of more than 16 bytes";
          default -> "\u00ff\u0000";
        };
    StringBuilder key = new StringBuilder(beginning);
    int length = random.nextInt(1, 4);
    for (int i = 0; i < length; i++) {
      key.append((char) (85 * random.nextInt(4)));
    }
    return key.toString();
  }
}
