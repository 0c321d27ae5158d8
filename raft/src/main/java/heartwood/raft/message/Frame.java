package heartwood.raft.message;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The envelope of everything that crosses a peer connection, big endian.
 *
 * <pre>
 *    0  length     4   bytes behind this field, at most {@link #MAX_FRAME_BYTES}
 *    4  magic      2   "HW"
 *    6  version    1   1
 *    7  kind       1   what the body is
 *    8  cluster    8   cluster id
 *   16  from       4   node id of the sender
 *   20  group      2   Raft group; 0 today
 *   22  reserved   2   0
 *   24  checksum   4   CRC-32C of bytes 4..23 and the body
 *   28  body
 * </pre>
 *
 * A frame that differs in magic, version, cluster or checksum is never interpreted: its connection
 * is closed. What is longer than a frame travels in fragments.
 *
 * @param body from position to limit; valid as long as the buffer that was decoded
 */
public record Frame(byte kind, NodeId from, int group, ByteBuffer body) {
  public static final int HEADER_BYTES = 28;
  public static final int MAX_BODY_BYTES = 1 << 20;
  public static final int MAX_FRAME_BYTES = HEADER_BYTES - 4 + MAX_BODY_BYTES;

  private static final short MAGIC = 0x4857;
  private static final byte VERSION = 1;
  private static final int CHECKSUM_OFFSET = 24;

  /**
   * Fills in the header of a frame whose body already stands behind it.
   *
   * @param frame from position, where the header goes, to limit, where the body ends
   */
  public static void seal(ByteBuffer frame, byte kind, long clusterId, NodeId from) {
    int start = frame.position();
    frame.putInt(start, frame.remaining() - 4);
    frame.putShort(start + 4, MAGIC);
    frame.put(start + 6, VERSION);
    frame.put(start + 7, kind);
    frame.putLong(start + 8, clusterId);
    frame.putInt(start + 16, from.number());
    frame.putInt(start + 20, 0);
    frame.putInt(start + CHECKSUM_OFFSET, checksum(frame));
  }

  /**
   * How many bytes the frame at the source's position takes; 0 when even that is not there yet.
   *
   * @throws MalformedException when no frame can begin like this
   */
  public static int frameBytes(ByteBuffer source) {
    if (source.remaining() < 4) {
      return 0;
    }
    int length = source.getInt(source.position());
    if (length < HEADER_BYTES - 4 || length > MAX_FRAME_BYTES) {
      throw new MalformedException(
          "frame length: " + length + " (expected: 24.." + MAX_FRAME_BYTES + ")");
    }
    if (source.remaining() >= 7) {
      requireHead(source);
    }
    return 4 + length;
  }

  /**
   * Opens the frame that fills the source from position to limit.
   *
   * @param clusterId what the frame must belong to
   */
  public static Frame open(ByteBuffer source, long clusterId) {
    int start = source.position();
    requireHead(source);
    if (source.getInt(start + CHECKSUM_OFFSET) != checksum(source)) {
      throw new MalformedException("frame checksum does not hold");
    }
    if (source.getLong(start + 8) != clusterId) {
      throw new MalformedException(
          "frame of cluster "
              + Long.toHexString(source.getLong(start + 8))
              + " (expected: "
              + Long.toHexString(clusterId)
              + ")");
    }
    int from = source.getInt(start + 16);
    if (from < 1) {
      throw new MalformedException("frame from node: " + from + " (expected: 1 or more)");
    }
    ByteBuffer body = source.duplicate();
    body.position(start + HEADER_BYTES);
    return new Frame(
        source.get(start + 7), new NodeId(from), source.getShort(start + 20), body.slice());
  }

  private static void requireHead(ByteBuffer source) {
    int start = source.position();
    if (source.getShort(start + 4) != MAGIC) {
      throw new MalformedException("frame magic: not a peer of Heartwood");
    }
    if (source.get(start + 6) != VERSION) {
      throw new MalformedException(
          "frame version: " + source.get(start + 6) + " (expected: " + VERSION + ")");
    }
  }

  private static int checksum(ByteBuffer frame) {
    CRC32C crc = new CRC32C();
    ByteBuffer part = frame.duplicate();
    int start = frame.position();
    part.limit(start + CHECKSUM_OFFSET).position(start + 4);
    crc.update(part);
    part.limit(frame.limit()).position(start + HEADER_BYTES);
    crc.update(part);
    return (int) crc.getValue();
  }

  /** Two frames are never compared. */
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
