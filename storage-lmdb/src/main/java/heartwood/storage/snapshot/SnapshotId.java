package heartwood.storage.snapshot;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * Which snapshot: a pull that was cut goes on only with the same one. Immutable.
 *
 * @param index of the last entry applied to it (Raft §7: lastIncludedIndex)
 * @param term of that entry
 * @param lengthBytes of the file
 * @param sha256 of the file, or its first bytes, as many as travelled
 */
public record SnapshotId(long index, long term, long lengthBytes, byte[] sha256) {
  @Override
  public boolean equals(Object other) {
    return other instanceof SnapshotId that
        && index == that.index
        && term == that.term
        && lengthBytes == that.lengthBytes
        && Arrays.equals(sha256, that.sha256);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sha256);
  }

  @Override
  public String toString() {
    String digest = HexFormat.of().formatHex(sha256, 0, Math.min(8, sha256.length));
    return index + "/" + term + " " + lengthBytes + "B " + digest;
  }
}
