package heartwood.storage.version;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OverlayTest {
  private static final int REVISIONS = 60_000;

  @Test
  void manyRowsComeBackInOrderInBothDirections() {
    for (long seed = 1; seed <= 3; seed++) {
      Overlay overlay = new Overlay(0);
      TreeMap<Integer, Long> model = new TreeMap<>();
      SplittableRandom random = new SplittableRandom(seed);
      for (long born = 1; born <= 20_000; born++) {
        int key = seed == 1 ? (int) born : random.nextInt(30_000);
        put(overlay, key, born);
        model.put(key, born);
      }

      assertThat(overlay.rowCount()).isEqualTo(model.size());
      List<Integer> forward = new ArrayList<>();
      OverlayCursor cursor = overlay.cursor(Long.MAX_VALUE);
      for (boolean on = cursor.seek(new byte[0]); on; on = cursor.next()) {
        forward.add(keyOf(cursor.key()));
        assertThat(cursor.born()).isEqualTo(model.get(keyOf(cursor.key())));
      }
      List<Integer> backward = new ArrayList<>();
      for (boolean on = cursor.seekBefore(new byte[0]); on; on = cursor.previous()) {
        backward.add(keyOf(cursor.key()));
      }
      assertThat(forward).as("seed %s", seed).isEqualTo(List.copyOf(model.keySet()));
      assertThat(backward).as("seed %s", seed).isEqualTo(List.copyOf(model.descendingKeySet()));
    }
  }

  @Test
  void aClearedOverlayIsAsGoodAsNew() {
    Overlay overlay = new Overlay(0);
    SplittableRandom random = new SplittableRandom(5);
    for (int round = 1; round <= 4; round++) {
      TreeMap<Integer, Integer> lengths = new TreeMap<>();
      int rows = 3_000 * round;
      for (int i = 1; i <= rows; i++) {
        int key = random.nextInt(20_000);
        int length = i % 700 == 0 ? Slabs.SLAB_BYTES + random.nextInt(1000) : random.nextInt(300);
        byte[] bytes = bytes(key);
        overlay.put(bytes, Layers.hashOf(bytes), i, new byte[length], false);
        lengths.put(key, length);
      }
      assertThat(overlay.rowCount()).isEqualTo(lengths.size());
      List<Integer> keys = new ArrayList<>();
      OverlayCursor cursor = overlay.cursor(Long.MAX_VALUE);
      for (boolean on = cursor.seek(new byte[0]); on; on = cursor.next()) {
        keys.add(keyOf(cursor.key()));
        assertThat(overlay.value(cursor.version()).remaining())
            .isEqualTo(lengths.get(keyOf(cursor.key())));
      }
      assertThat(keys).isEqualTo(List.copyOf(lengths.keySet()));
      assertThat(overlay.find(new byte[] {1}, Layers.hashOf(new byte[] {1}), Long.MAX_VALUE))
          .isEqualTo(Overlay.NONE);
      long filled = overlay.filledBytes();
      assertThat(overlay.clear()).isTrue();
      assertThat(overlay.isEmpty()).isTrue();
      assertThat(overlay.filledBytes()).isZero();
      assertThat(filled).isGreaterThan(rows * 24L);
    }
  }

  /** The pace of a checkpoint and the seal of the next overlay must mean the same by full. */
  @Test
  void anOverlayAtItsLimitIsFullHoweverMuchItBeganWith() {
    long limit = 8 << 20;
    Overlay overlay = new Overlay(0);
    for (int round = 0; round < 3; round++) {
      for (int i = 1; overlay.bytes() < limit; i++) {
        put(overlay, i, i);
      }
      assertThat(overlay.filledShare(limit)).as("round %s", round).isBetween(0.99, 1.1);
      assertThat(overlay.clear()).isTrue();
      assertThat(overlay.filledShare(limit)).isZero();
    }
  }

  /** Of one hot key too: the memory is its versions. */
  @Test
  void anOverlayOfFewRowsIsUsedAnew() {
    Overlay overlay = new Overlay(0);
    for (int i = 1; i <= 100_000; i++) {
      put(overlay, 7, i);
    }
    assertThat(overlay.clear()).isTrue();
  }

  @Test
  void anOverlayIsNotClearedUnderAReaderNorKeptWhenItIsFarTooLarge() {
    Overlay overlay = new Overlay(0);
    for (int i = 0; i < 40_000; i++) {
      put(overlay, i, i + 1);
    }
    overlay.openView();
    assertThat(overlay.clear()).isFalse();
    assertThat(overlay.rowCount()).isEqualTo(40_000);
    overlay.closeView();
    assertThat(overlay.clear()).isTrue();

    put(overlay, 1, 1);
    assertThat(overlay.clear()).isFalse();
  }

  /** Each reader checks that at revision R it sees exactly the keys written up to R. */
  @Test
  void readersAtARevisionNeverSeeTheWriterAtWork() throws Exception {
    Overlay overlay = new Overlay(0);
    int[] keys = new int[REVISIONS + 1];
    int[] distinctUpTo = new int[REVISIONS + 1];
    SplittableRandom random = new SplittableRandom(9);
    Set<Integer> seen = new HashSet<>();
    for (int i = 1; i <= REVISIONS; i++) {
      keys[i] = random.nextInt(40_000);
      seen.add(keys[i]);
      distinctUpTo[i] = seen.size();
    }
    AtomicInteger committed = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(2);
    List<Future<Integer>> readers = new ArrayList<>();
    for (int reader = 0; reader < 2; reader++) {
      boolean forward = reader == 0;
      readers.add(pool.submit(() -> readAlong(overlay, keys, distinctUpTo, committed, forward)));
    }

    for (int i = 1; i <= REVISIONS; i++) {
      put(overlay, keys[i], i);
      committed.set(i);
    }

    for (Future<Integer> reader : readers) {
      assertThat(reader.get()).isPositive();
    }
    pool.shutdown();
  }

  private static int readAlong(
      Overlay overlay, int[] keys, int[] distinctUpTo, AtomicInteger committed, boolean forward) {
    int rounds = 0;
    int revision = 0;
    while (revision < REVISIONS) {
      revision = committed.get();
      OverlayCursor cursor = overlay.cursor(revision);
      byte[] all = new byte[0];
      int previous = forward ? -1 : Integer.MAX_VALUE;
      int count = 0;
      boolean on = forward ? cursor.seek(all) : cursor.seekBefore(all);
      for (; on; on = forward ? cursor.next() : cursor.previous()) {
        if (!cursor.isVisible()) {
          continue;
        }
        int key = keyOf(cursor.key());
        assertThat(forward ? key > previous : key < previous).isTrue();
        assertThat(cursor.born()).isBetween(1L, (long) revision);
        assertThat(keys[(int) cursor.born()]).isEqualTo(key);
        previous = key;
        count++;
      }
      assertThat(count).isEqualTo(distinctUpTo[revision]);
      if (revision > 0) {
        int key = keys[revision];
        int version = overlay.find(bytes(key), Layers.hashOf(bytes(key)), revision);
        assertThat(overlay.born(version)).isEqualTo(revision);
      }
      rounds++;
    }
    return rounds;
  }

  private static void put(Overlay overlay, int key, long born) {
    overlay.put(bytes(key), Layers.hashOf(bytes(key)), born, new byte[(int) (born % 50)], false);
  }

  private static byte[] bytes(int key) {
    // Half of the keys tie in their first 16 bytes.
    byte[] bytes = new byte[key % 2 == 0 ? 24 : 20];
    ByteBuffer.wrap(bytes).putInt(key / 64).putInt(16, key);
    return bytes;
  }

  private static int keyOf(ByteBuffer key) {
    return key.getInt(key.position() + 16);
  }
}
