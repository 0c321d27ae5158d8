package heartwood.server.keyspace;

import heartwood.storage.Past;
import heartwood.storage.Row;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What happened to a key: one event for each revision that wrote or deleted its directory row, and
 * so for each that changed anything below the key. The history is that of the name: where the
 * database was given another namespace (FLUSHDB, SWAPDB), the walk goes on under the former one,
 * and the revision is an event if the name had a value before it or has one after. Confined to the
 * thread of its keyspace, valid until the next write.
 */
public final class KeyHistory {
  /** So many versions are looked at for one question, those of the database's mapping included. */
  public static final int MAX_VERSIONS = 100_000;

  private static final long UNKNOWN = -1;

  private final Keyspace keyspace;
  private final Past past;
  private final byte[] key;
  private int versionCount;
  private @Nullable KeyEvent base;
  private long horizon = UNKNOWN;

  /** Of the name; null if it can be asked as far back as everything. */
  private @Nullable Floor floor;

  /** Of a key of the selected database. */
  public KeyHistory(Keyspace keyspace, byte[] key) {
    this.keyspace = keyspace;
    this.past = keyspace.past();
    this.key = key;
  }

  /**
   * Visits the events of the revisions {@code from} to {@code to}, the youngest first, until the
   * visitor says false. Of the {@link #horizon} itself it is not known what happened in it: it is
   * no event.
   *
   * @return false if there were more than {@link #MAX_VERSIONS} to look at
   * @throws BelowFloorException when it comes to elements that were purged as another name's
   */
  public boolean walk(long from, long to, Predicate<KeyEvent> visitor) {
    long seen = Math.max(horizon(), from - 1);
    if (seen > to) {
      return true;
    }
    List<Namespaces.Span> spans = Namespaces.spans(past, keyspace.database(), seen, to);
    for (int i = 0; i < spans.size(); i++) {
      Namespaces.Span span = spans.get(i);
      versionCount++;
      if (!walkSpan(span, visitor)) {
        return versionCount <= MAX_VERSIONS;
      }
      if (i + 1 < spans.size()) {
        KeyEvent event = atBorder(spans.get(i + 1), span);
        base = null;
        if (event != null && !visitor.test(event)) {
          return true;
        }
      }
    }
    return true;
  }

  /** The oldest revision that can be asked of this name: that of all, or later. */
  public long horizon() {
    if (horizon == UNKNOWN) {
      floor = highestFloor();
      horizon = floor == null ? past.horizon() : floor.revision();
    }
    return horizon;
  }

  /**
   * @throws BelowFloorException if the past of the name begins later than that
   */
  public void requireAskable(long revision) {
    if (revision < horizon() && floor != null) {
      throw new BelowFloorException(floor);
    }
  }

  private @Nullable Floor highestFloor() {
    Floor highest = keyspace.hasFloors() ? floorOfRows() : null;
    long until = keyspace.exclusions().untilOf(key, keyspace.lastRevision());
    if (until > past.horizon() && (highest == null || until > highest.revision())) {
      highest = new Floor(FloorReason.EXCLUDED, until, keyspace.stampOf(until));
    }
    return highest;
  }

  /** In the last namespace that has one. */
  private @Nullable Floor floorOfRows() {
    for (Namespaces.Span span :
        Namespaces.spans(past, keyspace.database(), past.horizon(), keyspace.lastRevision())) {
      Floor found = keyspace.floor(rawKey(span));
      if (found != null && found.revision() > span.first()) {
        return until(found, span.last() + 1);
      }
    }
    return null;
  }

  /** What another name held too may have been purged there. */
  private void requireObjectAskable(long objectId, long from, long died) {
    Floor found =
        objectId == KeyEntry.NO_OBJECT ? null : keyspace.floor(KeyLayout.objectPosition(objectId));
    if (found != null && found.revision() > from) {
      throw new BelowFloorException(until(found, died));
    }
  }

