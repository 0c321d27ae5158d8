package heartwood.storage;

import org.jspecify.annotations.Nullable;

/**
 * A view of the ordered rows of the state. Keys are compared as unsigned bytes and may have any
 * length from 1 to {@link Store#MAX_KEY_BYTES}; the first byte is below 80 (hexadecimal), and no
 * key is the beginning of another.
 *
 * <p>Confined to the thread that opened it.
 */
public interface ReadTxn {
  /**
   * The row under a key, or null. The row's buffer is valid until the next write or close of this
   * transaction.
   */
  @Nullable Row get(byte[] key);

  /**
   * The rows with {@code from <= key < to} in ascending order; an empty {@code from} or {@code to}
   * is no bound. The cursor must be closed before the transaction is written to or closed.
   */
  Cursor scan(byte[] from, byte[] to);

  /** The same rows in descending order. */
  Cursor scanReverse(byte[] from, byte[] to);
}
