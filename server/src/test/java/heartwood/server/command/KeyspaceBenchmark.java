package heartwood.server.command;

import static java.util.Objects.requireNonNull;

import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;
import heartwood.server.keyspace.CommandContext;
import heartwood.server.keyspace.Keyspace;
import heartwood.storage.Cursor;
import heartwood.storage.Row;
import heartwood.storage.WriteTxn;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * What a command costs above the store: 100-byte values, keys drawn from 10 000, a hash map for a
 * store. Prints nanoseconds of CPU and bytes of garbage per command; the line "store alone" is to
 * be taken off. Run the main method from the test class path.
 */
final class KeyspaceBenchmark {
  private static final int KEYS = 10_000;
  private static final int ROUNDS = 6;
  private static final int PER_ROUND = 2_000_000;

  private static final byte[] VALUE = new byte[100];

  private static final CommandTable TABLE = new CommandTable();

  static {
    DataCommands.register(TABLE);
  }

  private final HashTxn txn = new HashTxn();
  private final Keyspace keyspace = new Keyspace();
  private final CommandExecutor executor = new CommandExecutor(keyspace);
  private final NullSink sink = new NullSink();
  private final int[] order = new Random(1).ints(PER_ROUND, 0, KEYS).toArray();
  private long revision;

  public static void main(String[] args) {
    new KeyspaceBenchmark().run();
  }

  private void run() {
    Keyspace.initialize(txn, new byte[16], Keyspace.DEFAULT_DATABASES);
    keyspace.load(txn);
    byte[][] keys = new byte[KEYS][];
    byte[][] fields = new byte[KEYS][];
    for (int i = 0; i < KEYS; i++) {
      keys[i] = String.format("key:%012d", i).getBytes(StandardCharsets.US_ASCII);
      fields[i] = ("f" + i).getBytes(StandardCharsets.US_ASCII);
    }
    byte[] name = {'x'};
    Arguments[] sets = arguments(i -> Arguments.of(name, keys[i], VALUE));
    Arguments[] gets = arguments(i -> Arguments.of(name, keys[i]));
    byte[] hash = "hash".getBytes(StandardCharsets.US_ASCII);
    Arguments[] hsets = arguments(i -> Arguments.of(name, hash, fields[i], VALUE));
    Arguments[] hgets = arguments(i -> Arguments.of(name, hash, fields[i]));
    byte[][] rawKeys = new byte[KEYS][];
    for (int i = 0; i < KEYS; i++) {
      rawKeys[i] = Arrays.copyOf(keys[i], keys[i].length + 17);
    }

    for (int round = 0; round < ROUNDS; round++) {
      measure("SET", i -> write("set", sets[i]));
      measure("GET", i -> read("get", gets[i]));
      measure("HSET", i -> write("hset", hsets[i]));
      measure("HGET", i -> read("hget", hgets[i]));
      measure("store alone, get + put", i -> storeWrite(rawKeys[i]));
      measure("store alone, get", i -> txn.get(rawKeys[i]));
    }
  }

  private interface Step {
    void run(int key);
  }

  private interface Maker {
    Arguments make(int key);
  }

  private static Arguments[] arguments(Maker maker) {
    Arguments[] all = new Arguments[KEYS];
    for (int i = 0; i < KEYS; i++) {
      all[i] = maker.make(i);
    }
    return all;
  }

  private void write(String command, Arguments args) {
    revision++;
    executor.write(
        commandNamed(command), args, 0, txn, new CommandContext(1_000, 7, revision), sink);
  }

  private void read(String command, Arguments args) {
    executor.read(
        commandNamed(command), args, 0, txn, new CommandContext(1_000, 7, revision), sink);
  }

  private final Map<String, KeyspaceCommand> commands = new HashMap<>();

  private KeyspaceCommand commandNamed(String command) {
    return commands.computeIfAbsent(
        command, name -> requireNonNull(TABLE.named(name)).keyspaceCommand());
  }

