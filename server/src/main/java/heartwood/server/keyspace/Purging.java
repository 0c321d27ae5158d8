package heartwood.server.keyspace;

import heartwood.storage.Past;
import heartwood.storage.Row;
import heartwood.storage.WriteTxn;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes what a key was before a revision out of the past, for good. Confined to the thread of its
 * keyspace, valid within one command.
 *
 * <p>What is written are {@link RaisedFloors}, for the name in each namespace that its database
 * had. A namespace that SWAPDB gave to several databases loses the key's past in all of them.
 */
public final class Purging {
  public static final int MAX_VERSIONS = 1_000_000;
  public static final int MAX_OBJECTS = 100_000;

  private final Keyspace keyspace;
  private final Past past;
  private final RaisedFloors floors;

  /** The key's rows in namespaces that FLUSHDB took from everybody by their floor. */
  private final List<byte[]> flushed = new ArrayList<>();

  public Purging(Keyspace keyspace) {
    this.keyspace = keyspace;
    this.past = keyspace.past();
    this.floors = new RaisedFloors(keyspace, FloorReason.PURGED);
  }

  /**
   * Purges what a key of the selected database was before a revision, which is at most the one that
   * is being written.
   *
   * @return false if it had more than {@link #MAX_VERSIONS} or {@link #MAX_OBJECTS} to look at, and
   *     nothing was done
   */
  public boolean purge(byte[] key, long revision) {
    long horizon = past.horizon();
    List<Namespaces.Span> spans =
        Namespaces.spans(past, keyspace.database(), horizon, keyspace.lastRevision());
    for (int i = 0; i < spans.size(); i++) {
      Namespaces.Span span = spans.get(i);
      long floor = i == 0 ? revision : Math.min(revision, span.last() + 1);
      byte[] rawKey = keyspace.layout().directoryKey(span.namespace(), key);
      long from = Math.max(horizon, floors.floorOf(rawKey));
      if (floor > from) {
        floors.add(rawKey, from, floor, MAX_VERSIONS + 1 - floors.versionCount());
        byte[] death =
            KeyLayout.deadKey(span.last() + 1, KeyLayout.DEAD_NAMESPACE, span.namespace());
        if (floor == span.last() + 1 && keyspace.reads().get(death) != null) {
          flushed.add(rawKey);
        }
      }
    }
    if (floors.versionCount() > MAX_VERSIONS || floors.objectCount() > MAX_OBJECTS) {
      return false;
    }
    removeExpired(key, revision);
    floors.write();
    flushed.forEach(this::forget);
    return true;
  }

  /** What is over by now but was not swept yet is no present value. */
  private void removeExpired(byte[] key, long revision) {
    KeyEntry present = keyspace.find(key);
    if (present.isStored && !present.exists() && revision > keyspace.lastRevision()) {
      keyspace.remove(present);
    }
  }

  /** The row would else stay until all of its namespace is swept away. */
  private void forget(byte[] rawKey) {
    Row row = keyspace.reads().get(rawKey);
    if (row != null) {
      long objectId = KeyEntry.objectIdOf(row.value());
      WriteTxn txn = keyspace.writes();
      txn.forget(rawKey);
      if (objectId != KeyEntry.NO_OBJECT) {
        keyspace.putRow(DeadQueue.purgedKey(objectId), DeadQueue.FORMAT);
      }
    }
  }
}
