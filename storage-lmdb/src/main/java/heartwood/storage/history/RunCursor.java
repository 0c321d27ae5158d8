package heartwood.storage.history;

import heartwood.storage.TableCursor;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A walk over the versions of a run, in the order of their keys, and of their deaths where keys are
 * equal. Every move says whether it stands on a version; buffers hold until the next move. Confined
 * to one thread.
 */
final class RunCursor implements AutoCloseable {
  private final TableCursor cursor;
  private final BlockReader block = new BlockReader();

  /** How many versions of the block stand before this one. */
  private int ordinal;

  RunCursor(TableCursor cursor) {
    this.cursor = cursor;
  }

  boolean first() {
    return enter(cursor.first());
  }

  /** To the first version that is not before a key and a death. */
  boolean seek(byte[] key, long died) {
    byte[] target = RunTable.blockKey(key, died);
    byte[] behind = Arrays.copyOf(target, target.length + 1);
    if (!cursor.seekBefore(ByteBuffer.wrap(behind))) {
      return first();
    }
    for (boolean on = enter(true); on; on = next()) {
      if (block.compareTo(key, died) >= 0) {
        return true;
      }
    }
    return false;
  }

  /** To the last version that is before a key and a death. */
  boolean seekBefore(byte[] key, long died) {
    if (!cursor.seekBefore(ByteBuffer.wrap(RunTable.blockKey(key, died)))) {
      return false;
    }
    int last = -1;
    block.open(cursor.value());
    while (block.next() && block.compareTo(key, died) < 0) {
      last++;
    }
    return stand(last);
  }

  boolean last() {
    return cursor.seekBefore(ByteBuffer.wrap(RunTable.pieceKey(0))) && standOnLast();
  }

  boolean next() {
    if (block.next()) {
      ordinal++;
      return true;
    }
    return enter(cursor.next());
  }

  /** Reads the block anew: walks back are rare, and a block is short. */
  boolean previous() {
    if (ordinal > 0) {
      return stand(ordinal - 1);
    }
    return cursor.previous() && standOnLast();
  }

  private boolean standOnLast() {
    block.open(cursor.value());
    int last = -1;
    while (block.next()) {
      last++;
    }
    return stand(last);
  }

  private boolean stand(int wanted) {
    block.open(cursor.value());
    for (int i = 0; i <= wanted; i++) {
      block.next();
    }
    ordinal = wanted;
    return true;
  }

  private boolean enter(boolean isOnRow) {
    if (!isOnRow || !RunTable.isBlock(cursor.key())) {
      return false;
    }
    block.open(cursor.value());
    ordinal = 0;
    return block.next();
  }

  BlockReader version() {
    return block;
  }

  @Override
  public void close() {
    cursor.close();
  }
}
