package heartwood.storage;

/**
 * How far the log has been applied to a state: stored with it, in the same transaction. Immutable.
 *
 * @param index of the last applied entry, or {@link #LOST}
 * @param term of that entry
 * @param revision of the last command applied
 * @param stamp milliseconds since 1970 of the last entry that had one; never decreases
 * @param digest rolling hash over every write set up to here
 * @param configuration bytes of the configuration in force at {@code index}
 */
public record Applied(
    long index, long term, long revision, long stamp, long digest, byte[] configuration) {
  /** The index of a state that was lost: a snapshot is to take its place. */
  public static final long LOST = -1;

  /** There is no state, though there was one. */
  public static Applied lost(byte[] configuration) {
    return new Applied(LOST, 0, 0, 0, 0, configuration);
  }

  public boolean isLost() {
    return index == LOST;
  }
}
