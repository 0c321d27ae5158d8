package heartwood.server.keyspace;

import heartwood.storage.Row;
import java.nio.ByteBuffer;
import java.util.List;

/** Deletes what has expired, in the revision that has begun. Confined to the keyspace's thread. */
final class ExpirySweep {
  private final Keyspace keyspace;
  private final long stampMillis;

  ExpirySweep(Keyspace keyspace) {
    this.keyspace = keyspace;
    this.stampMillis = keyspace.context().stampMillis();
  }

  /** Returns how many keys and fields were deleted, up to a number. */
  int run(int budgetItems) {
    int swept = 0;
    for (int i = 0; i < keyspace.databaseCount() && swept < budgetItems; i++) {
      NamespaceCounts each = keyspace.counts(i);
      if (Keyspace.mayBeGone(each)) {
        swept += sweepKeys(each, budgetItems - swept);
      }
      if (each.elementsExpiring() > 0) {
        swept += sweepFields(each, budgetItems - swept);
      }
    }
    return swept;
  }

  private int sweepKeys(NamespaceCounts each, int budgetKeys) {
    List<byte[]> due =
        ExpiryIndex.KEYS.due(keyspace.reads(), each.namespace, stampMillis, budgetKeys);
    for (byte[] rawKey : due) {
      keyspace.remove(listed(rawKey, each));
    }
    return due.size();
  }

  /** What is due here belongs to keys that live on, unless the budget is used up. */
  private int sweepFields(NamespaceCounts each, int budgetFields) {
    List<byte[]> due =
        ExpiryIndex.FIELDS.due(keyspace.reads(), each.namespace, stampMillis, budgetFields);
    int swept = 0;
    for (byte[] rawKey : due) {
      if (swept == budgetFields) {
        break;
      }
      KeyEntry entry = listed(rawKey, each);
      swept += new FieldExpiries(keyspace, entry).sweep(budgetFields - swept);
      keyspace.save(entry);
    }
    keyspace.countExpiredFields(swept);
    return swept;
  }

  private KeyEntry listed(byte[] rawKey, NamespaceCounts namespaceCounts) {
    Row row = keyspace.reads().get(rawKey);
    if (row == null) {
      throw new IllegalStateException("the expiry index names a key that is not there");
    }
    byte[] key = KeyEntry.keyOf(ByteBuffer.wrap(rawKey), row.value());
    KeyEntry entry = new KeyEntry(key, rawKey, namespaceCounts);
    entry.load(row, stampMillis);
    return entry;
  }
}
