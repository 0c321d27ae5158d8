package heartwood.storage.history;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.TablesReader;
import heartwood.storage.TablesWriter;
import heartwood.storage.history.StampList.Stamp;
import heartwood.storage.memory.MemoryTables;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Stamps against a sorted map, of checkpoints that fill several segments and of small ones. */
class StampListTest {
  private static final long END = Long.MAX_VALUE;

  private final MemoryTables tables = new MemoryTables();
  private final StampList stamps = new StampList(tables);
  private final SplittableRandom random = new SplittableRandom(Long.getLong("seed", 7));
  private final NavigableMap<Long, Stamp> byStamp = new TreeMap<>();
  private final NavigableMap<Long, Stamp> byRevision = new TreeMap<>();
  private Stamp last = new Stamp(1000, 0, 0);

  @Test
  void aStampIsFoundByTimeByRevisionAndByBytesWritten() {
    for (int checkpoint = 0; checkpoint < 40; checkpoint++) {
      checkpoint(random.nextInt(4) == 0 ? random.nextInt(3000) : random.nextInt(4));
    }
    assertThat(rows("stamps")).isGreaterThan(40);

    assertAllFound(0);
  }

  /** A moment that goes on in the next checkpoint is one moment, as long as that may be. */
  @Test
  void ofStampsThatAreThereTwiceTheLaterOneCounts() {
    add(new Stamp(1000, 3, 30));
    add(new Stamp(1010, 5, 50));
    add(new Stamp(1010, 6, 60));
    add(new Stamp(1010, 9, 90));
    add(new Stamp(1020, 12, 120));

    try (TablesReader reader = tables.read()) {
      assertThat(stamps.atOrBefore(reader, 1010, END)).isEqualTo(new Stamp(1010, 9, 90));
      assertThat(stamps.ofRevision(reader, 4, END)).isEqualTo(new Stamp(1010, 9, 90));
      assertThat(stamps.firstWritten(reader, 3, 55, END)).isEqualTo(new Stamp(1010, 9, 90));
      assertThat(stamps.ofRevision(reader, 10, END)).isEqualTo(new Stamp(1020, 12, 120));
    }
  }

  @Test
  void thoseOfACheckpointUnderWayDoNotShowAndGoWhenItIsCutShort() {
    add(new Stamp(1000, 3, 30));
    add(new Stamp(1010, 5, 50));
    add(new Stamp(1010, 6, 60));
    add(new Stamp(1020, 12, 120));

    try (TablesReader reader = tables.read()) {
      assertThat(stamps.atOrBefore(reader, Long.MAX_VALUE, 5)).isEqualTo(new Stamp(1010, 5, 50));
      assertThat(stamps.atOrBefore(reader, 1010, 5)).isEqualTo(new Stamp(1010, 5, 50));
      assertThat(stamps.ofRevision(reader, 4, 5)).isEqualTo(new Stamp(1010, 5, 50));
      assertThat(stamps.ofRevision(reader, 6, 5)).isNull();
      assertThat(stamps.firstWritten(reader, 3, 55, 5)).isNull();
      assertThat(stamps.reachesBeyond(reader, 5)).isTrue();
    }
    try (TablesWriter writer = tables.write()) {
      stamps.truncate(writer, 5);
      writer.commit();
    }
    try (TablesReader reader = tables.read()) {
      assertThat(stamps.reachesBeyond(reader, 5)).isFalse();
      assertThat(stamps.atOrBefore(reader, Long.MAX_VALUE, END)).isEqualTo(new Stamp(1010, 5, 50));
    }
    assertThat(rows("times")).isEqualTo(2);
  }

  @Test
  void whatTheHorizonAndLaterRevisionsNeedIsNotForgotten() {
    while (rows("stamps") < 20) {
      checkpoint(random.nextInt(1500));
    }
    long before = rows("stamps");
    for (long horizon = 0; horizon <= last.revision(); horizon += last.revision() / 50 + 1) {
      forget(horizon);
      assertAllFound(horizon);
      assertThat(rows("times")).isEqualTo(rows("stamps"));
    }
    assertThat(rows("stamps")).isLessThan(before / 4);
  }

