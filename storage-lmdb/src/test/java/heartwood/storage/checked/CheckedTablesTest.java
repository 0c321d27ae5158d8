package heartwood.storage.checked;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.storage.Directories;
import heartwood.storage.StorageException;
import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.Tables;
import heartwood.storage.TablesContract;
import heartwood.storage.TablesReader;
import heartwood.storage.TablesWriter;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables like others, over LMDB's; and what is damaged in those is not handed out. */
class CheckedTablesTest extends TablesContract {
  private static final String VALUE = "a value";

  private final Path temp;
  private final List<Tables> open = new ArrayList<>();
  private int created;

  CheckedTablesTest(@TempDir Path temp) {
    this.temp = temp;
  }

  private LmdbTables lmdb() {
    Directories.create(temp.resolve("t" + ++created));
    return LmdbTables.open(temp.resolve("t" + created), LmdbOptions.forState());
  }

  @Override
  protected Tables tables() {
    return kept(new CheckedTables(lmdb()));
  }

  @Override
  protected Tables reopen(Tables tables) {
    open.remove(tables);
    tables.close();
    return kept(
        new CheckedTables(LmdbTables.open(temp.resolve("t" + created), LmdbOptions.forState())));
  }

  private Tables kept(Tables tables) {
    open.add(tables);
    return tables;
  }

  @AfterEach
  void close() {
    open.forEach(Tables::close);
  }

  @Test
  void noFlippedBitOfARowIsEverHandedOut() {
    LmdbTables tables = lmdb();
    Tables checked = kept(new CheckedTables(tables));
    Table table = checked.open("t");
    putOne(checked, table, "a", "before");
    putOne(checked, table, "b", VALUE);
    putOne(checked, table, "c", "behind");
    byte[] whole = raw(tables, table, "b");
    assertThat(whole).hasSize(VALUE.length() + 4);

    for (int bit = 0; bit < 8 * whole.length; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      putRaw(tables, table, "b", flipped);

      requireRefused(checked, table, "b");
    }
    for (int length = 0; length < whole.length; length++) {
      putRaw(tables, table, "b", Arrays.copyOf(whole, length));

      requireRefused(checked, table, "b");
    }
    putRaw(tables, table, "b", whole);
    assertThat(get(checked, table, "b")).isEqualTo(VALUE);
  }

  private static void requireRefused(Tables checked, Table table, String key) {
    try (TablesReader reader = checked.read();
        TableCursor cursor = reader.cursor(table)) {
      assertThatThrownBy(() -> reader.get(table, wrapped(key)))
          .isInstanceOf(StorageException.DamagedRow.class);
      assertThat(cursor.first()).isTrue();
      assertThat(cursor.key()).isEqualTo(wrapped("a"));
      assertThat(cursor.next()).isTrue();
      assertThatThrownBy(cursor::value).isInstanceOf(StorageException.DamagedRow.class);
      assertThatThrownBy(cursor::key).isInstanceOf(StorageException.DamagedRow.class);
      assertThat(cursor.seek(wrapped(key))).isTrue();
      assertThatThrownBy(cursor::key).isInstanceOf(StorageException.DamagedRow.class);
      assertThat(cursor.last() && cursor.previous()).isTrue();
      assertThatThrownBy(cursor::value).isInstanceOf(StorageException.DamagedRow.class);
    }
    try (TablesWriter writer = checked.write();
        TableCursor cursor = writer.cursor(table)) {
      assertThatThrownBy(() -> writer.get(table, wrapped(key)))
          .isInstanceOf(StorageException.DamagedRow.class);
      assertThat(cursor.seek(wrapped(key))).isTrue();
      assertThatThrownBy(cursor::value).isInstanceOf(StorageException.DamagedRow.class);
    }
  }

  @Test
  void aRowThatIsFoundUnderAnotherKeyIsDamaged() {
    LmdbTables tables = lmdb();
    Tables checked = kept(new CheckedTables(tables));
    Table table = checked.open("t");
    putOne(checked, table, "b", VALUE);
    putRaw(tables, table, "c", raw(tables, table, "b"));

    assertThatThrownBy(() -> get(checked, table, "c"))
        .isInstanceOf(StorageException.DamagedRow.class)
        .hasMessageContaining("key 63 of table t");
  }

  @Test
  void aWalkInSlicesSeesEachRowOnceAndEachThatIsDamaged() {
    LmdbTables tables = lmdb();
    Tables checked = kept(new CheckedTables(tables));
    for (String name : List.of("t", "u", "v")) {
      Table table = checked.open(name);
      for (int i = 0; i < 100; i++) {
        putOne(checked, table, "key" + i, VALUE.repeat(i));
      }
    }
    checked.open("empty");
    Table damaged = checked.open("u");
    putRaw(tables, damaged, "key42", new byte[11]);
    putRaw(tables, damaged, "key99", new byte[0]);
    List<String> found = new ArrayList<>();

    RowWalk walk = new RowWalk(tables, damage -> found.add(String.valueOf(damage.getMessage())));
    int steps = 1;
    while (walk.step(1000, Long.MAX_VALUE)) {
      steps++;
    }

    assertThat(steps).isGreaterThan(50);
    assertThat(walk.rows()).isEqualTo(300);
    assertThat(walk.rowsByTable()).containsOnlyKeys("t", "u", "v").containsEntry("u", 100L);
    assertThat(found).hasSize(2).allMatch(message -> message.contains("of table u"));
    assertThat(walk.step(1000, Long.MAX_VALUE)).isFalse();
  }

  @Test
  void aLongKeyIsToldByItsBeginning() {
    byte[] key = new byte[500];

    assertThat(new StorageException.DamagedRow("current", ByteBuffer.wrap(key)))
        .hasMessageContaining("00".repeat(64) + "… of table current")
        .hasMessageContaining("heartwood verify");
  }

  private static ByteBuffer wrapped(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void putOne(Tables tables, Table table, String key, String value) {
    try (TablesWriter writer = tables.write()) {
      writer.put(table, wrapped(key), wrapped(value));
      writer.commit();
    }
  }

  private static String get(Tables tables, Table table, String key) {
    try (TablesReader reader = tables.read()) {
      ByteBuffer value = Objects.requireNonNull(reader.get(table, wrapped(key)));
      return StandardCharsets.UTF_8.decode(value).toString();
    }
  }

  private static byte[] raw(Tables tables, Table table, String key) {
    try (TablesReader reader = tables.read()) {
      ByteBuffer row = Objects.requireNonNull(reader.get(table, wrapped(key)));
      byte[] copy = new byte[row.remaining()];
      row.get(copy);
      return copy;
    }
  }

  private static void putRaw(Tables tables, Table table, String key, byte[] row) {
    try (TablesWriter writer = tables.write()) {
      writer.put(table, wrapped(key), ByteBuffer.wrap(row));
      writer.commit();
    }
  }
}
