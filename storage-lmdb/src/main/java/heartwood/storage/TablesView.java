package heartwood.storage;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What readers and writers can both do. Confined to one thread at a time. */
public interface TablesView extends AutoCloseable {
  /**
   * The value under a key, or null: a read-only buffer, big endian, of the caller's own. Its bytes
   * are the store's and hold until this view is renewed, written to or closed. The key's position
   * does not move.
   *
   * @throws StorageException.Corrupt when the tables cannot be read
   */
  @Nullable ByteBuffer get(Table table, ByteBuffer key);

  /** A walk over a table, standing nowhere. Must be closed before this view is. */
  TableCursor cursor(Table table);

  @Override
  void close();
}
