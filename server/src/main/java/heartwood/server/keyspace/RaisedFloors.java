package heartwood.server.keyspace;

import heartwood.storage.Past;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Floors that a revision raises: first gathered, then written. Confined to the thread of its
 * keyspace, valid within one revision.
 *
 * <p>Floors alone decide what is answered, from this revision on and alike on every node; the store
 * then removes what they cover, each node when it can. A name has a floor in a namespace, and so
 * has each object that it held, for as long as it held it: the elements may have been another
 * name's before a RENAME, and that one's past is refused as far as it needs them.
 *
 * <p>Objects that died by their floor wait in the dead queue for the horizon no longer: they go to
 * its head, under revision 0. A floor goes when the horizon has reached it.
 */
final class RaisedFloors {
  private final Keyspace keyspace;
  private final Past past;
  private final FloorReason reason;

  /** New floors, by what the rows begin with. Invariant: each is above the one in the state. */
  private final NavigableMap<byte[], Long> floors = new TreeMap<>(Arrays::compareUnsigned);

  /** When the key lost each object that it held, or {@link Past.Versions#ALIVE}. */
  private final Map<Long, Long> objects = new LinkedHashMap<>();

  private int versionCount;

  RaisedFloors(Keyspace keyspace, FloorReason reason) {
    this.keyspace = keyspace;
    this.past = keyspace.past();
    this.reason = reason;
  }

  /** How many versions were looked at for their objects. */
  int versionCount() {
    return versionCount;
  }

  int objectCount() {
    return objects.size();
  }

  /**
   * Adds a floor for a name, and for what it held below that.
   *
   * @param from above every floor there is: the rows below it may be gone here and not there
   * @param maxVersions to look at; what they do not tell of keeps its past until the horizon
   */
  void add(byte[] rawKey, long from, long floor, int maxVersions) {
    floors.put(rawKey, floor);
    int most = versionCount + maxVersions;
    try (Past.Versions versions = past.versions(rawKey, from, floor - 1)) {
      while (versions.next() && ++versionCount <= most) {
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

  /** The highest floor of rows that begin so, or 0. */
  long floorOf(byte[] beginning) {
    Long raised = floors.get(beginning);
    if (raised != null) {
      return raised;
    }
    Floor floor = keyspace.floor(beginning);
    return floor == null ? 0 : floor.revision();
  }

  void write() {
    floors.forEach(this::raise);
    objects.forEach(this::hasten);
  }

  /** A floor has one row in the dead queue, which moves on there if it was raised since. */
  private void raise(byte[] beginning, long revision) {
    byte[] rawKey = KeyLayout.floorKey(beginning);
    Floor before = keyspace.floor(beginning);
    if (before == null) {
      keyspace.countFloor();
      keyspace.putRow(
          KeyLayout.deadKey(revision, KeyLayout.DEAD_FLOOR, keyspace.newObjectId()),
          DeadQueue.floorRow(beginning));
    }
    long purged = before == null ? 0 : before.purgedRevision();
    Floor floor =
        new Floor(
            reason,
            revision,
            keyspace.stampOf(revision),
            reason == FloorReason.PURGED ? revision : purged);
    keyspace.putRow(rawKey, floor.encode());
  }

  /** An object that died by its floor need not wait for the horizon. */
  private void hasten(long objectId, long died) {
    boolean isAlive = died == Past.Versions.ALIVE;
    long death = isAlive ? keyspace.context().revision() : died;
    byte[] queued = KeyLayout.deadKey(death, KeyLayout.DEAD_OBJECT, objectId);
    boolean isOver = death <= floorOf(KeyLayout.objectPosition(objectId));
    if (isOver && keyspace.reads().get(queued) != null) {
      keyspace.deleteRow(queued);
      keyspace.putRow(DeadQueue.purgedKey(objectId), DeadQueue.FORMAT);
    }
  }
}
