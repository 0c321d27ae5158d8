package heartwood.storage.history;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.storage.Hash64;
import heartwood.storage.Row;
import heartwood.storage.StorageException;
import heartwood.storage.TablesReader;
import heartwood.storage.TablesView;
import heartwood.storage.TablesWriter;
import heartwood.storage.memory.MemoryTables;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs against a list of all versions. */
@Timeout(120)
class RunsTest {
  private static final long STEP_BYTES = 8 << 10;

  private final MemoryTables tables = new MemoryTables();
  private final RunTables runTables = new RunTables(tables);

  /** What the tables say. */
  private Floors floors = Floors.NONE;

  private HistoryWriter writer = new HistoryWriter(tables, runTables, this::walk, STEP_BYTES);
  private final SplittableRandom random = new SplittableRandom(Long.getLong("seed", 5));

  private record Version(String key, long born, long died, String value) {}

  private final List<Version> all = new ArrayList<>();

  /** The birth of the present version of each key, which the runs do not hold. */
  private final Map<String, Long> alive = new TreeMap<>();

  private long revision;
  private long horizon;

  @Test
  void whatARowWasIsFoundAtEveryRevisionThroughMergesRestartsAndRaisedHorizons() {
    int merges = 0;
    for (int checkpoint = 0; checkpoint < 60; checkpoint++) {
      checkpoint(random.nextInt(10) == 0 ? 0 : random.nextInt(1, 600));
      if (random.nextInt(6) == 0) {
        writer =
            new HistoryWriter(
                tables, runTables, this::walk, STEP_BYTES); // A merge under way is lost.
      }
      while (random.nextInt(5) > 0 && writer.mergeStep(horizon)) {
        merges++;
      }
      if (random.nextInt(5) == 0) {
        horizon += random.nextLong(revision - horizon + 1) / 3;
      }
      check();
    }
    assertThat(merges).isGreaterThan(20);
    assertThat(writer.stats().runCount()).isLessThan(RunPolicy.CROWDED);
  }

  @Test
  void aRunWhoseDeathsAreAllForgottenIsDropped() {
    checkpoint(500);
    long first = lastDeath();
    checkpoint(500);
    assertThat(writer.stats().runCount()).isEqualTo(2);

    horizon = first - 1;
    checkpoint(0);
    assertThat(writer.stats().runCount()).isEqualTo(2);
    horizon = first;
    checkpoint(0);
    assertThat(writer.stats().runCount()).isEqualTo(1);
    horizon = revision;
    checkpoint(0);
    assertThat(writer.stats().byteCount()).isZero();
  }

  @Test
  void revisionsInWhichNothingDiedDoNotKeepARun() {
    checkpoint(500);
    long last = lastDeath();
    revision += 100;
    horizon = last;

    checkpoint(0);

    assertThat(writer.stats().runCount()).isZero();
  }

  @Test
  void whatFloorsCoverLeavesTheRunsAndNothingElseDoes() {
    for (int i = 0; i < 5; i++) {
      checkpoint(400);
    }
    long middle = all.get(all.size() / 2).died;
    Floors floors = new Floors();
    floors.add(bytes("key 1."), middle);
    floors.add(bytes("key 2"), lastDeath()); // All keys that begin so.
    setFloors(floors);
    assertThat(all).anyMatch(each -> isCovered(each, middle));

    mergeAll();

    all.removeIf(each -> isCovered(each, middle));
    assertThat(stored()).isEqualTo(all.size());
    for (int i = 0; i < 20; i++) {
      check();
    }
    assertThat(writer.wantsMerge()).isFalse();
  }

  /** Else the checkpoints would wait until a run of any size is read to its end. */
  @Test
  void aMergeThatLeavesAllOutTakesStepsToo() {
    checkpoint(4000);
    long expected = writer.stats().byteCount() / STEP_BYTES;
    assertThat(expected).isGreaterThan(5);
    Floors floors = new Floors();
    floors.add(bytes("key"), lastDeath());
    setFloors(floors);
    int steps = 0;
    while (writer.wantsMerge()) {
      writer.mergeStep(horizon);
      steps++;
    }

    assertThat(steps).as("some are of large values").isGreaterThan((int) expected / 2);
    assertThat(stored()).isZero();
  }

  private static boolean isCovered(Version each, long floor) {
    return each.key.startsWith("key 2") || (each.key.equals("key 1.") && each.died <= floor);
  }

  @Test
  void aRunThatHoldsNothingCoveredIsLeftAsItIs() {
    checkpoint(300);
    Floors floors = new Floors();
    floors.add(bytes("nobody"), revision);
    floors.add(bytes("key 0."), all.get(0).died - 1);
    long before = writer.stats().mergedBytes();
    setFloors(floors);

    mergeAll();

    assertThat(writer.stats().mergedBytes()).isEqualTo(before);
  }

