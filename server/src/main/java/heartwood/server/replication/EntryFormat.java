package heartwood.server.replication;

import heartwood.raft.message.MalformedException;
import java.util.zip.CRC32C;

/**
 * The payload of a log entry: a batch of client commands under one stamp. Big endian. Stateless.
 *
 * <pre>
 *    0  format     1   1
 *    1  flags      1   1: keys whose time is over are swept after the commands
 *    2  group      2   Raft group; 0 today
 *    4  stamp      8   milliseconds since 1970 by the leader's clock
 *   12  seed       8   what the commands may draw randomness from
 *   20  count      4   commands that follow
 *   24  checksum   4   CRC-32C of bytes 0..23 and of the commands
 *   28  command…
 *
 *   command = id(2) flags(1) database(2) arguments        see {@code Arguments}
 * </pre>
 *
 * An entry without commands moves time and nothing else.
 */
public final class EntryFormat {
  public static final int HEADER_BYTES = 28;
  public static final int COMMAND_HEADER_BYTES = 5;

  /** Sweep keys whose time is over. */
  public static final int SWEEP = 1;

  private static final byte FORMAT = 1;
  private static final int STAMP_OFFSET = 4;
  private static final int SEED_OFFSET = 12;
  private static final int COUNT_OFFSET = 20;
  private static final int CHECKSUM_OFFSET = 24;

  private EntryFormat() {}

  /** Fills in the header of a payload whose commands already stand behind it. */
  public static void seal(
      byte[] payload, int flags, long stampMillis, long seed, int commandCount) {
    payload[0] = FORMAT;
    payload[1] = (byte) flags;
    Bytes.putLong(payload, STAMP_OFFSET, stampMillis);
    Bytes.putLong(payload, SEED_OFFSET, seed);
    Bytes.putInt(payload, COUNT_OFFSET, commandCount);
    Bytes.putInt(payload, CHECKSUM_OFFSET, checksum(payload));
  }

  /** Throws unless the payload is whole and of this format. */
  public static void requireIntact(byte[] payload) {
    if (payload.length < HEADER_BYTES || payload[0] != FORMAT) {
      throw new MalformedException("entry format: not 1");
    }
    if (Bytes.getInt(payload, CHECKSUM_OFFSET) != checksum(payload)) {
      throw new MalformedException("entry checksum does not hold");
    }
  }

  public static boolean isSweep(byte[] payload) {
    return (payload[1] & SWEEP) != 0;
  }

  public static long stampMillis(byte[] payload) {
    return Bytes.getLong(payload, STAMP_OFFSET);
  }

  public static long seed(byte[] payload) {
    return Bytes.getLong(payload, SEED_OFFSET);
  }

  public static int commandCount(byte[] payload) {
    return Bytes.getInt(payload, COUNT_OFFSET);
  }

  /** Writes what precedes a command's arguments; returns the offset behind it. */
  public static int putCommandHeader(byte[] target, int offset, int commandId, int database) {
    Bytes.putShort(target, offset, commandId);
    target[offset + 2] = 0;
    Bytes.putShort(target, offset + 3, database);
    return offset + COMMAND_HEADER_BYTES;
  }

  public static int commandId(byte[] source, int offset) {
    return Bytes.getShort(source, offset);
  }

  public static int database(byte[] source, int offset) {
    return Bytes.getShort(source, offset + 3);
  }

  private static int checksum(byte[] payload) {
    CRC32C crc = new CRC32C();
    crc.update(payload, 0, CHECKSUM_OFFSET);
    crc.update(payload, HEADER_BYTES, payload.length - HEADER_BYTES);
    return (int) crc.getValue();
  }
}
