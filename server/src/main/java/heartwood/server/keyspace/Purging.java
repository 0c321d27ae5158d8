package heartwood.server.keyspace;

import heartwood.storage.Past;
import heartwood.storage.Row;
import heartwood.storage.WriteTxn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Takes what a key was before a revision out of the past, for good. Confined to the thread of its
 * keyspace, valid within one command.
 *
 * <p>What is written are floors, and those alone decide what is answered, from this revision on and
 * alike on every node; the store then removes what they cover, each node when it can. The name has
 * a floor in each namespace that its database had, and so has each object that it held, for as long
 * as it held it: the elements may have been another name's before a RENAME, and that one's past is
 * refused as far as it needs them. A namespace that SWAPDB gave to several databases loses the
 * key's past in all of them.
 *
 * <p>Objects that died by their floor wait in the dead queue for the horizon no longer: they go to
 * its head, under revision 0. A floor goes when the horizon has reached it.
 */
public final class Purging {
  public static final int MAX_VERSIONS = 1_000_000;
  public static final int MAX_OBJECTS = 100_000;

  private final Keyspace keyspace;
  private final Past past;

  /** New floors, by what the rows begin with. Invariant: each is above the one in the state. */
  private final NavigableMap<byte[], Long> floors = new TreeMap<>(Arrays::compareUnsigned);

  /** When the key lost each object that it held, or {@link Past.Versions#ALIVE}. */
  private final Map<Long, Long> objects = new LinkedHashMap<>();

  /** The key's rows in namespaces that FLUSHDB took from everybody by their floor. */
  private final List<byte[]> flushed = new ArrayList<>();

  private int versionCount;

  public Purging(Keyspace keyspace) {
    this.keyspace = keyspace;
    this.past = keyspace.past();
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
      long from = Math.max(horizon, floorOf(rawKey));
      if (floor > from) {
        gatherObjects(rawKey, from, floor);
        floors.put(rawKey, floor);
        byte[] death =
            KeyLayout.deadKey(span.last() + 1, KeyLayout.DEAD_NAMESPACE, span.namespace());
        if (floor == span.last() + 1 && keyspace.reads().get(death) != null) {
          flushed.add(rawKey);
        }
      }
    }
    if (versionCount > MAX_VERSIONS || objects.size() > MAX_OBJECTS) {
      return false;
    }
    removeExpired(key, revision);
    floors.forEach(this::raise);
    objects.forEach(this::hasten);
    flushed.forEach(this::forget);
    return true;
  }

  /** What stands above every floor there is: the rows below it may be gone here and not there. */
  private void gatherObjects(byte[] rawKey, long from, long floor) {
    try (Past.Versions versions = past.versions(rawKey, from, floor - 1)) {
      while (versions.next() && ++versionCount <= MAX_VERSIONS) {
        long objectId = KeyEntry.objectIdOf(versions.value());
        if (objectId != KeyEntry.NO_OBJECT) {
          objects.merge(objectId, versions.died(), Math::max);
          byte[] position = KeyLayout.objectPosition(objectId);
          long objectFloor = Math.min(versions.died(), floor);
          if (objectFloor > floorOf(position)) {
            floors.put(position, objectFloor);
          }
        }
      }
    }
  }

  private long floorOf(byte[] beginning) {
    Long raised = floors.get(beginning);
    if (raised != null) {
      return raised;
    }
    Floor floor = keyspace.floor(beginning);
    return floor == null ? 0 : floor.revision();
  }

  /** What is over by now but was not swept yet is no present value. */
  private void removeExpired(byte[] key, long revision) {
    KeyEntry present = keyspace.find(key);
    if (present.isStored && !present.exists() && revision > keyspace.lastRevision()) {
      keyspace.remove(present);
    }
  }

  private void raise(byte[] beginning, long revision) {
    byte[] rawKey = KeyLayout.floorKey(beginning);
    if (keyspace.reads().get(rawKey) == null) {
      keyspace.countFloor();
    }
    keyspace.putElement(rawKey, new Floor(revision, keyspace.stampOf(revision)).encode());
    keyspace.putElement(
        KeyLayout.deadKey(revision, KeyLayout.DEAD_FLOOR, keyspace.newObjectId()),
        DeadQueue.floorRow(beginning));
  }

  /** An object that died by its floor need not wait for the horizon. */
  private void hasten(long objectId, long died) {
    boolean isAlive = died == Past.Versions.ALIVE;
    long death = isAlive ? keyspace.context().revision() : died;
    byte[] queued = KeyLayout.deadKey(death, KeyLayout.DEAD_OBJECT, objectId);
    boolean isOver = death <= floorOf(KeyLayout.objectPosition(objectId));
    if (isOver && keyspace.reads().get(queued) != null) {
      keyspace.deleteElement(queued);
      keyspace.putElement(DeadQueue.purgedKey(objectId), DeadQueue.FORMAT);
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
        keyspace.putElement(DeadQueue.purgedKey(objectId), DeadQueue.FORMAT);
      }
    }
  }
}
