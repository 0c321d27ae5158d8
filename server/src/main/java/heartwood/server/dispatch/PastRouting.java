package heartwood.server.dispatch;

import heartwood.server.command.Moment;
import heartwood.server.replication.AppliedView;
import java.util.function.LongSupplier;

/**
 * Where a read of the past can be answered: what nothing to come can change is read here and now;
 * what can only be told by the leader, the present and what lies close behind it, goes to the
 * leader; what is still to come is awaited, if that may not be long. Any thread.
 */
final class PastRouting {
  /** Who answers. */
  enum Place {
    HERE,
    AT_LEADER,
    /** Nobody yet. */
    LATER,
    /** Nobody soon. */
    NOWHERE
  }

  /**
   * @param moment to read at, the same for whoever hears of it
   * @param error what is answered if nobody can
   */
  record Way(Place place, Moment moment, String error) {}

  private final AppliedView applied;
  private final LongSupplier clockMillis;
  private final LongSupplier momentWaitMillis;

  PastRouting(AppliedView applied, LongSupplier clockMillis, LongSupplier momentWaitMillis) {
    this.applied = applied;
    this.clockMillis = clockMillis;
    this.momentWaitMillis = momentWaitMillis;
  }

  /**
   * @param reached how far this node's state has come
   */
  Way wayOf(Moment asked, AppliedView.Point reached) {
    Moment moment = absolute(asked);
    if (moment instanceof Moment.Now) {
      return new Way(Place.AT_LEADER, moment, "");
    }
    if (moment instanceof Moment.Time time && time.millis() >= reached.stampMillis()) {
      long aheadMillis = time.millis() - clockMillis.getAsLong();
      if (aheadMillis <= 0) {
        return new Way(Place.AT_LEADER, moment, "");
      }
      return new Way(
          aheadMillis > momentWaitMillis.getAsLong() ? Place.NOWHERE : Place.LATER,
          moment,
          ErrorReplies.futureTime(time.millis(), time.millis() - aheadMillis));
    }
    long revision = revisionOf(moment);
    boolean isForeign = moment instanceof Moment.Revision of && of.isForeign(applied.incarnation());
    if (revision > reached.revision() && !isForeign) {
      return new Way(Place.LATER, moment, ErrorReplies.future(revision, reached.revision()));
    }
    return new Way(Place.HERE, moment, "");
  }

  /** A time ago as of now, by this node's clock: whoever hears of it hears of the same time. */
  private Moment absolute(Moment moment) {
    if (moment instanceof Moment.Ago ago) {
      return new Moment.Time(Math.max(0, clockMillis.getAsLong() - ago.millis()));
    }
    return moment instanceof Moment.Time time && time.millis() < 0 ? new Moment.Time(0) : moment;
  }

  private static long revisionOf(Moment moment) {
    if (moment instanceof Moment.Revision asked) {
      return asked.revision();
    }
    return moment instanceof Moment.Resolved resolved ? resolved.revision() : 0;
  }
}
