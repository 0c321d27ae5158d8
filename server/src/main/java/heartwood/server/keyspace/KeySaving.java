package heartwood.server.keyspace;

import heartwood.storage.WriteTxn;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the store agree with an entry that was changed. Confined to the keyspace's thread.
 *
 * <p>An entry knows what of it is stored; what is written is the difference: the directory row
 * always, the rows of the expiry indexes and the counts where its times have changed, and a row of
 * the dead queue for an object that it has left behind.
 */
final class KeySaving {
  private final Keyspace keyspace;

  /** Directory rows that may have too many versions behind them. */
  private final List<byte[]> grown = new ArrayList<>();

  KeySaving(Keyspace keyspace) {
    this.keyspace = keyspace;
  }

  /** Makes the store agree with an entry: its row, its expiry, the counts, the dead queue. */
  void save(KeyEntry entry) {
    WriteTxn txn = keyspace.writes();
    if (keyspace.isDue(entry.goneAt())) {
      entry.setAbsent();
    }
    if (entry.isStored && keyspace.isDue(entry.storedExpiry)) {
      keyspace.countExpiredKey();
    } else if (entry.isStored && keyspace.isDue(entry.storedGoneAt)) {
      keyspace.countExpiredFields(entry.storedExpiringElements);
    }
    byte[] row = null;
    if (entry.exists()) {
      row = entry.encode(); // before the first write, which ends the life of what was read
      entry.keepPayloadOf(row);
    }
    if (entry.isStored != (row != null) || entry.haveTimesChanged()) {
      saveTimesAndCounts(txn, entry, row != null);
    }
    Exclusion exclusion = keyspace.exclusionOf(entry);
    if (entry.storedObjectId != entry.objectId()) {
      if (entry.storedObjectId != KeyEntry.NO_OBJECT) {
        queueDead(txn, entry, exclusion);
      }
      entry.storedObjectId = entry.objectId();
    }
    boolean isFormerKept = exclusion == null || entry.storedVersion < exclusion.fromRevision();
    if (row != null) {
      txn.put(entry.rawKey, row, isFormerKept);
    } else if (entry.isStored) {
      txn.delete(entry.rawKey, isFormerKept);
    }
    if (entry.isStored && exclusion == null && keyspace.isTrimDue(entry)) {
      grown.add(entry.rawKey);
    }
    entry.isStored = row != null;
  }

  /** What no moment can be asked of need not wait for the horizon. */
  private static void queueDead(WriteTxn txn, KeyEntry entry, @Nullable Exclusion exclusion) {
    boolean isForgotten =
        exclusion != null
            && !entry.storedIsMoved
            && entry.storedObjectId >= exclusion.firstObjectId();
    if (isForgotten) {
      txn.put(DeadQueue.purgedKey(entry.storedObjectId), DeadQueue.FORMAT);
    } else {
      DeadQueue.add(txn, KeyLayout.DEAD_OBJECT, entry.storedObjectId);
    }
  }

  private void saveTimesAndCounts(WriteTxn txn, KeyEntry entry, boolean exists) {
    saveGoneAt(txn, entry);
    saveFirstElementExpiry(txn, entry);
    int keysMore = (exists ? 1 : 0) - (entry.isStored ? 1 : 0);
    int expiringMore = one(entry.expiry()) - one(entry.storedExpiry);
    int elementsExpiringMore =
        one(entry.firstElementExpiry()) - one(entry.storedFirstElementExpiry);
    keyspace.count(entry.counts, keysMore, expiringMore, elementsExpiringMore);
    entry.keepTimes();
  }

  private static int one(long expiry) {
    return expiry == KeyEntry.NO_EXPIRY ? 0 : 1;
  }

  private void saveGoneAt(WriteTxn txn, KeyEntry entry) {
    long stored = entry.storedGoneAt;
    long goneAt = entry.goneAt();
    if (stored != KeyEntry.NO_EXPIRY && stored != goneAt) {
      byte[] rawKey = ExpiryIndex.KEYS.rawKey(entry.rawKey, stored);
      txn.delete(rawKey, keyspace.isFormerKept(entry, rawKey));
    }
    boolean isSameKind = one(entry.storedExpiry) == one(entry.expiry());
    if (goneAt == KeyEntry.NO_EXPIRY || (stored == goneAt && isSameKind)) {
      return;
    }
    if (entry.expiry() == KeyEntry.NO_EXPIRY) {
      ExpiryIndex.KEYS.addByFields(txn, entry.rawKey, goneAt);
    } else {
      ExpiryIndex.KEYS.add(txn, entry.rawKey, goneAt);
    }
  }

  private void saveFirstElementExpiry(WriteTxn txn, KeyEntry entry) {
    long stored = entry.storedFirstElementExpiry;
    long first = entry.firstElementExpiry();
    if (stored == first) {
      return;
    }
    if (stored != KeyEntry.NO_EXPIRY) {
      byte[] rawKey = ExpiryIndex.FIELDS.rawKey(entry.rawKey, stored);
      txn.delete(rawKey, keyspace.isFormerKept(entry, rawKey));
    }
    if (first != KeyEntry.NO_EXPIRY) {
      ExpiryIndex.FIELDS.add(txn, entry.rawKey, first);
    }
  }

  /** Before a commit: forgets the oldest versions of keys that have too many. */
  void trim(long maxVersions) {
    if (!grown.isEmpty()) {
      Trimming trimming = new Trimming(keyspace, maxVersions);
      grown.forEach(trimming::trim);
      grown.clear();
    }
  }

  /** What was saved since the last commit is undone. */
  void discard() {
    grown.clear();
  }
}
