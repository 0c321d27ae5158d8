package heartwood.storage;

import java.nio.ByteBuffer;

/**
 * A walk over the rows of one table. Every move says whether it stands on a row; buffers are
 * read-only and hold until the next move. Confined to the thread of its transaction.
 */
public interface TableCursor extends AutoCloseable {
  boolean first();

  boolean last();

  /** To the first row whose key is not below the one given. */
  boolean seek(ByteBuffer key);

  /** To the last row whose key is below the one given. */
  boolean seekBefore(ByteBuffer key);

  /** To the row behind; only while standing on one. */
  boolean next();

  /** To the row before; only while standing on one. */
  boolean previous();

  ByteBuffer key();

  ByteBuffer value();

  @Override
  void close();
}
