package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;
import heartwood.server.keyspace.Keyspace;
import org.jspecify.annotations.Nullable;

/** What a client says before and between its commands: HELLO, AUTH, SELECT and the like. */
final class ConnectionCommands {
  private static final String WRONG_PASSWORD =
      "WRONGPASS invalid username-password pair or user is disabled.";

  private final NodePorts node;
  private final Passwords passwords;

  ConnectionCommands(NodePorts node) {
    this.node = node;
    this.passwords = new Passwords(node.config());
  }

  void register(CommandTable table) {
    table.connection("ping", ConnectionCommands::ping);
    table.connection("echo", (args, connection, reply) -> reply.bulk(args.slice(1)));
    table.connection("auth", this::auth);
    table.connection("hello", this::hello);
    table.connection("select", ConnectionCommands::select);
    table.connection("quit", ConnectionCommands::quit);
    table.connection("reset", this::reset);
  }

  /** PING [message]: replies PONG, or the message. */
  private static void ping(Arguments args, Connection connection, ReplySink reply) {
    if (args.count() > 2) {
      reply.error("ERR wrong number of arguments for 'ping' command");
    } else if (args.count() == 2) {
      reply.bulk(args.slice(1));
    } else {
      reply.simpleString("PONG");
    }
  }

  /** AUTH [username] password. */
  private void auth(Arguments args, Connection connection, ReplySink reply) {
    if (args.count() > 3) {
      reply.error(Errors.SYNTAX);
      return;
    }
    boolean hasUser = args.count() == 3;
    if (!hasUser && !passwords.areRequired()) {
      reply.error(
          "ERR AUTH <password> called without any password configured for the default user. Are you"
              + " sure your configuration is correct?");
      return;
    }
    String user = hasUser ? args.text(1) : ClientState.DEFAULT_USER;
    if (passwords.match(user, args.bytes(args.count() - 1))) {
      connection.state().authenticated(true);
      reply.ok();
    } else {
      reply.error(WRONG_PASSWORD);
    }
  }

  /** HELLO [protover [AUTH username password] [SETNAME clientname]]: replies who we are. */
  private void hello(Arguments args, Connection connection, ReplySink reply) {
    ClientState state = connection.state();
    RespVersion version = state.version();
    if (args.count() > 1) {
      long number =
          Numbers.requireLong(args, 1, "ERR Protocol version is not an integer or out of range");
      if (number != 2 && number != 3) {
        reply.error("NOPROTO unsupported protocol version");
        return;
      }
      version = number == 2 ? RespVersion.RESP2 : RespVersion.RESP3;
    }
    int auth = 0;
    String name = null;
    int option = 2;
    while (option < args.count()) {
      int rest = args.count() - 1 - option;
      if (args.is(option, "auth") && rest >= 2) {
        auth = option;
        option += 3;
      } else if (args.is(option, "setname") && rest >= 1) {
        name = args.text(option + 1);
        option += 2;
      } else {
        reply.error("ERR Syntax error in HELLO option '" + args.text(option) + "'");
        return;
      }
    }
    String refusal = refusal(args, auth, name, state);
    if (refusal != null) {
      reply.error(refusal);
      return;
    }
    if (auth > 0) {
      state.authenticated(true);
    }
    if (name != null) {
      state.name(name);
    }
    state.version(version);
    introduce(connection, reply);
  }

  private @Nullable String refusal(
      Arguments args, int auth, @Nullable String name, ClientState state) {
    if (auth > 0 && !passwords.match(args.text(auth + 1), args.bytes(auth + 2))) {
      return WRONG_PASSWORD;
    }
    if (auth == 0 && !state.isAuthenticated()) {
      return "NOAUTH HELLO must be called with the client already authenticated, otherwise the"
          + " HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and"
          + " select the RESP protocol version at the same time";
    }
    return name == null || Texts.isName(name) ? null : ClientCommands.BAD_NAME;
  }

  /** The reply to HELLO; clients rely on the types of its values. */
  private void introduce(Connection connection, ReplySink reply) {
    Personality personality = connection.personality();
    boolean isMaster = personality == Personality.PROXY || node.cluster().topology().leads();
    reply.map(7);
    reply.bulk("server");
    reply.bulk("redis");
    reply.bulk("version");
    reply.bulk(InfoCommand.REDIS_VERSION);
    reply.bulk("proto");
    reply.integer(connection.state().version().number());
    reply.bulk("id");
    reply.integer(connection.id());
    reply.bulk("mode");
    reply.bulk(personality.mode());
    reply.bulk("role");
    reply.bulk(isMaster ? "master" : "replica");
    reply.bulk("modules");
    reply.array(0);
  }

  /** SELECT index: the state has so many databases, whatever the configuration says. */
  private static void select(Arguments args, Connection connection, ReplySink reply) {
    int database = Numbers.requireInt(args, 1);
    if (database < 0 || database >= Keyspace.DEFAULT_DATABASES) {
      reply.error(Errors.DB_OUT_OF_RANGE);
      return;
    }
    connection.state().database(database);
    reply.ok();
  }

  /** QUIT: says OK, then goodbye. */
  private static void quit(Arguments args, Connection connection, ReplySink reply) {
    reply.ok();
    connection.closeAfterReply();
  }

  /** RESET: forgets all that was said on this connection; the answer is in RESP2 already. */
  private void reset(Arguments args, Connection connection, ReplySink reply) {
    connection.leaveModes();
    connection.state().reset(!passwords.areRequired());
    reply.simpleString("RESET");
  }
}