  /** The merge knows nothing of them: what it has written is looked through again. */
  @Test
  void floorsThatComeInTheMidstOfAMergeHoldForWhatItWrites() {
    for (int i = 0; i < RunPolicy.FAN_IN; i++) {
      checkpoint(300);
    }
    assertThat(writer.mergeStep(horizon)).isTrue();
    Floors floors = new Floors();
    floors.add(bytes("key"), lastDeath());
    setFloors(floors);

    mergeAll();

    assertThat(stored()).isZero();
  }

  @Test
  void whatIsLeftToDoIsFoundAnewByAnotherProcess() {
    for (int i = 0; i < 3; i++) {
      checkpoint(300);
    }
    Floors floors = new Floors();
    floors.add(bytes("key"), lastDeath());
    setFloors(floors);
    assertThat(writer.mergeStep(horizon)).isTrue();

    writer = new HistoryWriter(tables, runTables, this::walk, STEP_BYTES);
    setFloors(floors);
    mergeAll();

    assertThat(stored()).isZero();
  }

  private void mergeAll() {
    while (writer.wantsMerge()) {
      writer.mergeStep(horizon);
    }
  }

  private long stored() {
    return writer.stats().versionCount();
  }

  private long lastDeath() {
    return all.stream().mapToLong(Version::died).max().orElseThrow();
  }

  @Test
  void aMergeWhoseSourceIsDroppedIsGivenUp() {
    for (int i = 0; i < RunPolicy.FAN_IN; i++) {
      checkpoint(300);
    }
    assertThat(writer.mergeStep(horizon)).isTrue();
    assertThat(writer.stats().runCount()).isEqualTo(RunPolicy.FAN_IN);

    horizon = lastDeath() - 1;
    checkpoint(0);

    assertThat(writer.wantsMerge()).isFalse();
    check();
  }

  /** One transaction in which so many versions die. */
  private void checkpoint(int deaths) {
    List<Version> died = new ArrayList<>();
    for (int i = 0; i < deaths; i++) {
      String key = randomKey();
      Long born = alive.get(key);
      revision++;
      if (born != null) {
        String value = "v".repeat(random.nextInt(40) == 0 ? 9000 : random.nextInt(120)) + revision;
        died.add(new Version(key, born, revision, value));
      }
      if (random.nextInt(5) == 0) {
        alive.remove(key);
      } else {
        alive.put(key, revision);
      }
    }
    all.addAll(died);
    died.sort(
        Comparator.comparing((Version each) -> bytes(each.key), Arrays::compareUnsigned)
            .thenComparing(Version::died));
    while (writer.mustMerge()) {
      writer.mergeStep(horizon);
    }
    try (TablesWriter txn = tables.write()) {
      for (Version each : died) {
        ByteBuffer value = ByteBuffer.wrap(bytes(each.value));
        writer.add(txn, bytes(each.key), each.born, each.died, value);
      }
      writer.endCheckpoint(txn, horizon);
      txn.commit();
    }
  }

  private void check() {
    try (TablesReader reader = tables.read();
        RunReader runs = runTables.reader(reader)) {
      long at =
          random.nextInt(3) == 0 ? horizon : horizon + random.nextLong(revision - horizon + 1);
      TreeMap<String, String> expected = new TreeMap<>();
      for (Version each : all) {
        if (each.born <= at && each.died > at) {
          expected.put(each.key, each.value + "@" + each.born);
        }
      }
      TreeMap<String, String> forward = new TreeMap<>();
      TreeMap<String, String> backward = new TreeMap<>();
      for (RunWalk walk : runs.walks(at)) {
        try (walk) {
          for (boolean on = walk.seek(new byte[0]); on; on = walk.next()) {
            if (walk.isVisible()) {
              forward.put(text(walk.key()), text(walk.value()) + "@" + walk.born());
            }
          }
          for (boolean on = walk.seekBefore(new byte[0]); on; on = walk.previous()) {
            if (walk.isVisible()) {
              backward.put(text(walk.key()), text(walk.value()) + "@" + walk.born());
            }
          }
        }
      }
      assertThat(forward).isEqualTo(expected);
      assertThat(backward).isEqualTo(expected);
      for (int i = 0; i < 40; i++) {
        String key = randomKey();
        Long born = alive.get(key);
        if (born == null || born > at) { // Else the present version is asked, not the runs.
          assertThat(found(runs, key, at)).isEqualTo(expected.get(key));
        }
        long to = at + random.nextLong(revision - at + 1);
        assertThat(versions(runs, key, at, to)).isEqualTo(expectedVersions(key, at, to));
      }
    }
  }

