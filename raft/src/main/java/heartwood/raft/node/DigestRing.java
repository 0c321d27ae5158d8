package heartwood.raft.node;

import java.util.OptionalLong;

/**
 * What a state came to at each of the last indexes it has applied: index and rolling digest.
 * Thread-safe: the state machine puts, the raft loop looks.
 */
public final class DigestRing {
  /** More than are applied while a question and its answers travel. */
  private static final int CAPACITY = 1 << 14;

  private final long[] digests = new long[CAPACITY];
  private long firstIndex;
  private long lastIndex;

  /** The state has applied the next index; another than the next begins anew. */
  public synchronized void put(long index, long digest) {
    if (index != lastIndex + 1) {
      firstIndex = index;
    }
    lastIndex = index;
    digests[slot(index)] = digest;
    firstIndex = Math.max(firstIndex, index - CAPACITY + 1);
  }

  /** The last index that was put; 0 when none was. */
  public synchronized long lastIndex() {
    return lastIndex;
  }

  /** Empty: not applied yet, or too long ago. */
  public synchronized OptionalLong at(long index) {
    return index < firstIndex || index > lastIndex || index < 1
        ? OptionalLong.empty()
        : OptionalLong.of(digests[slot(index)]);
  }

  private static int slot(long index) {
    return (int) (index & (CAPACITY - 1));
  }
}