  /** A floor that matters no longer than a revision. */
  private Floor until(Floor found, long revision) {
    long first = Math.min(found.revision(), revision);
    return new Floor(found.reason(), first, keyspace.stampOf(first));
  }

  /** After a whole walk: what was there before its first event, with the revision that wrote it. */
  public @Nullable KeyEvent base() {
    return base;
  }

  /**
   * Visits the events behind the first revision of a span and keeps as {@link #base} what was there
   * at that; false if the walk must end.
   */
  private boolean walkSpan(Namespaces.Span span, Predicate<KeyEvent> visitor) {
    byte[] rawKey = rawKey(span);
    long youngerBorn = Past.Versions.ALIVE;
    try (Past.Versions versions = past.versions(rawKey, span.first(), span.last())) {
      while (versions.next()) {
        if (++versionCount > MAX_VERSIONS) {
          return false;
        }
        long died = versions.died();
        requireObjectAskable(
            KeyEntry.objectIdOf(versions.value()), Math.max(span.first(), versions.born()), died);
        boolean isDeletion = died <= span.last() && died != youngerBorn;
        if (isDeletion && !visitor.test(KeyEvent.absence(died))) {
          return false;
        }
        youngerBorn = versions.born();
        KeyEvent event = KeyEvent.ofRow(versions.born(), key, rawKey, versions.value());
        if (versions.born() <= span.first()) {
          base = event;
        } else if (!visitor.test(event)) {
          return false;
        }
      }
    }
    return true;
  }

  /** What the first revision of a span made of the name, or null if there was nothing and is. */
  private @Nullable KeyEvent atBorder(Namespaces.Span older, Namespaces.Span younger) {
    long revision = younger.first();
    long stampMillis = keyspace.stampOf(revision);
    KeyEvent after = base;
    if (after != null && isVisible(younger, revision, stampMillis)) {
      return after.in(revision);
    }
    return isVisible(older, older.last(), stampMillis) ? KeyEvent.absence(revision) : null;
  }

  private boolean isVisible(Namespaces.Span span, long revision, long stampMillis) {
    byte[] rawKey = rawKey(span);
    Row row = past.at(revision).get(rawKey);
    if (row == null) {
      return false;
    }
    KeyEntry entry = new KeyEntry(key, rawKey, new NamespaceCounts(span.namespace()));
    entry.load(row, stampMillis);
    return entry.exists();
  }

  /** The other key of a revision that wrote this one and one more, as RENAME does; or null. */
  public byte @Nullable [] otherKeyOf(long revision) {
    Keyspace then = keyspace.at(revision, 0);
    byte[] rawKey = keyspace.layout().directoryKey(then.namespace(), key);
    byte[] other = null;
    try (Past.Changes changes = past.changes(revision - 1, revision)) {
      while (changes.next()) {
        byte[] changed = new byte[changes.key().remaining()];
        changes.key().get(changes.key().position(), changed);
        if (changed[0] != KeyLayout.DIRECTORY || Arrays.equals(changed, rawKey)) {
          continue;
        }
        if (other != null) {
          return null;
        }
        other = changed;
      }
    }
    if (other == null) {
      return null;
    }
    if (!KeyLayout.isHashed(other.length, KeyLayout.DIRECTORY_HEAD)) {
      return KeyLayout.tail(ByteBuffer.wrap(other), KeyLayout.DIRECTORY_HEAD);
    }
    Floor found = keyspace.floor(other);
    boolean isHidden = keyspace.exclusions().hideSome(revision, keyspace.lastRevision());
    if (isHidden || (found != null && found.revision() >= revision)) {
      return null; // Its name may be gone.
    }
    Row row = then.reads().get(other);
    if (row == null) {
      row = past.at(revision - 1).get(other);
    }
    return row == null ? null : KeyEntry.keyOf(ByteBuffer.wrap(other), row.value());
  }

  private byte[] rawKey(Namespaces.Span span) {
    return keyspace.layout().directoryKey(span.namespace(), key);
  }
}
