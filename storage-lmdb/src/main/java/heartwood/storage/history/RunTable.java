package heartwood.storage.history;

import heartwood.storage.StorageException;
import heartwood.storage.Table;
import heartwood.storage.TableCursor;
import heartwood.storage.TablesView;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The rows of a run's table, big endian:
 *
 * <pre>
 *   raw key … │ died 8      → a {@link Block} that begins with this version
 *   FF │ piece 2            → a piece of the {@link KeyFilter}: 4072 bytes, the last one fewer
 * </pre>
 *
 * <p>Raw keys do not begin with FF and none is the beginning of another, so the versions of a key
 * stand together, the earliest death first. Stateless.
 */
final class RunTable {
  private static final byte FILTER = (byte) 0xff;
  static final int DIED_BYTES = 8;
  static final int PIECE_BYTES = 4072;

  private RunTable() {}

  static byte[] blockKey(byte[] key, long died) {
    byte[] row = Arrays.copyOf(key, key.length + DIED_BYTES);
    ByteBuffer.wrap(row).putLong(key.length, died);
    return row;
  }

  static byte[] pieceKey(int piece) {
    return new byte[] {FILTER, (byte) (piece >>> 8), (byte) piece};
  }

  static boolean isBlock(ByteBuffer rowKey) {
    return rowKey.get(rowKey.position()) != FILTER;
  }

  static KeyFilter filter(TablesView view, Table table) {
    try (TableCursor cursor = view.cursor(table)) {
      ByteBuffer whole = ByteBuffer.allocate(PIECE_BYTES);
      int piece = 0;
      for (boolean on = cursor.seek(ByteBuffer.wrap(pieceKey(0))); on; on = cursor.next()) {
        if (!cursor.key().equals(ByteBuffer.wrap(pieceKey(piece++)))) {
          break;
        }
        ByteBuffer bytes = cursor.value();
        if (whole.remaining() < bytes.remaining()) {
          whole = ByteBuffer.allocate(2 * whole.capacity()).put(whole.flip());
        }
        whole.put(bytes);
      }
      if (whole.position() == 0) {
        throw new StorageException.Corrupt(table.name() + ": no filter (expected: at the end)");
      }
      return KeyFilter.of(whole.flip());
    }
  }
}
