package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.Pins;
import java.util.List;

/** TIMELINE PIN and its kin: moments with a name, which are not forgotten until they expire. */
final class PinCommands {
  /** A pin that nobody thinks of any more must not fill the disk. */
  private static final long DEFAULT_SECONDS = 7 * 86_400;

  private static final long MAX_SECONDS = 100 * 366L * 86_400;

  private PinCommands() {}

  static void register(CommandTable table) {
    table.write("timeline|pin", PinCommands::pin);
    table.write("timeline|unpin", PinCommands::unpin);
    table.read("timeline|pins", PinCommands::pins);
  }

  /** TIMELINE PIN name time [EX seconds]: replies as PINS does for one. */
  private static void pin(Arguments args, Keyspace keyspace, ReplySink reply) {
    String name = requireName(args);
    long seconds = DEFAULT_SECONDS;
    if (args.count() == 6 && args.is(4, "ex")) {
      seconds = Numbers.requireLong(args, 5);
      if (seconds < 1 || seconds > MAX_SECONDS) {
        throw Errors.invalidExpireTime("timeline|pin");
      }
    } else if (args.count() != 4) {
      throw Errors.syntax();
    }
    Moments moments = new Moments(keyspace);
    long revision = moments.find(args, 3).revision();
    Pins.Pin pin =
        new Pins.Pin(
            name,
            revision,
            moments.timeline().stampOf(revision),
            keyspace.context().stampMillis() + seconds * 1000);
    if (!new Pins(keyspace).put(pin)) {
      throw new CommandException(
          "ERR there are " + Pins.MAX_PINS + " pins already: take one away with TIMELINE UNPIN");
    }
    reply(pin, reply);
  }

  private static String requireName(Arguments args) {
    String name = args.text(2);
    if (name.isEmpty() || args.length(2) > Pins.MAX_NAME_BYTES || !Texts.isName(name)) {
      throw new CommandException(
          "ERR a pin's name has 1 to " + Pins.MAX_NAME_BYTES + " printable letters without blanks");
    }
    return name;
  }

  /** TIMELINE UNPIN name: replies 1, or 0 if there is none. */
  private static void unpin(Arguments args, Keyspace keyspace, ReplySink reply) {
    reply.integer(new Pins(keyspace).remove(args.text(2)) ? 1 : 0);
  }

  /** TIMELINE PINS: replies for each with name, revision, its time twice, and when it expires. */
  private static void pins(Arguments args, Keyspace keyspace, ReplySink reply) {
    List<Pins.Pin> pins = new Pins(keyspace).all();
    reply.array(pins.size());
    pins.forEach(pin -> reply(pin, reply));
  }

  private static void reply(Pins.Pin pin, ReplySink reply) {
    reply.array(5);
    reply.bulk(pin.name());
    reply.integer(pin.revision());
    reply.integer(pin.stampMillis());
    reply.bulk(Timeline.iso(pin.stampMillis()));
    reply.integer(pin.expiry());
  }
}