  private static @Nullable String found(RunReader runs, String key, long at) {
    Row row = runs.find(bytes(key), Hash64.hash(0, bytes(key)), at);
    return row == null ? null : text(row.value()) + "@" + row.born();
  }

  private static List<String> versions(RunReader runs, String key, long from, long to) {
    List<String> found = new ArrayList<>();
    try (VersionWalk walk = runs.versions(bytes(key), Hash64.hash(0, bytes(key)), from, to)) {
      while (walk.next()) {
        if (walk.born() <= to) {
          found.add(text(walk.value()) + "@" + walk.born() + "-" + walk.died());
        }
      }
    }
    return found;
  }

  private List<String> expectedVersions(String key, long from, long to) {
    List<String> expected = new ArrayList<>();
    for (int i = all.size() - 1; i >= 0; i--) {
      Version each = all.get(i);
      if (each.key.equals(key) && each.born <= to && each.died > from) {
        expected.add(each.value + "@" + each.born + "-" + each.died);
      }
    }
    return expected;
  }

  @Test
  void aBlockThatIsBrokenIsReadOrRefusedAndNothingElse() {
    Block block = new Block();
    for (int i = 0; i < 20; i++) {
      block.add(bytes("key " + i), i, i + 5, ByteBuffer.wrap(bytes("value " + i)));
    }
    byte[] whole = new byte[block.bytes().remaining()];
    block.bytes().get(whole);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] broken = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
      for (int j = random.nextInt(4); j > 0 && broken.length > 0; j--) {
        broken[random.nextInt(broken.length)] = (byte) random.nextInt();
      }
      BlockReader reader = new BlockReader();
      reader.open(ByteBuffer.wrap(broken));
      try {
        while (reader.next()) {
          assertThat(reader.value().remaining()).isLessThanOrEqualTo(broken.length);
        }
      } catch (StorageException.Corrupt e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(1000);
  }

  @Test
  void aFilterNeverDeniesAKeyThatItHasAndSeldomKnowsAnother() {
    KeyFilter filter = new KeyFilter(10_000);
    for (int i = 0; i < 10_000; i++) {
      filter.add(Hash64.hash(0, bytes("has " + i)));
    }
    ByteBuffer copy = ByteBuffer.allocate(filter.byteCount());
    filter.copyTo(0, copy);
    KeyFilter read = KeyFilter.of(copy.flip());
    int wrong = 0;
    for (int i = 0; i < 10_000; i++) {
      assertThat(read.mayHold(Hash64.hash(0, bytes("has " + i)))).isTrue();
      wrong += read.mayHold(Hash64.hash(0, bytes("has not " + i))) ? 1 : 0;
    }
    assertThat(wrong).isLessThan(400);
  }

  @Test
  void onlyNeighboursOfOneLevelAreMergedAndNothingTooLarge() {
    assertThat(RunPolicy.choose(list(0, 0, 0, 0, 0, 0, 0))).isEmpty();
    assertThat(RunPolicy.choose(list(0, 0, 0, 0, 0, 0, 0, 0))).hasSize(8);
    assertThat(RunPolicy.choose(list(1, 0, 0, 0, 0, 0, 0, 0))).isEmpty();
    List<Run> chosen = RunPolicy.choose(list(2, 1, 0, 0, 0, 0, 0, 0, 0, 0));
    assertThat(chosen).extracting(Run::level).containsOnly(0).hasSize(8);
    List<Run> large = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      large.add(new Run(i, i, 0, i + 1, 1, 1L << 30));
    }
    assertThat(RunPolicy.choose(new RunList(9, large))).isEmpty();
  }

  @Test
  void aCrowdOfRunsIsMergedWhateverItsLevels() {
    int[] levels = new int[RunPolicy.CROWDED];
    Arrays.setAll(levels, i -> i % 2);

    assertThat(RunPolicy.choose(list(levels))).hasSize(RunPolicy.FAN_IN);
  }

  private static RunList list(int... levels) {
    List<Run> runs = new ArrayList<>();
    for (int i = 0; i < levels.length; i++) {
      runs.add(new Run(i + 1, i, levels[i], i + 1, 1, 100));
    }
    return new RunList(levels.length + 1, runs);
  }

  private String randomKey() {
    return "key " + (random.nextInt(3) == 0 ? random.nextInt(3) : random.nextInt(80)) + ".";
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  private static String text(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return new String(bytes, ISO_8859_1);
  }

  private void setFloors(Floors now) {
    floors = now;
    writer.setFloors(now);
  }

  private FloorSource.Walk walk(TablesView view) {
    return new FloorSource.Walk() {
      @Override
      public boolean covers(byte[] key, long died) {
        return floors.cover(key, died);
      }

      @Override
      public void close() {}
    };
  }
}
