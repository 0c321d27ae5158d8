package heartwood.storage;

import java.nio.ByteBuffer;

/**
 * The keys of a scan. Where rows are passed over because they are not seen, it says where to stop:
 * behind the range there may be millions of them.
 *
 * @param from the lowest key, included; empty: no bound
 * @param to the highest key, excluded; empty: no bound
 */
public record KeyRange(byte[] from, byte[] to) {
  /** All keys. */
  public static final KeyRange ALL = new KeyRange(new byte[0], new byte[0]);

  /** Whether a walk in a direction that stands on a key has not left the range behind. */
  public boolean isAhead(ByteBuffer key, boolean isForward) {
    return isForward
        ? to.length == 0 || compare(key, to) < 0
        : from.length == 0 || compare(key, from) >= 0;
  }

  private static int compare(ByteBuffer key, byte[] bound) {
    int position = key.position();
    int length = Math.min(key.remaining(), bound.length);
    for (int i = 0; i < length; i++) {
      int order = (key.get(position + i) & 0xff) - (bound[i] & 0xff);
      if (order != 0) {
        return order;
      }
    }
    return key.remaining() - bound.length;
  }
}
