package heartwood.storage;

import java.nio.ByteBuffer;

/**
 * What a store must know of rows that it does not understand. Stateless; called on the apply thread
 * and the checkpoint thread.
 */
public interface RowKinds {
  /** Whether earlier versions of the row are kept. */
  boolean hasPast(byte[] key);

  /** Whether changes of the row appear in {@link Past#changes}. */
  boolean isListed(byte[] key);

  /**
   * The first byte of rows that are floors. What stands behind it is the beginning of the keys that
   * such a row speaks of: their versions that died by its floor are in no moment that may be asked,
   * and leave the disk. No key goes on with a zero byte behind that beginning, and the rows
   * themselves have no past.
   */
  byte floors();

  /** The floor that a row says: a revision, not above the one that wrote the row. */
  long floorOf(ByteBuffer value);

  /**
   * Up to which revision, at most that of the floor, what a row covers must leave the disk soon;
   * the rest may stay until runs are merged for their own sake. 0 if nothing must.
   */
  long urgentFloorOf(ByteBuffer value);
}
