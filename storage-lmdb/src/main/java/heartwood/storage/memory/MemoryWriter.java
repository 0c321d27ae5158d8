package heartwood.storage.memory;

import heartwood.storage.StorageException;
import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.Tables;
import heartwood.storage.TablesWriter;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes to copies of the tables it touches. Confined to one thread. */
final class MemoryWriter implements TablesWriter {
  private final MemoryTables tables;
  private final NavigableMap<String, NavigableMap<byte[], byte[]>> next;
  private final Set<String> copied = new HashSet<>();
  private boolean isClosed;

  MemoryWriter(MemoryTables tables) {
    this.tables = tables;
    this.next = new TreeMap<>(tables.image());
  }

  @Override
  public @Nullable ByteBuffer get(Table table, ByteBuffer key) {
    return MemoryReader.valueOf(rows(table), key);
  }

  @Override
  public TableCursor cursor(Table table) {
    return new MemoryCursor(rows(table));
  }

  @Override
  public void put(Table table, ByteBuffer key, ByteBuffer value) {
    int length = key.remaining();
    if (length < 1 || length > Tables.MAX_KEY_BYTES) {
      throw new StorageException("key: " + length + " bytes (expected: 1..511)");
    }
    ownRows(table).put(MemoryReader.bytes(key), MemoryReader.bytes(value));
  }

  @Override
  public void append(Table table, ByteBuffer key, ByteBuffer value) {
    NavigableMap<byte[], byte[]> rows = ownRows(table);
    if (!rows.isEmpty() && Arrays.compareUnsigned(rows.lastKey(), MemoryReader.bytes(key)) >= 0) {
      throw new StorageException("append to " + table.name() + ": key is not beyond the last one");
    }
    put(table, key, value);
  }

  @Override
  public boolean delete(Table table, ByteBuffer key) {
    return ownRows(table).remove(MemoryReader.bytes(key)) != null;
  }

  @Override
  public void clear(Table table) {
    ownRows(table).clear();
  }

  @Override
  public void commit() {
    rowsMayBeUsed();
    try {
      tables.commit(next);
    } finally {
      close();
    }
  }

  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      tables.writerClosed();
    }
  }

  private NavigableMap<byte[], byte[]> rows(Table table) {
    rowsMayBeUsed();
    return Objects.requireNonNull(next.get(table.name()));
  }

  private NavigableMap<byte[], byte[]> ownRows(Table table) {
    NavigableMap<byte[], byte[]> rows = rows(table);
    if (copied.add(table.name())) {
      rows = new TreeMap<>(rows);
      next.put(table.name(), rows);
    }
    return rows;
  }

  private void rowsMayBeUsed() {
    if (isClosed) {
      throw new IllegalStateException("the transaction is over");
    }
  }
}
