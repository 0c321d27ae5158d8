package heartwood.storage.version;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.storage.KeyRange;
import heartwood.storage.TableCursor;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class TableSourceTest {
  private static final int ROWS = 200;
  private static final long OLD = 7;
  private static final long YOUNG = 8;

  @Test
  void whatIsTooYoungIsNotPassedOverBeyondTheRange() {
    Rows rows = new Rows();
    TableSource source =
        new TableSource(rows, OLD, new KeyRange(new byte[] {90}, new byte[] {100}));

    assertThat(source.seek(new byte[] {90})).isFalse();
    assertThat(source.seekBefore(new byte[] {100})).isFalse();

    assertThat(rows.moves).isLessThan(30);
  }

  /** A table with a row for each of the keys 0 to 199, all of them too young. */
  private static final class Rows implements TableCursor {
    private int at;
    private int moves;

    private boolean move(int to) {
      at = to;
      moves++;
      return to >= 0 && to < ROWS;
    }

    @Override
    public boolean first() {
      return move(0);
    }

    @Override
    public boolean last() {
      return move(ROWS - 1);
    }

    @Override
    public boolean seek(ByteBuffer key) {
      return move(key.get(0) & 0xff);
    }

    @Override
    public boolean seekBefore(ByteBuffer key) {
      return move((key.get(0) & 0xff) - 1);
    }

    @Override
    public boolean next() {
      return move(at + 1);
    }

    @Override
    public boolean previous() {
      return move(at - 1);
    }

    @Override
    public ByteBuffer key() {
      return ByteBuffer.wrap(new byte[] {(byte) at});
    }

    @Override
    public ByteBuffer value() {
      return ByteBuffer.allocate(Long.BYTES).putLong(0, YOUNG);
    }

    @Override
    public void close() {}
  }
}
