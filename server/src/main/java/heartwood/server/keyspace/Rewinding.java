package heartwood.server.keyspace;

import heartwood.storage.Cursor;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Makes keys of the selected database what they were at a moment, by writing that anew: the past
 * stays as it is, and to rewind can be rewound. Confined to the thread of its keyspace, valid
 * within one command.
 */
public final class Rewinding {
  /** What became of a key. */
  public enum Outcome {
    /** It has its former type, value and expiry again. */
    RESTORED,
    /** It was not there, and is not any more. */
    DELETED,
    /** It is what it was. */
    UNCHANGED,
    /** It was there, but its time is over by now: nothing was done. */
    EXPIRED
  }

  /**
   * @param origin the revision that had written what was there; 0 if nothing was
   */
  public record Result(Outcome outcome, long origin) {}

  private final Keyspace keyspace;
  private final boolean isDryRun;

  /** The moment of the last question, and that moment judged by the present stamp. */
  private @Nullable Keyspace lastThen;

  private Keyspace lastThenByNow;

  /**
   * @param isDryRun whether only to say what would become
   */
  public Rewinding(Keyspace keyspace, boolean isDryRun) {
    this.keyspace = keyspace;
    this.isDryRun = isDryRun;
    this.lastThenByNow = keyspace;
  }

  /**
   * Rewinds one key.
   *
   * @param then the moment, as {@link Keyspace#at} has it
   */
  public Result rewind(byte[] key, Keyspace then) {
    KeyEntry is = keyspace.find(key);
    KeyEntry was = then.find(key);
    if (!was.exists()) {
      if (!is.exists()) {
        return new Result(Outcome.UNCHANGED, 0);
      }
      if (!isDryRun) {
        keyspace.remove(is);
      }
      return new Result(Outcome.DELETED, 0);
    }
    long origin = was.version();
    if (isOver(key, then)) {
      return new Result(Outcome.EXPIRED, origin);
    }
    if (isSame(is, was, then)) {
      return new Result(Outcome.UNCHANGED, origin);
    }
    if (!isDryRun) {
      keyspace.copy(was, then.reads(), is);
    }
    return new Result(Outcome.RESTORED, origin);
  }

  /** Whether what was there then would be gone by now if nobody had touched it. */
  private boolean isOver(byte[] key, Keyspace then) {
    if (lastThen != then) {
      long revision = then.context().revision();
      lastThenByNow = keyspace.at(revision, keyspace.context().stampMillis());
      lastThen = then;
    }
    return !lastThenByNow.find(key).exists();
  }

  private boolean isSame(KeyEntry is, KeyEntry was, Keyspace then) {
    if (is.type() != was.type()
        || is.expiry() != was.expiry()
        || is.hasObject() != was.hasObject()) {
      return false;
    }
    if (!is.hasObject()) {
      return is.payload().equals(was.payload());
    }
    if (is.objectId() == was.objectId() && is.version() == was.version()) {
      return true; // untouched, but for what the time took
    }
    boolean mayElementsBeDue = is.mayElementsExpire() || was.mayElementsExpire();
    return (mayElementsBeDue || is.size() == was.size())
        && haveSameElements(is.objectId(), was.objectId(), then);
  }

  private boolean haveSameElements(long isObject, long wasObject, Keyspace then) {
    try (Cursor left = elements(keyspace, isObject);
        Cursor right = elements(then, wasObject)) {
      while (nextLasting(left)) {
        if (!nextLasting(right)
            || !tail(left.key()).equals(tail(right.key()))
            || !left.value().equals(right.value())) {
          return false;
        }
      }
      return !nextLasting(right);
    }
  }

  /** Moves to the next element that is not due by now. */
  private boolean nextLasting(Cursor elements) {
    long stampMillis = keyspace.context().stampMillis();
    while (elements.next()) {
      if (!FieldExpiries.isDue(elements.key(), elements.value(), stampMillis)) {
        return true;
      }
    }
    return false;
  }

  private static Cursor elements(Keyspace keyspace, long objectId) {
    return keyspace
        .reads()
        .scan(KeyLayout.objectPosition(objectId), KeyLayout.objectPosition(objectId + 1));
  }

  /** What stands behind the object id. */
  private static ByteBuffer tail(ByteBuffer rawKey) {
    int from = rawKey.position() + 9;
    return rawKey.slice(from, rawKey.limit() - from);
  }
}
