package heartwood.server.keyspace;

import heartwood.storage.Cursor;
import heartwood.storage.ReadTxn;
import heartwood.storage.Row;
import heartwood.storage.WriteTxn;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Values and whole namespaces that nothing refers to any more, in the order of their deaths, so
 * that deleting a huge one is one row now and many small slices later. Confined to the transaction
 * it was made for.
 *
 * <p>A slice deletes the first rows that it finds below the first entry of the queue and needs no
 * place to remember how far it came: what is deleted is not found again. It depends on the state
 * alone, so every node deletes the same rows after the same entry.
 */
final class DeadQueue {
  static final byte[] FORMAT = {1};

  /** What was purged is in no moment that can be asked, however old. */
  private static final long PURGED = 0;

  private final WriteTxn txn;
  private final IntConsumer namespaceGone;
  private final Runnable floorGone;
  private int budgetRows;

  /**
   * @param namespaceGone is told each namespace of which nothing is left
   * @param floorGone is told of each floor that the horizon has reached
   */
  DeadQueue(WriteTxn txn, IntConsumer namespaceGone, Runnable floorGone) {
    this.txn = txn;
    this.namespaceGone = namespaceGone;
    this.floorGone = floorGone;
  }

  /** The row that queues an object for the next sweep. */
  static byte[] purgedKey(long objectId) {
    return KeyLayout.deadKey(PURGED, KeyLayout.DEAD_OBJECT, objectId);
  }

  /** The row that queues a floor, of the rows that begin so. */
  static byte[] floorRow(byte[] beginning) {
    byte[] row = new byte[1 + beginning.length];
    row[0] = FORMAT[0];
    System.arraycopy(beginning, 0, row, 1, beginning.length);
    return row;
  }

  static void add(WriteTxn txn, byte kind, long id) {
    txn.put(KeyLayout.deadKey(txn.revision(), kind, id), FORMAT);
  }

  /** Whether nothing that died in revisions before {@code horizon} waits to be deleted. */
  static boolean isEmpty(ReadTxn txn, long horizon) {
    try (Cursor cursor =
        txn.scan(new byte[] {KeyLayout.DEAD}, KeyLayout.deadKey(horizon, (byte) 0, 0))) {
      return !cursor.next();
    }
  }

  /** Deletes up to {@code rows} rows of what died in revisions before {@code horizon}. */
  void sweep(int rows, long horizon) {
    budgetRows = rows;
    byte[] from = {KeyLayout.DEAD};
    byte[] to = KeyLayout.deadKey(horizon, (byte) 0, 0);
    while (budgetRows > 0) {
      byte[] first = firstKey(from, to);
      if (first == null || !sweepOne(first)) {
        return;
      }
      txn.delete(first);
      budgetRows--;
    }
  }

  private boolean sweepOne(byte[] deadKey) {
    ByteBuffer key = ByteBuffer.wrap(deadKey);
    byte kind = key.get(9);
    long id = key.getLong(10);
    return switch (kind) {
      case KeyLayout.DEAD_OBJECT -> key.getLong(1) == PURGED ? sweepPurged(id) : sweepObject(id);
      case KeyLayout.DEAD_NAMESPACE -> sweepNamespace((int) id);
      default -> sweepFloor(deadKey, key.getLong(1));
    };
  }

  /** The floor is written anew, so that the store lets the rows leave the disk as soon. */
  private boolean sweepPurged(long objectId) {
    boolean isGone = sweepObject(objectId);
    byte[] floorKey = KeyLayout.floorKey(KeyLayout.objectPosition(objectId));
    Row floor = txn.get(floorKey);
    if (isGone && floor != null) {
      txn.put(floorKey, bytes(floor.value()));
    }
    return isGone;
  }

  /** A floor that was raised since waits for the horizon anew. */
  private boolean sweepFloor(byte[] deadKey, long revision) {
    Row queued = txn.get(deadKey);
    if (queued != null) {
      byte[] row = bytes(queued.value());
      byte[] floorKey = KeyLayout.floorKey(Arrays.copyOfRange(row, 1, row.length));
      Row floor = txn.get(floorKey);
      long raisedTo = floor == null ? 0 : Floor.of(floor.value()).revision();
      if (raisedTo > revision) {
        long id = ByteBuffer.wrap(deadKey).getLong(10);
        txn.put(KeyLayout.deadKey(raisedTo, KeyLayout.DEAD_FLOOR, id), row);
      } else if (floor != null) {
        txn.delete(floorKey);
        floorGone.run();
      }
    }
    return true;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }

  /** Whether nothing is left of the object. */
  private boolean sweepObject(long objectId) {
    return sweepRange(KeyLayout.objectPosition(objectId), KeyLayout.objectPosition(objectId + 1));
  }

  private boolean sweepNamespace(int namespace) {
    byte[] from = KeyLayout.namespacePosition(KeyLayout.DIRECTORY, namespace);
    byte[] to = KeyLayout.after(from);
    while (budgetRows > 0) {
      List<byte[]> keys = keys(from, to, Math.min(budgetRows, 256));
      if (keys.isEmpty()) {
        break;
      }
      for (byte[] rawKey : keys) {
        Row row = txn.get(rawKey);
        long objectId = row == null ? KeyEntry.NO_OBJECT : KeyEntry.objectIdOf(row.value());
        if ((objectId != KeyEntry.NO_OBJECT && !sweepObject(objectId)) || budgetRows == 0) {
          return false;
        }
        txn.forget(rawKey);
        budgetRows--;
      }
    }
    if (!sweepTable(KeyLayout.EXPIRY, namespace) || !sweepTable(KeyLayout.FIELDS, namespace)) {
      return false;
    }
    txn.forget(KeyLayout.metaKey(KeyLayout.META_COUNTS, namespace));
    namespaceGone.accept(namespace);
    return true;
  }

  /** Whether nothing is left and there is budget to go on. */
  private boolean sweepTable(byte table, int namespace) {
    byte[] from = KeyLayout.namespacePosition(table, namespace);
    return budgetRows > 0 && sweepRange(from, KeyLayout.after(from)) && budgetRows > 0;
  }

  private boolean sweepRange(byte[] from, byte[] to) {
    List<byte[]> keys = keys(from, to, budgetRows);
    for (byte[] rawKey : keys) {
      txn.forget(rawKey);
    }
    boolean isEmpty = keys.size() < budgetRows;
    budgetRows -= keys.size();
    return isEmpty;
  }

  private byte @Nullable [] firstKey(byte[] from, byte[] to) {
    List<byte[]> keys = keys(from, to, 1);
    return keys.isEmpty() ? null : keys.get(0);
  }

  private List<byte[]> keys(byte[] from, byte[] to, int limit) {
    List<byte[]> keys = new ArrayList<>();
    try (Cursor cursor = txn.scan(from, to)) {
      while (keys.size() < limit && cursor.next()) {
        byte[] key = new byte[cursor.key().remaining()];
        cursor.key().get(cursor.key().position(), key);
        keys.add(key);
      }
    }
    return keys;
  }
}
