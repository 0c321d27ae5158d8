package heartwood.server.command;

import heartwood.server.keyspace.BelowFloorException;
import heartwood.storage.Past;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.function.ToLongFunction;

/**
 * What moments mean in a past: each resolves to one revision, and then answers never change. The
 * first words of the errors are for programs: COMPACTED, forgotten already; PURGED, removed before
 * that; FUTURE, not there yet.
 *
 * <p>Confined to the apply thread.
 */
public final class Timeline {
  private static final DateTimeFormatter ISO =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final Past past;
  private final long lastRevision;
  private final long lastStampMillis;
  private final long incarnation;
  private final ToLongFunction<String> pinnedRevision;

  /**
   * @param lastRevision the last one that may be asked
   * @param lastStampMillis the stamp of the last whole entry
   * @param incarnation of the cluster
   * @param pinnedRevision the revision of a pin; below 0 when there is none of that name
   */
  public Timeline(
      Past past,
      long lastRevision,
      long lastStampMillis,
      long incarnation,
      ToLongFunction<String> pinnedRevision) {
    this.past = past;
    this.lastRevision = lastRevision;
    this.lastStampMillis = lastStampMillis;
    this.incarnation = incarnation;
    this.pinnedRevision = pinnedRevision;
  }

  /**
   * A moment that was found.
   *
   * @param revision the last one of the moment
   * @param stampMillis what expires is judged by: the time that was asked for, or else that of the
   *     revision
   */
  public record Point(long revision, long stampMillis) {}

  /** The present. */
  public long lastRevision() {
    return lastRevision;
  }

  /** The moment that is meant; as {@link #resolve}. */
  public Point find(Moment moment, long nowMillis) {
    long revision = resolve(moment, nowMillis);
    if (moment instanceof Moment.Now) {
      return new Point(revision, lastStampMillis);
    }
    if (moment instanceof Moment.Ago ago) {
      return new Point(revision, nowMillis - ago.millis());
    }
    return moment instanceof Moment.Time time
        ? new Point(revision, time.millis())
        : new Point(revision, stampOf(revision));
  }

  /** The time of a revision, of those of the entry under way as well. */
  public long stampOf(long revision) {
    boolean isOfWholeEntry = revision <= past.revisionAt(Long.MAX_VALUE);
    return isOfWholeEntry ? past.stampOf(revision) : lastStampMillis;
  }

  /**
   * The revision that a moment means.
   *
   * @param nowMillis what a time ago is counted from
   * @throws CommandException COMPACTED, FUTURE, ASOF for a revision of another cluster, or ERR for
   *     a pin that is not there
   */
  public long resolve(Moment moment, long nowMillis) {
    if (moment instanceof Moment.Now) {
      return lastRevision;
    }
    if (moment instanceof Moment.Revision asked) {
      requireOwn(asked);
      return requireKept(asked.revision());
    }
    if (moment instanceof Moment.Pin pin) {
      long revision = pinnedRevision.applyAsLong(pin.name());
      if (revision < 0) {
        throw new CommandException("ERR no such pin '" + pin.name() + "'");
      }
      return requireKept(revision);
    }
    long millis =
        moment instanceof Moment.Ago ago
            ? nowMillis - ago.millis()
            : ((Moment.Time) moment).millis();
    if (!isClosed(millis)) {
      throw new CommandException(
          "FUTURE " + iso(millis) + " is not over: the last entry is of " + iso(lastStampMillis));
    }
    return requireKept(past.revisionAt(millis), millis);
  }

  /** Whether no later entry can have this stamp or an earlier one. */
  public boolean isClosed(long millis) {
    return millis < lastStampMillis;
  }

  /** Where a backup became another cluster, revisions are given anew. */
  private void requireOwn(Moment.Revision asked) {
    if (asked.isForeign(incarnation)) {
      throw new CommandException(
          "ASOF @"
              + asked.revision()
              + "."
              + Moment.incarnationText(asked.incarnation())
              + " is of another cluster: this one is "
              + Moment.incarnationText(incarnation));
    }
  }

  private long requireKept(long revision) {
    if (revision > lastRevision) {
      throw new CommandException(
          "FUTURE @" + revision + " is not there yet: this node is at @" + lastRevision);
    }
    if (revision < past.horizon()) {
      throw compacted("@" + revision);
    }
    return revision;
  }

  private long requireKept(long revision, long millis) {
    if (revision < past.horizon()) {
      throw compacted(iso(millis));
    }
    return revision;
  }

  private CommandException compacted(String asked) {
    long horizon = past.horizon();
    return new CommandException(
        "COMPACTED "
            + asked
            + " is forgotten: the oldest moment is @"
            + horizon
            + " ("
            + iso(past.stampOf(horizon))
            + "), see history-retention");
  }

  /** What a client hears who asked for a moment that is before what is left of a key's past. */
  static String belowFloor(BelowFloorException e) {
    String before = " what was before @" + e.revision() + " (" + iso(e.stampMillis()) + ") ";
    return switch (e.reason()) {
      case PURGED -> "PURGED" + before + "was removed, see TIMELINE PURGE";
      case TRIMMED ->
          "COMPACTED" + before + "is forgotten of this key, see history-max-versions-per-key";
      case EXCLUDED ->
          "COMPACTED" + before + "is not remembered of this key, see history-exclude-pattern";
    };
  }

  /** A time as RFC 3339 in UTC. */
  public static String iso(long millis) {
    return ISO.format(Instant.ofEpochMilli(millis));
  }
}
