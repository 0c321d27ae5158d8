package heartwood.storage.version;

import heartwood.storage.Cursor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A scan over layers: of rows with one key the uppermost layer's is seen, and none when that is a
 * deletion. Confined to one thread.
 */
final class MergeCursor implements Cursor {
  /** The layers that still have rows, from the uppermost down. */
  private final List<Layer> layers = new ArrayList<>(4);

  private final byte[] from;
  private final byte[] to;
  private final ByteBuffer fromBound;
  private final ByteBuffer toBound;
  private final boolean isForward;
  private final Runnable onClose;
  private boolean isStarted;
  private @Nullable Layer top;

  /** A layer and the key where it stands: asking a source for its key again would cost. */
  private static final class Layer {
    final RowSource source;
    ByteBuffer key = ByteBuffer.allocate(0);

    Layer(RowSource source) {
      this.source = source;
    }
  }

  /**
   * @param from the lowest key, included; empty: no bound
   * @param to the highest key, excluded; empty: no bound
   * @param sources from the uppermost down; closed with this
   */
  MergeCursor(
      List<RowSource> sources, byte[] from, byte[] to, boolean isForward, Runnable onClose) {
    sources.forEach(source -> layers.add(new Layer(source)));
    this.from = from;
    this.to = to;
    this.fromBound = ByteBuffer.wrap(from);
    this.toBound = ByteBuffer.wrap(to);
    this.isForward = isForward;
    this.onClose = onClose;
  }

  @Override
  public boolean next() {
    if (!isStarted) {
      isStarted = true;
      for (int i = layers.size() - 1; i >= 0; i--) {
        RowSource source = layers.get(i).source;
        stand(i, isForward ? source.seek(from) : source.seekBefore(to));
      }
    } else if (top != null) {
      pass(top);
    }
    for (; ; ) {
      top = first();
      if (top == null) {
        return false;
      }
      if (!top.source.isVisible()) {
        move(layers.indexOf(top)); // The layers below are asked about the key.
      } else if (top.source.isDeletion()) {
        pass(top);
      } else {
        return true;
      }
    }
  }

  /** The layer whose row comes next; of equal keys the uppermost. */
  private @Nullable Layer first() {
    Layer best = null;
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      if (best == null) {
        best = layer;
      } else {
        int order = compare(layer.key, best.key);
        if (isForward ? order < 0 : order > 0) {
          best = layer;
        }
      }
    }
    return best;
  }

  /**
   * Moves all layers behind the key where one stands; of a run that has the key again in a later
   * version, as it may where a checkpoint is in the tables and the sealed overlay is there still.
   */
  private void pass(Layer passed) {
    ByteBuffer key = passed.key;
    // A source's own buffer dies when it moves, so the one passed moves last.
    for (int i = layers.size() - 1; i >= 0; i--) {
      Layer layer = layers.get(i);
      boolean isOn = layer != passed;
      while (isOn && compare(layer.key, key) == 0) {
        isOn = move(i);
      }
    }
    move(layers.indexOf(passed));
  }

  private boolean move(int at) {
    RowSource source = layers.get(at).source;
    return stand(at, isForward ? source.next() : source.previous());
  }

  /** Says whether the layer goes on; one at its end is closed. */
  private boolean stand(int at, boolean isOnRow) {
    Layer layer = layers.get(at);
    if (isOnRow) {
      layer.key = layer.source.key();
      if (isForward
          ? to.length == 0 || compare(layer.key, toBound) < 0
          : from.length == 0 || compare(layer.key, fromBound) >= 0) {
        return true;
      }
    }
    layers.remove(at);
    layer.source.close();
    return false;
  }

  private static int compare(ByteBuffer a, ByteBuffer b) {
    int at = a.mismatch(b);
    if (at < 0) {
      return 0;
    }
    if (at >= a.remaining() || at >= b.remaining()) {
      return a.remaining() - b.remaining();
    }
    return (a.get(a.position() + at) & 0xff) - (b.get(b.position() + at) & 0xff);
  }

  @Override
  public ByteBuffer key() {
    return onRow().key;
  }

  @Override
  public ByteBuffer value() {
    return onRow().source.value();
  }

  @Override
  public long born() {
    return onRow().source.born();
  }

  private Layer onRow() {
    if (top == null) {
      throw new IllegalStateException("the cursor stands on no row");
    }
    return top;
  }

  @Override
  public void close() {
    layers.forEach(layer -> layer.source.close());
    layers.clear();
    onClose.run();
  }
}