  private void storeWrite(byte[] rawKey) {
    txn.get(rawKey);
    txn.put(rawKey, Arrays.copyOf(VALUE, 102));
    txn.commit();
    txn.close();
  }

  private void measure(String name, Step step) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    long allocatedBefore = threads.getThreadAllocatedBytes(thread);
    long before = threads.getCurrentThreadCpuTime();
    for (int key : order) {
      step.run(key);
    }
    long nanos = threads.getCurrentThreadCpuTime() - before;
    long allocated = threads.getThreadAllocatedBytes(thread) - allocatedBefore;
    System.out.printf(
        Locale.ROOT,
        "%-24s %6d ns %6d bytes%n",
        name,
        nanos / order.length,
        allocated / order.length);
  }

  /** A store that can do no more than the commands measured here need. */
  private static final class HashTxn implements WriteTxn {
    private final Map<Key, byte[]> rows = new HashMap<>();

    private record Key(byte[] bytes) {
      @Override
      public boolean equals(@Nullable Object other) {
        return other instanceof Key key && Arrays.equals(bytes, key.bytes);
      }

      @Override
      public int hashCode() {
        return Arrays.hashCode(bytes);
      }
    }

    @Override
    public long revision() {
      return 1;
    }

    @Override
    public void put(byte[] key, byte[] value) {
      rows.put(new Key(key), value);
    }

    @Override
    public void delete(byte[] key) {
      rows.remove(new Key(key));
    }

    @Override
    public void put(byte[] key, byte[] value, boolean isFormerKept) {
      put(key, value);
    }

    @Override
    public void delete(byte[] key, boolean isFormerKept) {
      delete(key);
    }

    @Override
    public void forget(byte[] key) {
      delete(key);
    }

    @Override
    public void commit() {}

    @Override
    public void close() {}

    @Override
    public @Nullable Row get(byte[] key) {
      byte[] value = rows.get(new Key(key));
      return value == null ? null : new Row(1, ByteBuffer.wrap(value));
    }

    @Override
    public Cursor scan(byte[] from, byte[] to) {
      return new Cursor() {
        @Override
        public boolean next() {
          return false;
        }

        @Override
        public ByteBuffer key() {
          throw new IllegalStateException();
        }

        @Override
        public ByteBuffer value() {
          throw new IllegalStateException();
        }

        @Override
        public long born() {
          return 1;
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public Cursor scanReverse(byte[] from, byte[] to) {
      return scan(from, to);
    }
  }

  /** Adds up what it is told, so that nothing is optimized away. */
  private static final class NullSink implements ReplySink {
    private long sum;

    @Override
    public RespVersion version() {
      return RespVersion.RESP3;
    }

    @Override
    public void simpleString(String text) {
      sum += text.length();
    }

    @Override
    public void error(String message) {
      throw new AssertionError(message);
    }

    @Override
    public void integer(long value) {
      sum += value;
    }

    @Override
    public void bulk(byte[] value) {
      sum += value.length;
    }

    @Override
    public void bulk(byte[] value, int offset, int length) {
      sum += length;
    }

    @Override
    public void bulk(ByteBuffer value) {
      sum += value.remaining();
    }

    @Override
    public void bulk(String value) {
      sum += value.length();
    }

    @Override
    public void nullBulk() {
      sum++;
    }

    @Override
    public void nullArray() {
      sum++;
    }

    @Override
    public void array(int count) {
      sum += count;
    }

    @Override
    public void map(int pairCount) {
      sum += pairCount;
    }

    @Override
    public void set(int count) {
      sum += count;
    }

    @Override
    public void push(int count) {
      sum += count;
    }

    @Override
    public void doubleValue(double value) {
      sum++;
    }

    @Override
    public void bool(boolean value) {
      sum++;
    }

    @Override
    public void bigNumber(String digits) {
      sum++;
    }

    @Override
    public void verbatim(String format, String text) {
      sum++;
    }

    @Override
    public long mark() {
      return sum;
    }

    @Override
    public void rollback(long mark) {
      sum = mark;
    }
  }
}
