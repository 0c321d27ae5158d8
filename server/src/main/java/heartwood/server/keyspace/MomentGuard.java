package heartwood.server.keyspace;

import heartwood.storage.Cursor;
import heartwood.storage.Past;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Of which keys a moment may be told, as the present says: floors and exclusions. The rows of
 * others may be there on one node and gone on another, so all that looks at rows of the past asks
 * here first. Confined to the thread of its keyspaces, valid until the next write.
 */
final class MomentGuard {
  private final Keyspace present;
  private final long revision;

  /** The last revision that anything can have been lost for. */
  private final long lastRevision;

  MomentGuard(Keyspace present, long revision) {
    this.present = present;
    this.revision = revision;
    this.lastRevision = Math.max(present.lastRevision(), present.past().revisionAt(Long.MAX_VALUE));
  }

  /** Whether every key may be told. */
  boolean isOpen() {
    return !present.hasFloors() && present.exclusions().isEmpty();
  }

  /**
   * The floor that the moment is below, of a key or of what it held; null if it may be told.
   *
   * @param key null if it is not known, as of what has no row
   * @param row what the key was then, or null
   */
  @Nullable Floor floorAbove(byte[] rawKey, byte @Nullable [] key, @Nullable ByteBuffer row) {
    Floor floor = ofRows(rawKey);
    if (floor == null && row != null) {
      long objectId = KeyEntry.objectIdOf(row);
      floor = objectId == KeyEntry.NO_OBJECT ? null : ofRows(KeyLayout.objectPosition(objectId));
    }
    return floor != null || key == null ? floor : ofName(key);
  }

  private @Nullable Floor ofRows(byte[] beginning) {
    Floor floor = present.floor(beginning);
    return floor != null && floor.revision() > revision ? floor : null;
  }

  private @Nullable Floor ofName(byte[] key) {
    Exclusion hiding = present.exclusions().hiding(key, revision, lastRevision);
    if (hiding == null) {
      return null;
    }
    long first = Math.min(hiding.untilRevision(), lastRevision);
    return new Floor(FloorReason.EXCLUDED, first, present.stampOf(first));
  }

  /** Whether counts of the moment may tell of keys that may not be told. */
  boolean hidesSomeOf(int namespace) {
    Past past = present.past();
    long entryEnd = EntryDelta.entryEndBefore(past, revision);
    if (present.exclusions().hideSome(revision, lastRevision)
        || present.exclusions().hideSome(entryEnd, lastRevision)) {
      return true;
    }
    if (!present.hasFloors()) {
      return false;
    }
    present.willVisit(present.floorCount());
    byte[] from = KeyLayout.floorKey(KeyLayout.namespacePosition(KeyLayout.DIRECTORY, namespace));
    try (Cursor cursor = present.now().scan(from, KeyLayout.after(from))) {
      while (cursor.next()) {
        if (Floor.of(cursor.value()).revision() > entryEnd) {
          return true;
        }
      }
    }
    return false;
  }
}
