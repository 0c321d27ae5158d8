package heartwood.storage;

/**
 * What a store must know of rows that it does not understand. Stateless; called on the apply thread
 * and the checkpoint thread.
 */
public interface RowKinds {
  /** Whether earlier versions of the row are kept. */
  boolean hasPast(byte[] key);

  /** Whether changes of the row appear in {@link Past#changes}. */
  boolean isListed(byte[] key);
}
