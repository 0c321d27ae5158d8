package heartwood.server.command;

import heartwood.resp.ReplySink;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** CLIENT: what there is to know and to do about connections. */
final class ClientCommands {
  static final String BAD_NAME =
      "ERR Client names cannot contain spaces, newlines or special characters.";

  private final ClientRegistry clients;
  private final Clock clock;

  ClientCommands(NodePorts node) {
    this.clients = node.clients();
    this.clock = node.clock();
  }

  void register(CommandTable table) {
    table.connection("client|id", (args, connection, reply) -> reply.integer(connection.id()));
    table.connection("client|asof", ClientCommands::findMoment, ClientCommands::asOf);
    table.connection("client|getname", ClientCommands::getName);
    table.connection("client|setname", ClientCommands::setName);
    table.connection("client|setinfo", ClientCommands::setInfo);
    table.connection("client|info", this::info);
    table.connection("client|list", this::list);
    table.connection("client|kill", this::kill);
    table.connection("client|reply", ClientCommands::reply);
    table.connection("client|no-evict", ClientCommands::noEvict);
    table.connection("client|no-touch", ClientCommands::noTouch);
    table.connection("client|unblock", this::unblock);
  }

  private static @Nullable Moment findMoment(Arguments args, Connection connection) {
    if (args.count() > 4 || (args.count() == 4 && !args.is(3, "slide"))) {
      throw Errors.syntax();
    }
    if (args.count() == 2) {
      return connection.state().frozenAt() instanceof Moment.Ago sliding ? sliding : null;
    }
    if (args.count() == 3 && args.is(2, "off")) {
      return null;
    }
    Moment moment = Moment.parse(args.text(2));
    if (args.count() == 4 && !(moment instanceof Moment.Ago)) {
      throw new CommandException("ERR SLIDE needs a time ago, such as -5m");
    }
    return moment;
  }

  /**
   * CLIENT ASOF time [SLIDE] | OFF: what is read from now on is as it was then; a time ago stays
   * what it is now unless it is to slide along. CLIENT ASOF: replies with the revision and the time
   * that the connection is at, or null.
   */
  private static void asOf(Arguments args, Connection connection, ReplySink reply) {
    ClientState state = connection.state();
    Moment.Resolved resolved = state.takeResolved();
    if (args.count() == 2) {
      Moment at = resolved == null ? state.frozenAt() : resolved;
      if (at instanceof Moment.Resolved known) {
        reply.array(2);
        reply.integer(known.revision());
        reply.integer(known.millis());
      } else {
        reply.nullBulk();
      }
      return;
    }
    boolean slides = args.count() == 4;
    state.frozenAt(slides ? Moment.parse(args.text(2)) : resolved); // OFF comes to no moment.
    reply.ok();
  }

  /** CLIENT GETNAME: replies with the name, or null. */
  private static void getName(Arguments args, Connection connection, ReplySink reply) {
    String name = connection.state().name();
    if (name.isEmpty()) {
      reply.nullBulk();
    } else {
      reply.bulk(name);
    }
  }

  /** CLIENT SETNAME connection-name: an empty name takes the name away. */
  private static void setName(Arguments args, Connection connection, ReplySink reply) {
    String name = args.text(2);
    if (Texts.isName(name)) {
      connection.state().name(name);
      reply.ok();
    } else {
      reply.error(BAD_NAME);
    }
  }

  /** CLIENT SETINFO LIB-NAME libname | LIB-VER libver. */
  private static void setInfo(Arguments args, Connection connection, ReplySink reply) {
    String value = args.text(3);
    Consumer<String> attribute;
    if (args.is(2, "lib-name")) {
      attribute = connection.state()::libraryName;
    } else if (args.is(2, "lib-ver")) {
      attribute = connection.state()::libraryVersion;
    } else {
      reply.error("ERR Unrecognized option '" + args.text(2) + "'");
      return;
    }
    if (Texts.isName(value)) {
      attribute.accept(value);
      reply.ok();
    } else {
      String option = args.is(2, "lib-name") ? "lib-name" : "lib-ver";
      reply.error("ERR " + option + " cannot contain spaces, newlines or special characters.");
    }
  }

