package heartwood.storage.history;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.TablesReader;
import heartwood.storage.TablesWriter;
import heartwood.storage.memory.MemoryTables;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Changes against a list, with revisions that fill many segments. */
class ChangeListTest {
  private final MemoryTables tables = new MemoryTables();
  private final ChangeList changes = new ChangeList(tables);
  private final SplittableRandom random = new SplittableRandom(Long.getLong("seed", 7));

  private record Change(long revision, int operation, String key) {}

  private final List<Change> all = new ArrayList<>();
  private long revision;

  @Test
  void changesAreFoundFromEveryRevisionOnAlsoWhereOneFillsManySegments() {
    for (int checkpoint = 0; checkpoint < 30; checkpoint++) {
      checkpoint();
    }
    assertThat(segments()).isGreaterThan(40);
    for (long after = 0; after <= revision; after++) {
      assertThat(read(after)).isEqualTo(later(after));
    }
  }

  @Test
  void whatLiesAboveTheHorizonSurvivesForgetting() {
    for (int checkpoint = 0; checkpoint < 30; checkpoint++) {
      checkpoint();
    }
    long before = segments();
    long horizon = revision / 2;

    try (TablesWriter writer = tables.write()) {
      changes.forget(writer, horizon, Integer.MAX_VALUE);
      writer.commit();
    }

    assertThat(segments()).isLessThan(before);
    for (long after = horizon; after <= revision; after++) {
      assertThat(read(after)).isEqualTo(later(after));
    }
  }

  private void checkpoint() {
    try (TablesWriter writer = tables.write()) {
      ChangeList.Appender appender = changes.appender();
      for (int i = random.nextInt(8); i > 0; i--) {
        revision += random.nextInt(1, 4);
        int rows = random.nextInt(6) == 0 ? random.nextInt(3000) : random.nextInt(1, 5);
        for (int row = 0; row < rows; row++) {
          String key = String.format(Locale.ROOT, "a common beginning %06d", row * 7);
          Change change = new Change(revision, random.nextInt(65536), key);
          all.add(change);
          byte[] bytes = key.getBytes(ISO_8859_1);
          appender.add(writer, change.revision, change.operation, ByteBuffer.wrap(bytes));
        }
      }
      appender.end(writer);
      writer.commit();
    }
  }

  private List<Change> read(long after) {
    List<Change> read = new ArrayList<>();
    try (TablesReader view = tables.read();
        ChangeList.Reader reader = changes.reader(view, after, Long.MAX_VALUE)) {
      while (reader.next()) {
        byte[] key = new byte[reader.key().remaining()];
        reader.key().get(key);
        read.add(new Change(reader.revision(), reader.operation(), new String(key, ISO_8859_1)));
      }
    }
    return read;
  }

  private List<Change> later(long after) {
    return all.stream().filter(change -> change.revision > after).toList();
  }

  private long segments() {
    Table table = tables.open("changes");
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
