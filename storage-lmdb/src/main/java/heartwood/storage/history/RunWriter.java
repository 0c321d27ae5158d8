package heartwood.storage.history;

import heartwood.storage.Hash64;
import heartwood.storage.Table;
import heartwood.storage.TablesWriter;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Fills an empty table with a run; may take several transactions for it. Confined to the thread
 * that writes.
 */
final class RunWriter {
  private final Table table;
  private final Block block = new Block();
  private TablesWriter writer;

  /** The hashes of the keys so far: how many differ is only known at the end. */
  private long[] keyHashes = new long[1024];

  private int keyCount;
  private byte[] lastKey = new byte[0];
  private long lastDied;
  private long versionCount;
  private long byteCount;

  RunWriter(Table table, TablesWriter writer) {
    this.table = table;
    this.writer = writer;
  }

  /** Goes on in another transaction, the former one committed. */
  void continueIn(TablesWriter next) {
    writer = next;
  }

  /** Adds a version behind the last one, in the order of keys and deaths. */
  void add(byte[] key, long born, long died, ByteBuffer value) {
    if (!block.hasRoomFor(key, value)) {
      flush();
    }
    block.add(key, born, died, value);
    lastDied = Math.max(lastDied, died);
    versionCount++;
    if (!Arrays.equals(key, lastKey)) {
      lastKey = key;
      if (keyCount == keyHashes.length) {
        keyHashes = Arrays.copyOf(keyHashes, 2 * keyCount);
      }
      keyHashes[keyCount++] = Hash64.hash(0, key);
    }
  }

  /** Writes what stands in memory; durable with the transaction. */
  void flush() {
    if (block.isEmpty()) {
      return;
    }
    ByteBuffer bytes = block.bytes();
    byteCount += bytes.remaining();
    byte[] rowKey = RunTable.blockKey(block.firstKey(), block.firstDied());
    writer.append(table, ByteBuffer.wrap(rowKey), bytes);
    block.clear();
  }

  /** Writes what is left; nothing may be added any more. */
  KeyFilter finish() {
    flush();
    KeyFilter filter = new KeyFilter(keyCount);
    for (int i = 0; i < keyCount; i++) {
      filter.add(keyHashes[i]);
    }
    keyHashes = new long[0];
    int piece = 0;
    for (int from = 0; from < filter.byteCount(); from += RunTable.PIECE_BYTES) {
      ByteBuffer bytes =
          ByteBuffer.allocate(Math.min(RunTable.PIECE_BYTES, filter.byteCount() - from));
      filter.copyTo(from, bytes);
      writer.append(table, ByteBuffer.wrap(RunTable.pieceKey(piece++)), bytes.flip());
    }
    byteCount += filter.byteCount();
    return filter;
  }

  /** The latest death so far. */
  long lastDied() {
    return lastDied;
  }

  long versionCount() {
    return versionCount;
  }

  long byteCount() {
    return byteCount;
  }
}