  /** CLIENT INFO: replies with the connection's line of CLIENT LIST. */
  private void info(Arguments args, Connection connection, ReplySink reply) {
    reply.verbatim("txt", ClientLine.of(connection, clock.millis()) + "\n");
  }

  /** CLIENT LIST [TYPE type] [ID client-id [client-id ...]]: replies with a line each. */
  private void list(Arguments args, Connection connection, ReplySink reply) {
    ClientFilter filter = new ClientFilter();
    if (args.count() == 4 && args.is(2, "type")) {
      filter.type(args.text(3));
    } else if (args.count() > 3 && args.is(2, "id")) {
      Set<Long> ids = new HashSet<>();
      for (int i = 3; i < args.count(); i++) {
        ids.add(Numbers.requireLong(args, i, "ERR Invalid client ID"));
      }
      filter.ids(ids);
    } else if (args.count() != 2) {
      throw Errors.syntax();
    }
    long now = clock.millis();
    StringBuilder lines = new StringBuilder();
    clients.forEach(
        client -> {
          if (filter.matches(client, now)) {
            lines.append(ClientLine.of(client, now)).append('\n');
          }
        });
    reply.verbatim("txt", lines.toString());
  }

  /** CLIENT KILL ip:port, or filters: then replies with the number of connections closed. */
  private void kill(Arguments args, Connection connection, ReplySink reply) {
    boolean isOldForm = args.count() == 3;
    ClientFilter filter = new ClientFilter();
    if (isOldForm) {
      filter.address(args.text(2));
    } else {
      filter.skip(connection);
      filter.readKillOptions(args, 2);
    }
    int killed = kill(filter, connection);
    if (!isOldForm) {
      reply.integer(killed);
    } else if (killed > 0) {
      reply.ok();
    } else {
      reply.error("ERR No such client");
    }
  }

  private int kill(ClientFilter filter, Connection killer) {
    long now = clock.millis();
    List<Connection> victims = new ArrayList<>();
    clients.forEach(
        client -> {
          if (filter.matches(client, now)) {
            victims.add(client);
          }
        });
    for (Connection victim : victims) {
      if (victim.id() == killer.id()) {
        killer.closeAfterReply();
      } else {
        victim.close();
      }
    }
    return victims.size();
  }

  /** CLIENT REPLY ON | OFF | SKIP: only ON is answered. */
  private static void reply(Arguments args, Connection connection, ReplySink reply) {
    if (args.is(2, "on")) {
      connection.state().repliesOn();
      reply.ok();
    } else if (args.is(2, "off")) {
      connection.state().repliesOff();
    } else if (args.is(2, "skip")) {
      connection.state().skipNextReply();
    } else {
      reply.error(Errors.SYNTAX);
    }
  }

  /** CLIENT NO-EVICT ON | OFF: noted; connections are not closed for want of memory. */
  private static void noEvict(Arguments args, Connection connection, ReplySink reply) {
    connection.state().noEvict(onOrOff(args));
    reply.ok();
  }

  /** CLIENT NO-TOUCH ON | OFF: noted; there are no access times. */
  private static void noTouch(Arguments args, Connection connection, ReplySink reply) {
    connection.state().noTouch(onOrOff(args));
    reply.ok();
  }

  private static boolean onOrOff(Arguments args) {
    if (args.is(2, "on")) {
      return true;
    }
    if (args.is(2, "off")) {
      return false;
    }
    throw Errors.syntax();
  }

  /** CLIENT UNBLOCK client-id [TIMEOUT | ERROR]: replies 1 if that client was waiting. */
  private void unblock(Arguments args, Connection connection, ReplySink reply) {
    boolean withError = args.count() == 4 && args.is(3, "error");
    boolean withTimeout = args.count() == 3 || (args.count() == 4 && args.is(3, "timeout"));
    if (!withError && !withTimeout) {
      reply.error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
      return;
    }
    long id = Numbers.requireLong(args, 2);
    List<Connection> found = new ArrayList<>();
    clients.forEach(
        client -> {
          if (client.id() == id) {
            found.add(client);
          }
        });
    reply.integer(!found.isEmpty() && found.get(0).tryUnblock(withError) ? 1 : 0);
  }
}