  @Test
  void aMillisecondTakesFewBytes() {
    for (int i = 0; i < 100_000; i++) {
      last = new Stamp(last.stampMillis() + 1, last.revision() + 10, last.writtenBytes() + 1200);
      byStamp.put(last.stampMillis(), last);
    }
    try (TablesWriter writer = tables.write()) {
      StampList.Appender appender = stamps.appender();
      byStamp.values().forEach(each -> appender.add(writer, each));
      appender.end(writer);
      writer.commit();
    }

    assertThat(rows("stamps")).isLessThan(100); // Of a page each.
  }

  private void checkpoint(int count) {
    try (TablesWriter writer = tables.write()) {
      StampList.Appender appender = stamps.appender();
      for (int i = 0; i < count; i++) {
        // The first may be of the moment that the checkpoint before ended with.
        long step = i == 0 ? random.nextInt(2) : random.nextInt(1, random.nextInt(2, 300));
        last =
            new Stamp(
                last.stampMillis() + step,
                last.revision() + random.nextInt(1, 20),
                last.writtenBytes() + random.nextInt(2000));
        appender.add(writer, last);
        remember(last);
      }
      appender.end(writer);
      writer.commit();
    }
  }

  private void add(Stamp stamp) {
    try (TablesWriter writer = tables.write()) {
      StampList.Appender appender = stamps.appender();
      appender.add(writer, stamp);
      appender.end(writer);
      writer.commit();
    }
  }

  private void remember(Stamp stamp) {
    Stamp replaced = byStamp.put(stamp.stampMillis(), stamp);
    if (replaced != null) {
      byRevision.remove(replaced.revision());
    }
    byRevision.put(stamp.revision(), stamp);
  }

  private void forget(long horizon) {
    try (TablesWriter writer = tables.write()) {
      stamps.forget(writer, horizon, Integer.MAX_VALUE);
      writer.commit();
    }
  }

  /** As far as revisions from the horizon on are asked for. */
  private void assertAllFound(long horizon) {
    try (TablesReader reader = tables.read()) {
      for (int i = 0; i < 3000; i++) {
        long time = 990 + random.nextLong(last.stampMillis() - 970);
        Stamp expected = value(byStamp.floorEntry(time));
        if (expected != null && expected.revision() >= horizon) {
          assertThat(stamps.atOrBefore(reader, time, END)).isEqualTo(expected);
        }
        long revision = horizon + random.nextLong(last.revision() - horizon + 3);
        expected = value(byRevision.ceilingEntry(revision));
        assertThat(stamps.ofRevision(reader, revision, END)).isEqualTo(expected);
        if (expected != null && i % 50 == 0) {
          long written = random.nextLong(last.writtenBytes() + 10);
          assertThat(stamps.firstWritten(reader, revision, written, END))
              .isEqualTo(firstWritten(expected, written));
        }
      }
      assertThat(stamps.atOrBefore(reader, Long.MAX_VALUE, END)).isEqualTo(last);
    }
  }

  private @Nullable Stamp firstWritten(Stamp from, long written) {
    return byRevision.tailMap(from.revision()).values().stream()
        .filter(each -> each.writtenBytes() >= written)
        .findFirst()
        .orElse(null);
  }

  private static @Nullable Stamp value(Map.@Nullable Entry<Long, Stamp> entry) {
    return entry == null ? null : entry.getValue();
  }

  private long rows(String name) {
    Table table = tables.open(name);
    long count = 0;
    try (TablesReader view = tables.read();
        TableCursor cursor = view.cursor(table)) {
      for (boolean on = cursor.first(); on; on = cursor.next()) {
        count++;
      }
    }
    return count;
  }
}
