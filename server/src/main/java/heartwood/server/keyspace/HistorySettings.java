package heartwood.server.keyspace;

import static java.nio.charset.StandardCharsets.UTF_8;

import heartwood.storage.ReadTxn;
import heartwood.storage.Row;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * How much of the past is kept. Part of the state, so that all nodes forget alike. Immutable.
 *
 * <pre>
 *   01 │ 07   →   format 1 (1 byte) │ retention 8 │ most bytes 8 │ most versions 8,
 *                 then for each pattern: length 2 │ pattern
 * </pre>
 *
 * A state without the row has {@link #DEFAULT}.
 *
 * @param retentionMillis moments that are younger can be asked; 0: none, nothing is remembered
 * @param maxBytes of what was written since the oldest moment; when there are more, younger ones go
 *     too; 0: any number
 * @param maxVersionsPerKey of one key, the present one included; 0: any number
 * @param excludePatterns keys that match one of these globs are not remembered, from the revision
 *     on that says so
 */
public record HistorySettings(
    long retentionMillis, long maxBytes, long maxVersionsPerKey, List<String> excludePatterns) {
  public static final HistorySettings DEFAULT =
      new HistorySettings(24 * 3_600_000L, 10L << 30, 0, List.of());

  /** A pattern has at most so many bytes. */
  public static final int MAX_PATTERN_BYTES = 1024;

  /** A write looks back over as many versions as are kept. */
  public static final int MAX_VERSIONS_PER_KEY = 10_000;

  private static final byte FORMAT = 1;

  /** Whether nothing is remembered. */
  public boolean isOff() {
    return retentionMillis == 0;
  }

  /** What a state says. */
  public static HistorySettings read(ReadTxn txn) {
    Row row = txn.get(rawKey());
    if (row == null) {
      return DEFAULT;
    }
    ByteBuffer value = row.value().duplicate();
    byte format = value.get();
    if (format != FORMAT) {
      throw new IllegalStateException("format of the history settings: " + format);
    }
    long retentionMillis = value.getLong();
    long maxBytes = value.getLong();
    long maxVersionsPerKey = value.getLong();
    List<String> patterns = new ArrayList<>();
    while (value.hasRemaining()) {
      byte[] pattern = new byte[value.getShort()];
      value.get(pattern);
      patterns.add(new String(pattern, UTF_8));
    }
    return new HistorySettings(retentionMillis, maxBytes, maxVersionsPerKey, List.copyOf(patterns));
  }

  /** What the state says that a command sees. */
  public static HistorySettings of(Keyspace keyspace) {
    return read(keyspace.reads());
  }

  /**
   * Makes the state say this.
   *
   * @return false, and nothing was done, if the patterns were changed too often of late: what they
   *     were is kept until the horizon has passed
   */
  public boolean write(Keyspace keyspace) {
    List<byte[]> patterns = excludePatterns.stream().map(each -> each.getBytes(UTF_8)).toList();
    Exclusions exclusions =
        keyspace
            .exclusions()
            .with(
                patterns,
                keyspace.context().revision(),
                keyspace.nextObjectId(),
                keyspace.past().horizon());
    if (exclusions == null) {
      return false;
    }
    int bytes = patterns.stream().mapToInt(each -> 2 + each.length).sum();
    ByteBuffer row = ByteBuffer.allocate(25 + bytes).put(FORMAT);
    row.putLong(retentionMillis).putLong(maxBytes).putLong(maxVersionsPerKey);
    patterns.forEach(each -> row.putShort((short) each.length).put(each));
    keyspace.putRow(rawKey(), row.array());
    exclusions.write(keyspace);
    keyspace.setHistory(this, exclusions);
    return true;
  }

  private static byte[] rawKey() {
    return KeyLayout.metaKey(KeyLayout.META_HISTORY_SETTINGS);
  }
}
