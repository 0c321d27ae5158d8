package heartwood.storage.history;

import heartwood.storage.Hash64;
import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.TablesReader;
import heartwood.storage.TablesWriter;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Where to put the versions that died in a checkpoint: what each form costs to write, in CPU and
 * bytes, and to ask, over random keys and over one hot key.
 *
 * <pre>
 *   HistoryBenchmark DIR [checkpoints] [versions in a checkpoint]
 *
 *   none     current alone: what a checkpoint costs without a past
 *   rows     one table, each version under (raw key, died)
 *   runs     a table per checkpoint, each version a row of its own, appended; eight merged into one
 *   blocks   the same with versions packed into blocks of a page: {@link Run}
 * </pre>
 */
final class HistoryBenchmark {
  private static final int KEYS = 1_000_000;
  private static final int VALUE_BYTES = 100;
  private static final int FAN_IN = 8;
  private static final int LOOKUPS = 20_000;
  private static final byte[] NO_KEY = new byte[0];

  private final String form;
  private final Path directory;
  private final LmdbTables tables;
  private final Table current;
  private final List<Table> slots = new ArrayList<>();
  private final SplittableRandom random = new SplittableRandom(1);
  private final boolean isHot;

  /** Youngest last. */
  private final List<Live> live = new ArrayList<>();

  private long revision = KEYS;
  private long versions;
  private long checkpointNanos;
  private long mergeNanos;

  private record Live(Table table, KeyFilter filter, int level, long toRevision) {}

  /** A write of the checkpoint: the revision in which each key is written, in order. */
  private record Write(byte[] key, long[] born) {}

  private HistoryBenchmark(String form, Path parent, boolean isHot) throws IOException {
    this.form = form;
    this.isHot = isHot;
    this.directory = Files.createTempDirectory(parent, form);
    this.tables = LmdbTables.open(directory, LmdbOptions.forState());
    this.current = tables.open("current");
    for (int i = 0; i < 40; i++) {
      slots.add(tables.open("history-" + i));
    }
    load();
  }

  public static void main(String[] args) throws IOException {
    Path parent = Path.of(args[0]);
    int checkpoints = args.length > 1 ? Integer.parseInt(args[1]) : 16;
    int rows = args.length > 2 ? Integer.parseInt(args[2]) : 200_000;
    for (boolean hot : new boolean[] {false, true}) {
      List<HistoryBenchmark> forms = new ArrayList<>();
      for (String form : List.of("none", "rows", "runs", "blocks")) {
        forms.add(new HistoryBenchmark(form, parent, hot));
      }
      for (int i = 0; i < checkpoints; i++) {
        for (HistoryBenchmark each : forms) {
          each.checkpoint(rows);
        }
      }
      System.out.println(hot ? "one hot key" : "random keys of " + KEYS);
      for (HistoryBenchmark each : forms) {
        each.report();
        each.tables.close();
      }
    }
  }

