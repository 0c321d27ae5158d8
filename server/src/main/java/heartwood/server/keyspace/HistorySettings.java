package heartwood.server.keyspace;

import heartwood.storage.ReadTxn;
import heartwood.storage.Row;

/**
 * How much of the past is kept. Part of the state, so that all nodes forget alike. Immutable.
 *
 * <pre>
 *   01 │ 07   →   format 1 (1 byte) │ retention 8 │ most bytes 8
 * </pre>
 *
 * A state without the row has {@link #DEFAULT}.
 *
 * @param retentionMillis moments that are younger can be asked; 0: none, nothing is remembered
 * @param maxBytes of what was written since the oldest moment; when there are more, younger ones go
 *     too; 0: any number
 */
public record HistorySettings(long retentionMillis, long maxBytes) {
  public static final HistorySettings DEFAULT = new HistorySettings(24 * 3_600_000L, 10L << 30);

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
    int position = row.value().position();
    if (row.value().get(position) != FORMAT) {
      throw new IllegalStateException(
          "format of the history settings: " + row.value().get(position));
    }
    return new HistorySettings(
        row.value().getLong(position + 1), row.value().getLong(position + 9));
  }

  /** What the state says that a command sees. */
  public static HistorySettings of(Keyspace keyspace) {
    return read(keyspace.reads());
  }

  /** Makes the state say this. */
  public void write(Keyspace keyspace) {
    byte[] row = new byte[17];
    row[0] = FORMAT;
    KeyLayout.putLong(row, 1, retentionMillis);
    KeyLayout.putLong(row, 9, maxBytes);
    keyspace.putElement(rawKey(), row);
  }

  private static byte[] rawKey() {
    return KeyLayout.metaKey(KeyLayout.META_HISTORY_SETTINGS);
  }
}
