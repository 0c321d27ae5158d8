package heartwood.storage.version;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.storage.Cursor;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a scan costs where layers hold much that is not seen. */
class MergeCursorTest {
  /** Keys 0 to 126 of one byte, of which one is visible; counts its moves. */
  private static final class Layer implements RowSource {
    private final int visible;
    private int at;
    private int moves;

    Layer(int visible) {
      this.visible = visible;
    }

    @Override
    public boolean seek(byte[] key) {
      at = key.length == 0 ? 0 : key[0];
      return true;
    }

    @Override
    public boolean seekBefore(byte[] key) {
      at = key.length == 0 ? 126 : key[0] - 1;
      return at >= 0;
    }

    @Override
    public boolean next() {
      moves++;
      return ++at <= 126;
    }

    @Override
    public boolean previous() {
      moves++;
      return --at >= 0;
    }

    @Override
    public boolean isVisible() {
      return at == visible;
    }

    @Override
    public ByteBuffer key() {
      return ByteBuffer.wrap(new byte[] {(byte) at});
    }

    @Override
    public boolean isDeletion() {
      return false;
    }

    @Override
    public long born() {
      return 1;
    }

    @Override
    public ByteBuffer value() {
      return key();
    }

    @Override
    public void close() {}
  }

  @Test
  void aScanPassesNoMoreThanItsRange() {
    Layer upper = new Layer(100);
    Layer lower = new Layer(42);
    try (Cursor cursor = scan(upper, lower, 40, 45, true)) {
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.key().get(0)).isEqualTo((byte) 42);
      assertThat(cursor.next()).isFalse();
    }
    assertThat(upper.moves).isEqualTo(5);
    assertThat(lower.moves).isEqualTo(5);
  }

  @Test
  void aPageEndsWhereItsLastRowIsWhateverLiesBehind() {
    Layer upper = new Layer(126);
    Layer lower = new Layer(2);
    try (Cursor cursor = scan(upper, lower, 0, 127, true)) {
      assertThat(cursor.next()).isTrue();
    }
    assertThat(upper.moves).isLessThan(5);
  }

  @Test
  void backwardsToo() {
    Layer upper = new Layer(1);
    Layer lower = new Layer(42);
    try (Cursor cursor = scan(upper, lower, 40, 45, false)) {
      assertThat(cursor.next()).isTrue();
      assertThat(cursor.next()).isFalse();
    }
    assertThat(upper.moves).isEqualTo(5);
  }

  private static Cursor scan(Layer upper, Layer lower, int from, int to, boolean isForward) {
    return new MergeCursor(
        List.of(upper, lower),
        new byte[] {(byte) from},
        new byte[] {(byte) to},
        isForward,
        () -> {});
  }
}