  private void load() {
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      keys.add(key(i));
    }
    keys.sort(Arrays::compareUnsigned);
    try (TablesWriter writer = tables.write()) {
      for (byte[] key : keys) {
        writer.put(current, ByteBuffer.wrap(key), row(1));
      }
      writer.commit();
    }
  }

  private void checkpoint(int rows) {
    List<Write> writes = isHot ? hotWrites(rows) : randomWrites(rows);
    long fromRevision = revision;
    revision += rows;
    long began = cpuNanos();
    try (TablesWriter writer = tables.write()) {
      Table slot = form.equals("rows") ? slots.get(0) : freeSlot();
      RunWriter run = new RunWriter(slot, writer);
      List<Long> hashes = new ArrayList<>();
      for (Write write : writes) {
        ByteBuffer key = ByteBuffer.wrap(write.key);
        if (!form.equals("none")) {
          ByteBuffer old = writer.get(current, key);
          if (old == null) {
            throw new AssertionError("missing");
          }
          long born = old.getLong(old.position());
          ByteBuffer value = old.slice(8, old.remaining() - 8);
          for (long died : write.born) {
            if (form.equals("blocks")) {
              run.add(write.key, born, died, value);
            } else {
              byte[] rowKey = RunTable.blockKey(write.key, died);
              ByteBuffer row = ByteBuffer.allocate(8 + VALUE_BYTES).putLong(born);
              row.put(value.duplicate()).flip();
              if (form.equals("rows")) {
                writer.put(slot, ByteBuffer.wrap(rowKey), row);
              } else {
                writer.append(slot, ByteBuffer.wrap(rowKey), row);
              }
            }
            born = died;
            value = ByteBuffer.allocate(VALUE_BYTES);
          }
          if (form.equals("runs")) {
            hashes.add(Hash64.hash(0, write.key));
          }
        }
        writer.put(current, key, row(write.born[write.born.length - 1]));
      }
      if (form.equals("blocks")) {
        live.add(new Live(slot, run.finish(), 0, revision));
      } else if (form.equals("runs")) {
        live.add(new Live(slot, filter(hashes), 0, revision));
      }
      writer.commit();
    }
    versions += rows;
    checkpointNanos += cpuNanos() - began;
    if (fromRevision > 0) {
      began = cpuNanos();
      maybeMerge();
      mergeNanos += cpuNanos() - began;
    }
  }

  private static KeyFilter filter(List<Long> hashes) {
    KeyFilter filter = new KeyFilter(hashes.size());
    hashes.forEach(filter::add);
    return filter;
  }

  private void maybeMerge() {
    int count = live.size();
    if (count < FAN_IN) {
      return;
    }
    List<Live> youngest = live.subList(count - FAN_IN, count);
    int level = youngest.get(0).level;
    if (!youngest.stream().allMatch(each -> each.level == level)) {
      return;
    }
    Table target = freeSlot();
    List<Table> sources = new ArrayList<>();
    youngest.forEach(each -> sources.add(each.table));
    long toRevision = youngest.get(FAN_IN - 1).toRevision;
    KeyFilter filter =
        form.equals("blocks") ? mergeBlocks(sources, target) : mergeRows(sources, target);
    youngest.clear();
    live.add(new Live(target, filter, level + 1, toRevision));
  }

  private KeyFilter mergeBlocks(List<Table> sources, Table target) {
    RunMerge merge = null;
    for (; ; ) {
      try (TablesWriter writer = tables.write()) {
        if (merge == null) {
          merge = new RunMerge(sources, target, 0, FloorSource.NONE, writer);
        }
        boolean isDone = merge.step(writer, 8 << 20);
        KeyFilter filter = null;
        if (isDone) {
          filter = merge.target().finish();
          sources.forEach(writer::clear);
        }
        writer.commit();
        if (filter != null) {
          return filter;
        }
      }
    }
  }

  private KeyFilter mergeRows(List<Table> sources, Table target) {
    List<Long> hashes = new ArrayList<>();
    try (TablesWriter writer = tables.write()) {
      List<TableCursor> cursors = new ArrayList<>();
      List<ByteBuffer> keys = new ArrayList<>();
      for (Table source : sources) {
        TableCursor cursor = writer.cursor(source);
        if (cursor.first()) {
          cursors.add(cursor);
          keys.add(cursor.key());
        }
      }
      byte[] last = NO_KEY;
      while (!cursors.isEmpty()) {
        int least = 0;
        for (int i = 1; i < cursors.size(); i++) {
          if (unsigned(keys.get(i), keys.get(least)) < 0) {
            least = i;
          }
        }
        TableCursor cursor = cursors.get(least);
        ByteBuffer rowKey = keys.get(least);
        writer.append(target, rowKey, cursor.value());
        byte[] key = new byte[rowKey.remaining() - 8];
        rowKey.get(rowKey.position(), key);
        if (!Arrays.equals(key, last)) {
          hashes.add(Hash64.hash(0, key));
          last = key;
        }
        if (cursor.next()) {
          keys.set(least, cursor.key());
        } else {
          cursors.remove(least).close();
          keys.remove(least);
        }
      }
      sources.forEach(writer::clear);
      writer.commit();
    }
    return filter(hashes);
  }

  private static int unsigned(ByteBuffer a, ByteBuffer b) {
    int at = a.mismatch(b);
    return at < 0 ? 0 : (a.get(a.position() + at) & 0xff) - (b.get(b.position() + at) & 0xff);
  }

  private Table freeSlot() {
    for (Table slot : slots) {
      if (live.stream().noneMatch(each -> each.table == slot)) {
        return slot;
      }
    }
    throw new AssertionError("no slot is free");
  }

  private List<Write> hotWrites(int rows) {
    long[] born = new long[rows];
    Arrays.setAll(born, i -> revision + 1 + i);
    return List.of(new Write(key(0), born));
  }

  private List<Write> randomWrites(int rows) {
    long[] order = new long[rows];
    for (int i = 0; i < rows; i++) {
      order[i] = (long) random.nextInt(KEYS) << 32 | i;
    }
    Arrays.sort(order);
    List<Write> writes = new ArrayList<>();
    for (int i = 0; i < rows; ) {
      int to = i;
      while (to < rows && order[to] >>> 32 == order[i] >>> 32) {
        to++;
      }
      long[] born = new long[to - i];
      for (int j = i; j < to; j++) {
        born[j - i] = revision + 1 + (int) order[j];
      }
      writes.add(new Write(key((int) (order[i] >>> 32)), born));
      i = to;
    }
    writes.sort(Comparator.comparing(Write::key, Arrays::compareUnsigned));
    return writes;
  }

  private void report() throws IOException {
    long fileBytes = Files.size(directory.resolve("data.mdb"));
    System.out.printf(
        Locale.ROOT,
        "  %-7s checkpoint %6.2f us, merge %5.2f us of CPU a version; file %4d MB, %d runs",
        form,
        checkpointNanos / 1000.0 / versions,
        mergeNanos / 1000.0 / versions,
        fileBytes >> 20,
        live.size());
    if (!form.equals("none")) {
      for (int round = 0; round < 2; round++) {
        lookups();
      }
      double nanos = lookups();
      System.out.printf(
          Locale.ROOT, "; as-of %5.2f us, get of now %5.2f us", nanos / 1000, gets() / 1000);
    }
    System.out.println();
  }

  private double gets() {
    try (TablesReader reader = tables.read()) {
      long began = cpuNanos();
      for (int i = 0; i < LOOKUPS; i++) {
        if (reader.get(current, ByteBuffer.wrap(key(isHot ? 0 : random.nextInt(KEYS)))) == null) {
          throw new AssertionError();
        }
      }
      return (double) (cpuNanos() - began) / LOOKUPS;
    }
  }

  /** What a key was at a revision: all of them exist from the first on. */
  private double lookups() {
    try (TablesReader reader = tables.read()) {
      TableCursor rows = reader.cursor(slots.get(0));
      List<TableCursor> cursors = new ArrayList<>();
      List<RunCursor> runs = new ArrayList<>();
      for (Live each : live) {
        cursors.add(reader.cursor(each.table));
        runs.add(new RunCursor(reader.cursor(each.table)));
      }
      long began = cpuNanos();
      for (int i = 0; i < LOOKUPS; i++) {
        byte[] key = key(isHot ? 0 : random.nextInt(KEYS));
        long at = KEYS + random.nextLong(revision - KEYS);
        ByteBuffer now = Objects.requireNonNull(reader.get(current, ByteBuffer.wrap(key)));
        if (now.getLong(now.position()) <= at) {
          continue;
        }
        boolean found =
            switch (form) {
              case "rows" -> rows.seek(ByteBuffer.wrap(RunTable.blockKey(key, at + 1)));
              default -> findInRuns(cursors, runs, key, at);
            };
        if (!found) {
          throw new AssertionError("missing");
        }
      }
      double nanos = (double) (cpuNanos() - began) / LOOKUPS;
      rows.close();
      cursors.forEach(TableCursor::close);
      runs.forEach(RunCursor::close);
      return nanos;
    }
  }

  private boolean findInRuns(List<TableCursor> cursors, List<RunCursor> runs, byte[] key, long at) {
    long hash = Hash64.hash(0, key);
    for (int i = 0; i < live.size(); i++) {
      Live each = live.get(i);
      if (each.toRevision <= at || !each.filter.mayHold(hash)) {
        continue;
      }
      if (form.equals("blocks")) {
        RunCursor run = runs.get(i);
        if (run.seek(key, at + 1) && run.version().compareTo(key) == 0) {
          return true;
        }
      } else {
        TableCursor cursor = cursors.get(i);
        if (cursor.seek(ByteBuffer.wrap(RunTable.blockKey(key, at + 1)))) {
          ByteBuffer found = cursor.key();
          if (found.slice(found.position(), found.remaining() - 8).equals(ByteBuffer.wrap(key))) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** table(1) namespace(4) slot(2) hash(8) key, as the directory's rows. */
  private static byte[] key(int key) {
    long hash = Hash64.mix(key, 7);
    return ByteBuffer.allocate(15 + 16 + 2)
        .put((byte) 2)
        .putInt(1)
        .putShort((short) (hash & 0x3fff))
        .putLong(hash)
        .putLong(0x6b65793a6b65793aL)
        .putLong(key)
        .array();
  }

  private static ByteBuffer row(long born) {
    return ByteBuffer.allocate(8 + VALUE_BYTES).putLong(0, born);
  }

  /** What the thread has used of a processor: other programs on the machine do not count. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
