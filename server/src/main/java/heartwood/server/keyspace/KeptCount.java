package heartwood.server.keyspace;

import heartwood.storage.ReadTxn;
import heartwood.storage.Row;
import heartwood.storage.WriteTxn;

/**
 * A number beside the rows: as it is in the revision under way, as it was at the last commit, and
 * as the state has it. Stored as {@code format(1) value(8)}. Confined to the keyspace's thread.
 */
final class KeptCount {
  private static final byte FORMAT = 1;

  private long now;
  private long kept;
  private long stored;

  KeptCount(long value) {
    set(value);
  }

  /** Takes up what the state says, or another number where it says nothing. */
  void read(ReadTxn txn, byte counter, long otherwise) {
    Row row = txn.get(KeyLayout.counterKey(counter));
    set(row == null ? otherwise : row.value().getLong(row.value().position() + 1));
  }

  /** Takes up a number that is committed and stored. */
  void set(long value) {
    now = value;
    kept = value;
    stored = value;
  }

  long now() {
    return now;
  }

  /** As it was at the last commit. */
  long kept() {
    return kept;
  }

  void add(long more) {
    now += more;
  }

  /** Returns it and adds one. */
  long next() {
    return now++;
  }

  /** At a commit. */
  void keep() {
    kept = now;
  }

  /** What was done since the last commit is undone. */
  void discard() {
    now = kept;
  }

  /** Writes it if the state says something else. */
  void write(WriteTxn txn, byte counter) {
    if (now == stored) {
      return;
    }
    byte[] row = new byte[9];
    row[0] = FORMAT;
    KeyLayout.putLong(row, 1, now);
    txn.put(KeyLayout.counterKey(counter), row);
    stored = now;
  }
}
