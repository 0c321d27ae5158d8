package heartwood.server.keyspace;

import java.nio.ByteBuffer;

/**
 * From when on the past of a key, or of an object, can be asked: what was before is purged.
 * Immutable.
 *
 * <pre>
 *   43 │ directory key, or 03 │ object id 8   →   format 1 (1 byte) │ revision 8 │ its stamp 8
 * </pre>
 *
 * @param revision the first one that can be asked
 */
record Floor(long revision, long stampMillis) {
  private static final byte FORMAT = 1;

  static Floor of(ByteBuffer row) {
    int position = row.position();
    if (row.get(position) != FORMAT) {
      throw new IllegalStateException("format of a floor's row: " + row.get(position));
    }
    return new Floor(row.getLong(position + 1), row.getLong(position + 9));
  }

  byte[] encode() {
    byte[] row = new byte[17];
    row[0] = FORMAT;
    KeyLayout.putLong(row, 1, revision);
    KeyLayout.putLong(row, 9, stampMillis);
    return row;
  }
}
