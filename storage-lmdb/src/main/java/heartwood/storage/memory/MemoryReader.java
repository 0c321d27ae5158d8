package heartwood.storage.memory;

import heartwood.storage.StorageException;
import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.TablesReader;
import java.nio.ByteBuffer;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/** Reads one image of the tables. Confined to one thread at a time. */
final class MemoryReader implements TablesReader {
  private final MemoryTables tables;
  private NavigableMap<String, NavigableMap<byte[], byte[]>> image;
  private boolean isClosed;

  MemoryReader(MemoryTables tables) {
    this.tables = tables;
    this.image = tables.image();
  }

  @Override
  public @Nullable ByteBuffer get(Table table, ByteBuffer key) {
    return valueOf(rows(table), key);
  }

  @Override
  public TableCursor cursor(Table table) {
    return new MemoryCursor(rows(table));
  }

  @Override
  public void renew() {
    image = tables.image();
  }

  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      tables.readerClosed();
    }
  }

  private NavigableMap<byte[], byte[]> rows(Table table) {
    NavigableMap<byte[], byte[]> rows = image.get(table.name());
    if (isClosed || rows == null) {
      throw new StorageException("table " + table.name() + ": closed or unknown to this reader");
    }
    return rows;
  }

  static @Nullable ByteBuffer valueOf(NavigableMap<byte[], byte[]> rows, ByteBuffer key) {
    byte[] value = rows.get(bytes(key));
    return value == null ? null : ByteBuffer.wrap(value).asReadOnlyBuffer();
  }

  static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }
}
