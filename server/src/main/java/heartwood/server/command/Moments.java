package heartwood.server.command;

import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.Pins;

/**
 * The moments among a command's arguments, and what they mean in the present that it runs over: the
 * stamp of its entry closes every earlier time. Confined to the thread of its keyspace, valid
 * within one command.
 */
final class Moments {
  private final Keyspace keyspace;
  private final Timeline timeline;

  /**
   * @throws CommandException where there is no past to be asked
   */
  Moments(Keyspace keyspace) {
    if (!keyspace.hasPast()) {
      throw new CommandException("ERR the past is asked in the present only");
    }
    this.keyspace = keyspace;
    Pins pins = new Pins(keyspace);
    this.timeline =
        new Timeline(
            keyspace.past(),
            keyspace.lastRevision(),
            keyspace.context().stampMillis(),
            keyspace.incarnation(),
            name -> {
              Pins.Pin pin = pins.find(name);
              return pin == null ? -1 : pin.revision();
            });
  }

  Timeline timeline() {
    return timeline;
  }

  /**
   * The moment that an argument means; it waits for time to pass if that is all that is missing.
   */
  Timeline.Point find(Moment moment) {
    boolean isAgo = moment instanceof Moment.Ago;
    long nowMillis = isAgo ? keyspace.nowMillis() : keyspace.context().clockMillis();
    if (moment instanceof Moment.Time time && !timeline.isClosed(time.millis())) {
      keyspace.dependOn(Math.max(time.millis(), time.millis() + 1));
    }
    return timeline.find(moment, nowMillis);
  }

  Timeline.Point find(Arguments args, int argument) {
    return find(Moment.parse(args.text(argument)));
  }

  /** The first revision that is not before a moment. */
  long findFirst(Arguments args, int argument) {
    Moment moment = Moment.parse(args.text(argument));
    if (moment instanceof Moment.Ago ago) {
      moment = new Moment.Time(keyspace.nowMillis() - ago.millis());
    }
    if (!(moment instanceof Moment.Time time)) {
      return find(moment).revision();
    }
    long horizon = keyspace.past().horizon();
    if (keyspace.past().revisionAt(time.millis() - 1) < horizon) {
      find(moment); // Of the horizon itself or later, or COMPACTED.
      return horizon;
    }
    return find(new Moment.Time(time.millis() - 1)).revision() + 1;
  }

  /** A moment of the past, for reading; of the present the one that commands read. */
  Keyspace open(Moment moment, Timeline.Point point) {
    return moment instanceof Moment.Now
        ? keyspace
        : keyspace.at(point.revision(), point.stampMillis());
  }

  /** What goes on in pages needs a moment that is the same for all of them. */
  static void requireFixed(Moment moment, long cursor) {
    if (cursor != 0 && (moment instanceof Moment.Now || moment instanceof Moment.Ago)) {
      throw new CommandException(
          "ASOF a cursor belongs to one moment: begin with @revision, as TIMELINE RESOLVE tells it");
    }
  }
}
