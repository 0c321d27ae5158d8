package heartwood.storage.snapshot;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which snapshot: a pull that was cut goes on only with the same one. Immutable.
 *
 * @param node that staged it
 * @param index of the last entry applied to it (Raft §7: lastIncludedIndex)
 * @param term of that entry
 * @param lengthBytes of the file
 * @param sha256 of the file, or its first bytes, as many as travelled
 */
public record SnapshotId(int node, long index, long term, long lengthBytes, byte[] sha256) {
  private static final Pattern LINE =
      Pattern.compile("1 (\\d{1,9}) (\\d{1,18}) (\\d{1,18}) (\\d{1,18}) ((?:[0-9a-f]{2}){1,32})\n");

  @Override
  public boolean equals(Object other) {
    return other instanceof SnapshotId that
        && node == that.node
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
    return index + "/" + term + " of n" + node + " " + lengthBytes + "B " + digest;
  }

  /** One line, in which {@link #parse} finds it again. */
  String line() {
    return "1 %d %d %d %d %s\n"
        .formatted(node, index, term, lengthBytes, HexFormat.of().formatHex(sha256));
  }

  /** Null: the line was written by a later version, or not to its end. */
  static @Nullable SnapshotId parse(String line) {
    Matcher matcher = LINE.matcher(line);
    return matcher.matches()
        ? new SnapshotId(
            Integer.parseInt(matcher.group(1)),
            Long.parseLong(matcher.group(2)),
            Long.parseLong(matcher.group(3)),
            Long.parseLong(matcher.group(4)),
            HexFormat.of().parseHex(matcher.group(5)))
        : null;
  }
}
