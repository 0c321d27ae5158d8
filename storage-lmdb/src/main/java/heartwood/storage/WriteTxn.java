package heartwood.storage;

/**
 * The writes of one revision: seen by its own reads at once, by others after {@link #commit()}.
 * Closing without commit discards them all, as if the command had never run.
 */
public interface WriteTxn extends ReadTxn, AutoCloseable {
  /** The revision under which the rows are born. */
  long revision();

  /** Neither array may be changed by the caller afterwards. A second put of a key replaces it. */
  void put(byte[] key, byte[] value);

  /** Does nothing when the key has no row. The array may not be changed afterwards. */
  void delete(byte[] key);

  /**
   * Puts as {@link #put(byte[], byte[])} does, with a choice: whether what the row was can be asked
   * for afterwards. Where the revision has written the row before, that has chosen.
   */
  void put(byte[] key, byte[] value, boolean isFormerKept);

  /** Deletes as {@link #delete(byte[])} does, with the same choice. */
  void delete(byte[] key, boolean isFormerKept);

  /**
   * Deletes a row for the past as well: nothing that can still be asked refers to it, and no change
   * is listed. Does nothing when the key has no row. The array may not be changed afterwards.
   */
  void forget(byte[] key);

  void commit();

  /** Discards what was not committed. */
  @Override
  void close();
}
