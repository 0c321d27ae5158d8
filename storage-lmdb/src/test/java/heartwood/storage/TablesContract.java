package heartwood.storage;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What all tables keep: LMDB's and their twin in memory. */
@Timeout(60)
public abstract class TablesContract {
  private static final HexFormat HEX = HexFormat.of();

  /** Empty tables. */
  protected abstract Tables tables();

  /** What a new process would find. The tables given are closed. */
  protected abstract Tables reopen(Tables tables);

  @Test
  void whatWasCommittedIsFoundAgain() {
    Tables tables = tables();
    put(tables, "a", "1", "b", "2");
    tables = reopen(tables);

    assertThat(rows(tables)).containsExactly("a=1", "b=2");
    assertThat(tables.names()).containsExactly("t");
  }

  @Test
  void whatWasNotCommittedHasNeverBeen() {
    Tables tables = tables();
    put(tables, "a", "1");
    Table table = tables.open("t");
    try (TablesWriter writer = tables.write()) {
      writer.put(table, bytes("b"), bytes("2"));
    }

    assertThat(rows(tables)).containsExactly("a=1");
    assertThat(rows(reopen(tables))).containsExactly("a=1");
  }

  @Test
  void aWriterSeesItsOwnWritesAndAReaderDoesNot() {
    Tables tables = tables();
    Table table = tables.open("t");
    put(tables, "a", "1");
    try (TablesReader reader = tables.read();
        TablesWriter writer = tables.write()) {
      writer.put(table, bytes("a"), bytes("2"));
      assertThat(writer.delete(table, buffer("none"))).isFalse();

      assertThat(value(writer, table, "a")).isEqualTo("2");
      assertThat(value(reader, table, "a")).isEqualTo("1");
      writer.commit();
      assertThat(value(reader, table, "a")).isEqualTo("1");
      reader.renew();
      assertThat(value(reader, table, "a")).isEqualTo("2");
    }
  }

  @Test
  void aClearedTableIsEmptyAndCanBeFilledAgain() {
    Tables tables = tables();
    Table table = tables.open("t");
    Table other = tables.open("other");
    put(tables, "a", "1", "b", "2");
    try (TablesReader reader = tables.read();
        TablesWriter writer = tables.write()) {
      writer.put(other, bytes("a"), bytes("3"));
      writer.put(table, bytes("c"), bytes("3"));
      writer.clear(table);
      assertThat(writer.get(table, buffer("a"))).isNull();
      writer.append(table, buffer("a"), buffer("4"));
      writer.commit();
      assertThat(value(reader, table, "b")).isEqualTo("2");
      reader.renew();
      assertThat(value(reader, other, "a")).isEqualTo("3");
    }

    assertThat(rows(reopen(tables))).containsExactly("a=4");
  }

  @Test
  void appendDemandsAKeyBeyondTheLast() {
    Tables tables = tables();
    Table table = tables.open("t");
    try (TablesWriter writer = tables.write()) {
      writer.append(table, buffer("a"), buffer("1"));
      writer.append(table, buffer("c"), buffer("3"));

      assertThatThrownBy(() -> writer.append(table, buffer("b"), buffer("2")))
          .isInstanceOf(StorageException.class);
    }
  }

  @Test
  void keysOfEveryLengthAndLargeValuesFit() {
    Tables tables = tables();
    Table table = tables.open("t");
    byte[] large = new byte[10_000_000];
    new SplittableRandom(1).nextBytes(large);
    try (TablesWriter writer = tables.write()) {
      for (int length = 1; length <= Store.MAX_KEY_BYTES; length++) {
        writer.put(table, new byte[length], new byte[0]);
      }
      writer.put(table, bytes("large"), large);
      assertThatThrownBy(() -> writer.put(table, new byte[512], new byte[0]))
          .isInstanceOf(StorageException.class);
      assertThatThrownBy(() -> writer.put(table, new byte[0], new byte[0]))
          .isInstanceOf(StorageException.class);
      writer.commit();
    }

    tables = reopen(tables);

    Table reopened = tables.open("t");
    try (TablesReader reader = tables.read()) {
      assertThat(reader.get(reopened, buffer("large"))).isEqualTo(ByteBuffer.wrap(large));
      for (int length = 1; length <= Store.MAX_KEY_BYTES; length++) {
        ByteBuffer value = reader.get(reopened, ByteBuffer.allocate(length));
        assertThat(value).isEqualTo(ByteBuffer.allocate(0));
      }
    }
  }

  @Test
  void theBuffersHandedOutCannotBeWritten() {
    Tables tables = tables();
    put(tables, "a", "1");
    Table table = tables.open("t");
    try (TablesReader reader = tables.read();
        TableCursor cursor = reader.cursor(table)) {
      cursor.first();

      assertThat(requireNonNull(reader.get(table, buffer("a"))).isReadOnly()).isTrue();
      assertThat(cursor.key().isReadOnly()).isTrue();
      assertThat(cursor.value().isReadOnly()).isTrue();
    }
  }

