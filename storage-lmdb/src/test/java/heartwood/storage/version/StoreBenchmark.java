package heartwood.storage.version;

import heartwood.storage.Applied;
import heartwood.storage.Cursor;
import heartwood.storage.Hash64;
import heartwood.storage.ReadTxn;
import heartwood.storage.TestKinds;
import heartwood.storage.WriteTxn;
import heartwood.storage.lmdb.LmdbOptions;
import heartwood.storage.lmdb.LmdbTables;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * What the hot path costs: GET and SET of 100-byte values under random keys among a million, with
 * the raw keys of directory rows; and what a checkpoint costs by the row.
 *
 * <pre>
 *   StoreBenchmark DIR [rows in a checkpoint]
 * </pre>
 */
final class StoreBenchmark {
  private static final int KEYS = 1_000_000;
  private static final int VALUE_BYTES = 100;

  private final VersionedStore store;
  private final SplittableRandom random = new SplittableRandom(1);
  private long revision;
  private long index;

  private StoreBenchmark(VersionedStore store) {
    this.store = store;
  }

  public static void main(String[] args) throws IOException {
    Path directory = Files.createTempDirectory(Path.of(args[0]), "bench");
    LmdbTables tables = LmdbTables.open(directory, LmdbOptions.forState());
    // Checkpoints come when this program asks for them.
    VersionedStore store =
        VersionedStore.openStepped(tables, TestKinds.KINDS, 8L << 30, () -> Long.MAX_VALUE);
    StoreBenchmark benchmark = new StoreBenchmark(store);
    benchmark.load();
    int checkpointRows = args.length > 1 ? Integer.parseInt(args[1]) : 200_000;
    for (int round = 0; round < 4; round++) {
      benchmark.run(checkpointRows);
    }
    store.close();
  }

  private void load() {
    long began = cpuNanos();
    for (int key = 0; key < KEYS; key++) {
      set(key, true);
    }
    report("load: put", began, KEYS);
    began = cpuNanos();
    checkpoint();
    report("load: checkpoint", began, KEYS);
  }

  private void run(int checkpointRows) {
    long began = cpuNanos();
    for (int i = 0; i < checkpointRows; i++) {
      get(random.nextInt(KEYS));
    }
    report("get, all rows in the tables", began, checkpointRows);

    began = cpuNanos();
    for (int i = 0; i < checkpointRows; i++) {
      set(random.nextInt(KEYS), false);
    }
    report("get+put in one transaction (SET), overlay filling", began, checkpointRows);
    System.out.printf(
        "  overlay: %d rows, %d bytes a row%n",
        checkpointRows, store.overlayBytes() / checkpointRows);

    began = cpuNanos();
    for (int i = 0; i < checkpointRows; i++) {
      get(random.nextInt(KEYS));
    }
    report("get, overlay full", began, checkpointRows);

    began = cpuNanos();
    for (int i = 0; i < checkpointRows; i++) {
      set(random.nextInt(KEYS), true);
    }
    report("put alone, overlay full", began, checkpointRows);

    began = cpuNanos();
    long rows = 0;
    try (Cursor cursor = store.read().scan(new byte[0], new byte[0])) {
      while (cursor.next()) {
        rows += cursor.value().remaining() > 0 ? 1 : 0;
      }
    }
    report("scan, merged", began, rows);

    began = cpuNanos();
    for (int i = 0; i < 100_000; i++) {
      byte[] from = key(random.nextInt(KEYS));
      try (Cursor cursor = store.read().scan(from, new byte[0])) {
        cursor.next();
      }
    }
    report("scan of one row", began, 100_000);

    began = cpuNanos();
    checkpoint();
    report("checkpoint, by random row set", began, 2L * checkpointRows);
    hash();
  }

  private void checkpoint() {
    index++;
    store.applied(new Applied(index, 1, revision, index, store.digest(), new byte[0]));
    store.checkpoint();
  }

  private void get(int key) {
    ReadTxn txn = store.read();
    if (txn.get(key(key)) == null) {
      throw new AssertionError("missing: " + key);
    }
  }

  private void set(int key, boolean blind) {
    byte[] raw = key(key);
    byte[] value = new byte[VALUE_BYTES];
    ByteBuffer.wrap(value).putLong(revision);
    try (WriteTxn txn = store.write(++revision)) {
      if (!blind) {
        txn.get(raw);
      }
      txn.put(raw, value);
      txn.commit();
    }
  }

  /** namespace(4) slot(2) hash(8) key, as the directory's rows. */
  private static byte[] key(int key) {
    long hash = Hash64.mix(key, 7);
    byte[] raw = new byte[14 + 16 + 2];
    ByteBuffer.wrap(raw)
        .putInt(1)
        .putShort((short) (hash & 0x3fff))
        .putLong(hash)
        .putInt(0x6b65793a)
        .putInt(key);
    return raw;
  }

  private static void hash() {
    byte[] row = new byte[100];
    long sum = 0;
    long began = cpuNanos();
    for (int i = 0; i < 5_000_000; i++) {
      row[i % 100]++;
      sum += Hash64.hash(i, row);
    }
    report("hash of 100 bytes (" + (sum & 1) + ")", began, 5_000_000);
  }

  /** What the thread has used of a processor: other programs on the machine do not count. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static void report(String what, long began, long count) {
    double nanos = (double) (cpuNanos() - began) / count;
    System.out.printf("%-52s %,9.0f ns of CPU each%n", what, nanos);
  }
}
