package heartwood.storage;

import java.nio.ByteBuffer;

/**
 * The write transaction: sees its own writes; closed without commit it has never been. Writes in
 * key order are much cheaper than others. Confined to the thread that began it.
 */
public interface TablesWriter extends TablesView {
  /**
   * Replaces what stands under the key. The buffers are read before this returns and do not move.
   *
   * @throws StorageException.Full when there is no room
   */
  void put(Table table, ByteBuffer key, ByteBuffer value);

  /**
   * Puts behind the last row of the table, cheaper than {@link #put} and in fuller pages.
   *
   * @throws StorageException when the key is not greater than the last one
   */
  void append(Table table, ByteBuffer key, ByteBuffer value);

  /** True when there was a row. */
  boolean delete(Table table, ByteBuffer key);

  /** Removes all rows of a table, at a cost far below deleting them one by one. */
  void clear(Table table);

  /**
   * Makes all of it visible and durable. After an exception it is not known whether it is, and the
   * process must not go on writing.
   */
  void commit();

  default void put(Table table, byte[] key, byte[] value) {
    put(table, ByteBuffer.wrap(key), ByteBuffer.wrap(value));
  }
}
