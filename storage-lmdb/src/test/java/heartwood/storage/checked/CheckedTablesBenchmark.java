package heartwood.storage.checked;

import heartwood.storage.Hash64;
import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.Tables;
import heartwood.storage.TablesReader;
import heartwood.storage.TablesWriter;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * What the check of a row costs: point reads and scans of a million rows of about 140 bytes, as
 * they lie and checked, by turns; medians of CPU time.
 *
 * <pre>
 *   CheckedTablesBenchmark DIR [rounds]
 * </pre>
 */
final class CheckedTablesBenchmark {
  private static final int KEYS = 1_000_000;
  private static final int GETS = 200_000;
  private static final int SHORT_SCANS = 20_000;
  private static final int SHORT_SCAN_ROWS = 10;
  private static final int VALUE_BYTES = 108;

  private final Tables tables;
  private final Tables checked;
  private final Table table;
  private final byte[] reply = new byte[256];
  private final SplittableRandom random = new SplittableRandom(1);

  private CheckedTablesBenchmark(Tables tables) {
    this.tables = tables;
    this.checked = new CheckedTables(tables);
    this.table = tables.open("current");
  }

  public static void main(String[] args) throws IOException {
    Path directory = Files.createTempDirectory(Path.of(args[0]), "bench");
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 15;
    try (LmdbTables tables = LmdbTables.open(directory, LmdbOptions.forState())) {
      CheckedTablesBenchmark benchmark = new CheckedTablesBenchmark(tables);
      benchmark.load();
      benchmark.compare("get", rounds, GETS, benchmark::gets);
      benchmark.compare("scan of 10 rows", rounds, SHORT_SCANS, benchmark::shortScans);
      benchmark.compare("scan of all, by the row", rounds, KEYS, benchmark::scan);
      benchmark.walk(rounds);
    }
  }

  private void load() {
    for (int from = 0; from < KEYS; from += KEYS / 10) {
      try (TablesWriter writer = checked.write()) {
        for (int i = from; i < from + KEYS / 10; i++) {
          writer.put(table, key(i), ByteBuffer.allocate(VALUE_BYTES).putLong(0, i));
        }
        writer.commit();
      }
    }
  }

  private interface Work {
    void on(TablesReader reader);
  }

  private void compare(String what, int rounds, int count, Work work) {
    double[] plain = new double[rounds];
    double[] withCheck = new double[rounds];
    for (int i = -3; i < rounds; i++) { // Three to warm up.
      double first = nanos(tables, work) / count;
      double second = nanos(checked, work) / count;
      if (i >= 0) {
        plain[i] = first;
        withCheck[i] = second;
      }
    }
    System.out.printf(
        "%-26s as it lies %,7.0f ns   checked %,7.0f ns%n", what, median(plain), median(withCheck));
  }

  private static double nanos(Tables read, Work work) {
    try (TablesReader reader = read.read()) {
      return cpuNanos(() -> work.on(reader));
    }
  }

  private void gets(TablesReader reader) {
    for (int i = 0; i < GETS; i++) {
      ByteBuffer value = reader.get(table, key(random.nextInt(KEYS)));
      if (value == null) {
        throw new AssertionError("missing");
      }
      copy(value);
    }
  }

  private void shortScans(TablesReader reader) {
    for (int i = 0; i < SHORT_SCANS; i++) {
      try (TableCursor cursor = reader.cursor(table)) {
        boolean isOn = cursor.seek(key(random.nextInt(KEYS)));
        for (int row = 0; isOn && row < SHORT_SCAN_ROWS; row++) {
          look(cursor);
          isOn = cursor.next();
        }
      }
    }
  }

  private void scan(TablesReader reader) {
    try (TableCursor cursor = reader.cursor(table)) {
      for (boolean isOn = cursor.first(); isOn; isOn = cursor.next()) {
        look(cursor);
      }
    }
  }

  /** As a merge of layers does: the key, and then the value. */
  private void look(TableCursor cursor) {
    copy(cursor.key());
    copy(cursor.value());
  }

  /** As a reply does. */
  private void copy(ByteBuffer bytes) {
    bytes.get(bytes.position(), reply, 0, bytes.remaining());
  }

  private void walk(int rounds) {
    double[] seconds = new double[rounds];
    long bytes = 0;
    for (int i = 0; i < rounds; i++) {
      RowWalk walk =
          new RowWalk(
              tables,
              damage -> {
                throw damage;
              });
      seconds[i] =
          cpuNanos(
                  () -> {
                    while (walk.step(Long.MAX_VALUE, Long.MAX_VALUE)) {}
                  })
              / 1e9;
      bytes = walk.bytes();
    }
    System.out.printf(
        "walk over all              %,.0f MB/s, %,.0f ns a row%n",
        bytes / median(seconds) / 1e6, median(seconds) * 1e9 / KEYS);
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  /** What the thread has used of a processor: other programs on the machine do not count. */
  private static double cpuNanos(Runnable work) {
    long began = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    work.run();
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - began;
  }

  private static ByteBuffer key(int key) {
    long hash = Hash64.mix(key, 7);
    return ByteBuffer.allocate(32)
        .putInt(1)
        .putShort((short) hash)
        .putLong(hash)
        .putInt(key)
        .rewind();
  }
}
