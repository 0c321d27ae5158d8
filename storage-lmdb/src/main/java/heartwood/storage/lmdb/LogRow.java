package heartwood.storage.lmdb;

import heartwood.raft.log.LogException;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.storage.Hash64;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * An entry as it lies in the table {@code log-<group>}, under its index (8 bytes, big endian).
 *
 * <pre>
 *   0         1      2      4         8        16       24
 *   +---------+------+------+---------+--------+--------+-----------
 *   | version | kind |  0   | CRC-32C | term   | chain  | payload ...      big endian
 *   +---------+------+------+---------+--------+--------+-----------
 *
 *   CRC-32C   of key, bytes 0..3, term, chain, payload
 *   chain(i)  = hash(mix(mix(chain(i-1), index), term * 256 + kind), payload)     {@link Hash64}
 *   chain of the base: what it was in the row when the entry was there; mix(index, term) after a reset
 * </pre>
 *
 * <p>The checksum finds an entry that is damaged; the chain finds one that is whole but does not
 * belong behind the one before it, such as a page of an older write. Stateless.
 */
final class LogRow {
  static final byte VERSION = 1;
  static final int HEADER_BYTES = 24;

  /** Key and header, contiguous: what the checksum covers before the payload, CRC left out. */
  private static final int COVERED_BYTES = 8 + HEADER_BYTES - 4;

  private LogRow() {}

  static long chain(long previous, LogEntry entry) {
    long place = Hash64.mix(previous, entry.index());
    return Hash64.hash(
        Hash64.mix(place, entry.term() * 256 + entry.kind().code()), entry.payload());
  }

  /** Chain of the base of a log that knows nothing of the entries before it. */
  static long chainOfReset(long index, long term) {
    return Hash64.mix(index, term);
  }

  static int sizeOf(LogEntry entry) {
    return HEADER_BYTES + entry.payload().length;
  }

  static void encode(LogEntry entry, long chain, ByteBuffer target) {
    target
        .put(VERSION)
        .put(entry.kind().code())
        .putShort((short) 0)
        .putInt(crc(entry.index(), entry.kind().code(), entry.term(), chain, entry.payload()))
        .putLong(entry.term())
        .putLong(chain)
        .put(entry.payload());
  }

  /** Checks everything but the chain's agreement with the entry before. */
  static LogEntry decode(long index, ByteBuffer row) {
    if (row.remaining() < HEADER_BYTES) {
      throw corrupt(index, row.remaining() + " bytes (expected: 24 or more)");
    }
    int at = row.position();
    byte version = row.get(at);
    byte kind = row.get(at + 1);
    int crc = row.getInt(at + 4);
    long term = row.getLong(at + 8);
    long chain = row.getLong(at + 16);
    byte[] payload = new byte[row.remaining() - HEADER_BYTES];
    row.get(at + HEADER_BYTES, payload);
    if (version != VERSION) {
      throw new LogException("entry " + index + ": format version " + version + " (expected: 1)");
    }
    if (row.getShort(at + 2) != 0 || crc != crc(index, kind, term, chain, payload)) {
      throw corrupt(index, "checksum does not hold");
    }
    return new LogEntry(index, term, EntryKind.of(kind), payload);
  }

  static long chainOf(ByteBuffer row) {
    return row.getLong(row.position() + 16);
  }

  static LogException.Corrupt corrupt(long index, String complaint) {
    return new LogException.Corrupt("entry " + index + ": " + complaint, index);
  }

  private static int crc(long index, byte kind, long term, long chain, byte[] payload) {
    byte[] covered = new byte[COVERED_BYTES];
    ByteBuffer.wrap(covered)
        .putLong(index)
        .put(VERSION)
        .put(kind)
        .putShort((short) 0)
        .putLong(term)
        .putLong(chain);
    CRC32C crc = new CRC32C();
    crc.update(covered, 0, COVERED_BYTES);
    crc.update(payload, 0, payload.length);
    return (int) crc.getValue();
  }
}
