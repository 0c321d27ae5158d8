package heartwood.server.keyspace;

import heartwood.storage.Past;
import heartwood.storage.Row;
import java.nio.ByteBuffer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What happened to a field of a hash: an event for each revision that set or deleted it, and one
 * where the key became something else than the hash that it was, whether the field was there or
 * not. Confined to the thread of its keyspace, valid until the next write.
 *
 * <p>The events of the key divide time into stretches in which the key is one object; within one
 * the versions of the field's row tell the rest. At the beginning of a stretch the field is
 * compared with that of the object before, for RENAME and COPY bring fields along that were born
 * earlier. A field whose time was over by then was not there, though its row was.
 */
public final class FieldHistory {
  private final Keyspace keyspace;
  private final Past past;
  private final KeyHistory keyHistory;
  private final byte[] field;
  private final boolean hasValues;
  private final Predicate<KeyEvent> visitor;
  private @Nullable KeyEvent base;

  /** The oldest known event of the stretch under way, and the last revision of that. */
  private @Nullable KeyEvent stretch;

  private long stretchLast;
  private boolean goesOn = true;

  /**
   * Of a field under a key of the selected database.
   *
   * @param hasValues whether events tell values, which may be large
   * @param visitor says false to end the walk
   */
  public FieldHistory(
      Keyspace keyspace, byte[] key, byte[] field, boolean hasValues, Predicate<KeyEvent> visitor) {
    this.keyspace = keyspace;
    this.past = keyspace.past();
    this.keyHistory = new KeyHistory(keyspace, key);
    this.field = field;
    this.hasValues = hasValues;
    this.visitor = visitor;
  }

  /** As {@link KeyHistory#walk}. */
  public boolean walk(long from, long to) {
    stretchLast = to;
    if (!keyHistory.walk(from, to, this::onKeyEvent)) {
      return false;
    }
    KeyEvent before = keyHistory.base();
    if (goesOn) {
      endStretch(before);
    }
    if (goesOn && before != null && before.isHash()) {
      long seen = Math.max(keyHistory.horizon(), from - 1);
      base = fieldOf(before, seen);
    }
    return true;
  }

  /** As {@link KeyHistory#base}. */
  public @Nullable KeyEvent base() {
    return base;
  }

  private boolean onKeyEvent(KeyEvent event) {
    KeyEvent younger = stretch;
    if (younger != null && !younger.isSameHash(event)) {
      endStretch(event);
      stretchLast = younger.revision() - 1;
    }
    stretch = event;
    return goesOn;
  }

  /** Visits what happened in the stretch, given what the key was before it. */
  private void endStretch(@Nullable KeyEvent before) {
    KeyEvent begin = stretch;
    if (begin == null) {
      return;
    }
    KeyEvent hashBefore = before != null && before.isHash() ? before : null;
    if (!begin.isHash()) {
      if (hashBefore != null) {
        visit(KeyEvent.ofType(begin.revision(), begin.type()));
      }
      return;
    }
    KeyEvent atBegin = endHash(begin);
    if (goesOn) {
      visitBegin(begin.revision(), hashBefore, begin, atBegin);
    }
  }

  private void visitBegin(
      long revision, @Nullable KeyEvent hashBefore, KeyEvent hash, @Nullable KeyEvent atBegin) {
    KeyEvent wasField = hashBefore == null ? null : fieldOf(hashBefore, revision - 1);
    if (hashBefore != null && hashBefore.isSameHash(hash)) {
      if (atBegin != null && atBegin.revision() == revision) {
        visit(atBegin);
      } else if (atBegin == null && wasField != null) {
        visit(KeyEvent.absence(revision));
      }
      return;
    }
    long stampMillis = keyspace.stampOf(revision);
    if (atBegin != null && atBegin.isThereAt(stampMillis)) {
      visit(atBegin.in(revision));
    } else if (wasField != null && !tellsItsEnd(wasField, stampMillis)) {
      visit(KeyEvent.absence(revision));
    }
  }

  /**
   * Whether a field's own expiry, which its event shows, was over; that of its key is not shown.
   */
  private static boolean tellsItsEnd(KeyEvent field, long stampMillis) {
    return field.expiry() != KeyEntry.NO_EXPIRY && field.expiry() <= stampMillis;
  }

  /** Visits what happened behind the first revision of a stretch; returns the field at that. */
  private @Nullable KeyEvent endHash(KeyEvent begin) {
    long first = begin.revision();
    long youngerBorn = Past.Versions.ALIVE;
    try (Past.Versions versions = past.versions(rawKey(begin.objectId()), first, stretchLast)) {
      while (goesOn && versions.next()) {
        long died = versions.died();
        if (died <= stretchLast && died != youngerBorn) {
          visit(KeyEvent.absence(died));
        }
        youngerBorn = versions.born();
        KeyEvent event = event(begin, versions.born(), versions.value());
        if (versions.born() <= first) {
          return event;
        }
        if (goesOn) {
          visit(event);
        }
      }
    }
    return null;
  }

  private void visit(KeyEvent event) {
    goesOn = visitor.test(event);
  }

  private KeyEvent event(KeyEvent hash, long revision, ByteBuffer row) {
    long expiry = HashValue.expiryOf(row);
    boolean isGoneWithKey = expiry == KeyEntry.NO_EXPIRY || !hash.isThereAt(expiry);
    return new KeyEvent(
        revision,
        KeyType.HASH,
        KeyEntry.NO_OBJECT,
        HashValue.lengthOfValue(row),
        expiry,
        isGoneWithKey ? hash.goneAt() : expiry,
        hasValues ? HashValue.copyOfValue(row) : null);
  }

  /** The field of a hash as it stood at a revision, its time over or not; or null. */
  private @Nullable KeyEvent fieldOf(KeyEvent hash, long revision) {
    Row row = past.at(revision).get(rawKey(hash.objectId()));
    return row == null ? null : event(hash, row.born(), row.value());
  }

  private byte[] rawKey(long objectId) {
    return keyspace.layout().memberKey(objectId, KeyLayout.HASH_FIELD, field);
  }
}
