package heartwood.storage;

import java.nio.ByteBuffer;

/** A walk over rows; stands before the first one when new. Buffers are valid until it moves. */
public interface Cursor extends AutoCloseable {
  /** Moves to the next row; false when there is none. */
  boolean next();

  ByteBuffer key();

  ByteBuffer value();

  /** The revision that wrote the row. */
  long born();

  @Override
  void close();
}
