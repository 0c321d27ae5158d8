package heartwood.storage.version;

import heartwood.storage.Cursor;
import java.nio.ByteBuffer;

/** A scan that tells of each step before it takes it. Confined to one thread. */
final class CountedCursor implements Cursor {
  private final Cursor cursor;
  private final Runnable onStep;

  CountedCursor(Cursor cursor, Runnable onStep) {
    this.cursor = cursor;
    this.onStep = onStep;
  }

  @Override
  public boolean next() {
    onStep.run();
    return cursor.next();
  }

  @Override
  public ByteBuffer key() {
    return cursor.key();
  }

  @Override
  public ByteBuffer value() {
    return cursor.value();
  }

  @Override
  public long born() {
    return cursor.born();
  }

  @Override
  public void close() {
    cursor.close();
  }
}
