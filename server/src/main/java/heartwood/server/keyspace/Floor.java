package heartwood.server.keyspace;

import java.nio.ByteBuffer;

/**
 * From when on the past of a key, or of an object, can be asked: what was before is gone.
 * Immutable.
 *
 * <pre>
 *   43 │ directory key, or 03 │ object id 8   →   format 1 (1 byte) │ reason 1 │ revision 8 │
 *                                                 its stamp 8 │ purged revision 8
 * </pre>
 *
 * @param reason why it was raised so far
 * @param revision the first one that can be asked
 * @param purgedRevision up to where a purge had raised it, or 0: that part must leave the disk soon
 */
record Floor(FloorReason reason, long revision, long stampMillis, long purgedRevision) {
  private static final byte FORMAT = 1;

  /** One that stands in no row. */
  Floor(FloorReason reason, long revision, long stampMillis) {
    this(reason, revision, stampMillis, 0);
  }

  static Floor of(ByteBuffer row) {
    int position = row.position();
    if (row.get(position) != FORMAT) {
      throw new IllegalStateException("format of a floor's row: " + row.get(position));
    }
    return new Floor(
        FloorReason.of(row.get(position + 1)),
        row.getLong(position + 2),
        row.getLong(position + 10),
        row.getLong(position + 18));
  }

  byte[] encode() {
    byte[] row = new byte[26];
    row[0] = FORMAT;
    row[1] = reason.code();
    KeyLayout.putLong(row, 2, revision);
    KeyLayout.putLong(row, 10, stampMillis);
    KeyLayout.putLong(row, 18, purgedRevision);
    return row;
  }
}
