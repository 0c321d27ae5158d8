package heartwood.storage.memory;

import heartwood.storage.TableCursor;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/** Walks over sorted rows. Confined to one thread. */
final class MemoryCursor implements TableCursor {
  private final NavigableMap<byte[], byte[]> rows;
  private Map.@Nullable Entry<byte[], byte[]> row;

  MemoryCursor(NavigableMap<byte[], byte[]> rows) {
    this.rows = rows;
  }

  @Override
  public boolean first() {
    return stand(rows.firstEntry());
  }

  @Override
  public boolean last() {
    return stand(rows.lastEntry());
  }

  @Override
  public boolean seek(ByteBuffer key) {
    return stand(rows.ceilingEntry(MemoryReader.bytes(key)));
  }

  @Override
  public boolean seekBefore(ByteBuffer key) {
    return stand(rows.lowerEntry(MemoryReader.bytes(key)));
  }

  @Override
  public boolean next() {
    return stand(rows.higherEntry(row().getKey()));
  }

  @Override
  public boolean previous() {
    return stand(rows.lowerEntry(row().getKey()));
  }

  @Override
  public ByteBuffer key() {
    return ByteBuffer.wrap(row().getKey()).asReadOnlyBuffer();
  }

  @Override
  public ByteBuffer value() {
    return ByteBuffer.wrap(row().getValue()).asReadOnlyBuffer();
  }

  @Override
  public void close() {
    row = null;
  }

  private boolean stand(Map.@Nullable Entry<byte[], byte[]> found) {
    row = found;
    return found != null;
  }

  private Map.Entry<byte[], byte[]> row() {
    if (row == null) {
      throw new IllegalStateException("the cursor stands on no row");
    }
    return row;
  }
}
