package heartwood.server.keyspace;

import static java.util.Objects.requireNonNull;

import heartwood.storage.Applied;
import heartwood.storage.Cursor;
import heartwood.storage.Past;
import heartwood.storage.ReadTxn;
import heartwood.storage.Row;
import heartwood.storage.Store;
import heartwood.storage.WriteTxn;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A store of one sorted map, as strict as the port allows: what was read is overwritten with
 * rubbish by the next write, and a write under an open cursor fails.
 */
public final class MapStore implements Store {
  record Version(long born, byte[] value) {}

  private record Undo(
      byte[] key, @Nullable Version version, boolean isFormerKept, boolean isListed) {}

  private final NavigableMap<byte[], Version> rows = new TreeMap<>(Arrays::compareUnsigned);
  private final MapPast past = new MapPast(this::lend);
  private final Deque<Undo> undo = new ArrayDeque<>();
  private final List<byte[]> lent = new ArrayList<>();
  private @Nullable List<String> recorded;
  private int openCursors;
  private long reads;
  private Applied applied = new Applied(0, 0, 0, 0, 0, new byte[0]);

  /** All rows, as text, to compare states. */
  public List<String> dump() {
    List<String> dump = new ArrayList<>();
    rows.forEach(
        (key, version) -> dump.add(hex(key) + " " + version.born + " " + hex(version.value)));
    return dump;
  }

  /** From now on adds every put and delete to a list, discarded ones included. */
  public void recordWrites(List<String> writes) {
    recorded = writes;
  }

  /** A store with the rows of this one as they are now: the past, later on. */
  public MapStore copy() {
    MapStore copy = new MapStore();
    copy.rows.putAll(rows);
    return copy;
  }

  /** How many rows were asked for so far, and how many steps cursors have made. */
  public long reads() {
    return reads;
  }

  /** How many rows begin with a byte. */
  public long rowsOf(byte table) {
    return rows.keySet().stream().filter(key -> key[0] == table).count();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Override
  public WriteTxn write(long revision, int operation) {
    return new MapTxn(revision, operation);
  }

  @Override
  public ReadTxn read() {
    return new MapTxn(0, 0);
  }

  @Override
  public Past past() {
    return past;
  }

  @Override
  public void raiseHorizon(long revision) {
    past.raiseHorizon(revision);
  }

  @Override
  public Applied applied() {
    return applied;
  }

  @Override
  public Applied durable() {
    return applied;
  }

  @Override
  public long digest() {
    return 0;
  }

  @Override
  public void applied(Applied newApplied) {
    applied = newApplied;
    past.applied(newApplied);
  }

  @Override
  public void close() {}

  private ByteBuffer lend(byte[] bytes) {
    byte[] copy = bytes.clone();
    lent.add(copy);
    return ByteBuffer.wrap(copy).asReadOnlyBuffer();
  }

  private final class MapTxn implements WriteTxn {
    private final long revision;
    private final int operation;
    private boolean isCommitted;

    MapTxn(long revision, int operation) {
      this.revision = revision;
      this.operation = operation;
    }

    @Override
    public long revision() {
      return revision;
    }

    @Override
    public @Nullable Row get(byte[] key) {
      reads++;
      Version version = rows.get(key);
      return version == null ? null : new Row(version.born, lend(version.value));
    }

    @Override
    public Cursor scan(byte[] from, byte[] to) {
      return new MapCursor(rows.subMap(from, true, to, false));
    }

    @Override
    public Cursor scanReverse(byte[] from, byte[] to) {
      return new MapCursor(rows.subMap(from, true, to, false).descendingMap());
    }

    @Override
    public void put(byte[] key, byte[] value) {
      put(key, value, true);
    }

    @Override
    public void put(byte[] key, byte[] value, boolean isFormerKept) {
      if (key.length > MAX_KEY_BYTES) {
        throw new IllegalArgumentException("key: " + key.length + " bytes");
      }
      beforeWrite();
      record("put", key, value);
      undo.push(new Undo(key, rows.put(key, new Version(revision, value)), isFormerKept, true));
    }

    @Override
    public void delete(byte[] key) {
      remove(key, true, true);
    }

    @Override
    public void delete(byte[] key, boolean isFormerKept) {
      remove(key, isFormerKept, true);
    }

    @Override
    public void forget(byte[] key) {
      remove(key, true, false); // Here it stays: who asks for it would be found out elsewhere.
    }

    private void remove(byte[] key, boolean isFormerKept, boolean isListed) {
      beforeWrite();
      record("delete", key, new byte[0]);
      undo.push(new Undo(key, rows.remove(key), isFormerKept, isListed));
    }

    private void record(String action, byte[] key, byte[] value) {
      if (recorded != null) {
        recorded.add(revision + " " + action + " " + hex(key) + " " + hex(value));
      }
    }

    private void beforeWrite() {
      if (openCursors > 0) {
        throw new IllegalStateException("a write under an open cursor");
      }
      lent.forEach(each -> Arrays.fill(each, (byte) 0x55));
      lent.clear();
    }

    @Override
    public void commit() {
      isCommitted = true;
      for (Undo each : undo) {
        if (each.isListed) {
          past.record(revision, operation, each.key, rows.get(each.key));
        }
      }
      for (Iterator<Undo> each = undo.descendingIterator(); each.hasNext(); ) {
        Undo first = each.next(); // Of a row that was written twice, the first one says.
        if (first.version != null && first.version.born < revision && !first.isFormerKept) {
          past.erase(first.key, first.version.born);
        }
      }
      undo.clear();
    }

    @Override
    public void close() {
      beforeWrite();
      while (!isCommitted && !undo.isEmpty()) {
        Undo last = undo.pop();
        if (last.version == null) {
          rows.remove(last.key);
        } else {
          rows.put(last.key, last.version);
        }
      }
      undo.clear();
    }
  }

  private final class MapCursor implements Cursor {
    private final Iterator<Map.Entry<byte[], Version>> iterator;
    private @Nullable ByteBuffer key;
    private @Nullable ByteBuffer value;
    private long born;

    MapCursor(NavigableMap<byte[], Version> range) {
      iterator = range.entrySet().iterator();
      openCursors++;
    }

    @Override
    public boolean next() {
      reads++;
      if (!iterator.hasNext()) {
        return false;
      }
      Map.Entry<byte[], Version> row = iterator.next();
      key = lend(row.getKey());
      value = lend(row.getValue().value);
      born = row.getValue().born;
      return true;
    }

    @Override
    public ByteBuffer key() {
      return requireNonNull(key);
    }

    @Override
    public ByteBuffer value() {
      return requireNonNull(value);
    }

    @Override
    public long born() {
      return born;
    }

    @Override
    public void close() {
      openCursors--;
    }
  }
}
