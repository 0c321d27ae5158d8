package heartwood.storage.version;

import java.nio.ByteBuffer;

/**
 * One of the ordered layers that a scan merges. Every move says whether it stands on a row; the row
 * may be a deletion, which hides the layers below. Confined to one thread.
 */
interface RowSource extends AutoCloseable {
  /** To the first row whose key is not below the one given; an empty key: the first row. */
  boolean seek(byte[] key);

  /** To the last row whose key is below the one given; an empty key: the last row. */
  boolean seekBefore(byte[] key);

  boolean next();

  boolean previous();

  ByteBuffer key();

  /**
   * Whether the layer has the row at the revision of the scan. One that has not says nothing about
   * the key, and is passed by whoever merges: a layer by itself would not know where to stop.
   */
  default boolean isVisible() {
    return true;
  }

  boolean isDeletion();

  long born();

  /** Read-only. */
  ByteBuffer value();

  @Override
  void close();
}