  @Test
  void openingATableUnderOnesOwnWriterIsRefusedInsteadOfWaitedFor() {
    Tables tables = tables();
    try (TablesWriter writer = tables.write()) {
      assertThat(writer).isNotNull();
      assertThatThrownBy(() -> tables.open("t")).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(tables::write).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void tablesAreNotClosedUnderAReader() {
    Tables tables = tables();
    TablesReader reader = tables.read();

    assertThatThrownBy(tables::close).isInstanceOf(IllegalStateException.class);
    reader.close();
    tables.close();
  }

  /** Cursors, puts and deletes agree with a sorted map, in both directions. */
  @Test
  void tablesAgreeWithASortedMap() {
    for (long seed = 1; seed <= 10; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Tables tables = tables();
      Table table = tables.open("t");
      TreeMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
      for (int round = 0; round < 5; round++) {
        try (TablesWriter writer = tables.write()) {
          for (int i = 0; i < 100; i++) {
            byte[] key = randomKey(random);
            if (random.nextInt(3) == 0) {
              boolean expected = model.remove(key) != null;
              assertThat(writer.delete(table, ByteBuffer.wrap(key))).isEqualTo(expected);
            } else {
              byte[] value = new byte[random.nextInt(300)];
              random.nextBytes(value);
              model.put(key, value);
              writer.put(table, key, value);
            }
          }
          writer.commit();
        }
        if (random.nextBoolean()) {
          tables = reopen(tables);
          table = tables.open("t");
        }
        try (TablesReader reader = tables.read()) {
          assertAgrees("seed " + seed, reader, table, model, random);
        }
      }
      tables.close();
    }
  }

  private static void assertAgrees(
      String seed,
      TablesReader reader,
      Table table,
      NavigableMap<byte[], byte[]> model,
      SplittableRandom random) {
    try (TableCursor cursor = reader.cursor(table)) {
      List<String> forward = new ArrayList<>();
      for (boolean on = cursor.first(); on; on = cursor.next()) {
        forward.add(HEX.formatHex(array(cursor.key())));
        assertThat(array(cursor.value())).as(seed).isEqualTo(model.get(array(cursor.key())));
      }
      assertThat(forward).as(seed).isEqualTo(hex(model.keySet()));
      List<String> backward = new ArrayList<>();
      for (boolean on = cursor.last(); on; on = cursor.previous()) {
        backward.add(HEX.formatHex(array(cursor.key())));
      }
      assertThat(backward).as(seed).isEqualTo(hex(model.descendingKeySet()));
      for (int i = 0; i < 50; i++) {
        byte[] key = randomKey(random);
        boolean found = cursor.seek(ByteBuffer.wrap(key));
        assertThat(found ? array(cursor.key()) : null).as(seed).isEqualTo(model.ceilingKey(key));
        found = cursor.seekBefore(ByteBuffer.wrap(key));
        assertThat(found ? array(cursor.key()) : null).as(seed).isEqualTo(model.lowerKey(key));
        ByteBuffer value = reader.get(table, ByteBuffer.wrap(key));
        assertThat(value == null ? null : array(value)).as(seed).isEqualTo(model.get(key));
      }
    }
  }

  private static List<String> hex(Collection<byte[]> keys) {
    return keys.stream().map(HEX::formatHex).collect(Collectors.toList());
  }

  private static byte[] randomKey(SplittableRandom random) {
    byte[] key = new byte[random.nextInt(1, 4)];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (51 * random.nextInt(6));
    }
    return key;
  }

  protected static void put(Tables tables, String... keysAndValues) {
    Table table = tables.open("t");
    try (TablesWriter writer = tables.write()) {
      for (int i = 0; i < keysAndValues.length; i += 2) {
        writer.put(table, bytes(keysAndValues[i]), bytes(keysAndValues[i + 1]));
      }
      writer.commit();
    }
  }

  protected static List<String> rows(Tables tables) {
    List<String> rows = new ArrayList<>();
    Table table = tables.open("t");
    try (TablesReader reader = tables.read();
        TableCursor cursor = reader.cursor(table)) {
      for (boolean on = cursor.first(); on; on = cursor.next()) {
        rows.add(text(cursor.key()) + "=" + text(cursor.value()));
      }
    }
    return rows;
  }

  protected static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String value(TablesView view, Table table, String key) {
    return text(requireNonNull(view.get(table, buffer(key))));
  }

  private static ByteBuffer buffer(String text) {
    return ByteBuffer.wrap(bytes(text));
  }

  private static String text(ByteBuffer buffer) {
    return new String(array(buffer), StandardCharsets.UTF_8);
  }

  private static byte[] array(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
