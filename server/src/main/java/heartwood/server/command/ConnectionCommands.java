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
    table.connection("auth", this::findMomentOfAuth, this::auth);
    table.connection("hello", this::findMomentOfHello, this::hello);
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

  /**
   * What somebody who logs in has said. A name that is no user's may be a user's and a moment:
   * {@code default~-5m} is the user default, five minutes ago. So a program that knows nothing of
   * the past can be sent there by its URL.
   *
   * @param moment what stands behind the last tilde; null if the name is a user's
   */
  private record Login(boolean isRight, @Nullable String moment) {
    /** To those who do not know the password, nothing is told of moments. */
    @Nullable Moment findMoment() {
      return isRight && moment != null ? Moment.parse(moment) : null;
    }

    void enter(ClientState state) {
      state.authenticated(true);
      Moment.Resolved resolved = state.takeResolved();
      if (resolved != null) {
        state.frozenAt(resolved);
      }
    }
  }

  /** The name stands at an argument, the password behind it. */
  private Login login(Arguments args, int argument) {
    String name = args.text(argument);
    byte[] password = args.bytes(argument + 1);
    int tilde = name.lastIndexOf('~');
    if (tilde < 0 || passwords.knowsUser(name)) {
      return new Login(passwords.match(name, password), null);
    }
    boolean isRight = passwords.match(name.substring(0, tilde), password);
    return new Login(isRight, name.substring(tilde + 1));
  }

  private @Nullable Moment findMomentOfAuth(Arguments args, Connection connection) {
    return args.count() == 3 ? login(args, 1).findMoment() : null;
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
    Login login =
        hasUser
            ? login(args, 1)
            : new Login(passwords.match(ClientState.DEFAULT_USER, args.bytes(1)), null);
    if (login.isRight()) {
      login.enter(connection.state());
      reply.ok();
    } else {
      reply.error(WRONG_PASSWORD);
    }
  }

  /** The options of a HELLO: where AUTH stands, and the name to take; 0 and null if they do not. */
  private record Greeting(RespVersion version, int auth, @Nullable String name) {
    /** Throws what is wrong with it. */
    static Greeting parse(Arguments args, RespVersion present) {
      RespVersion version = present;
      if (args.count() > 1) {
        long number =
            Numbers.requireLong(args, 1, "ERR Protocol version is not an integer or out of range");
        if (number != 2 && number != 3) {
          throw new CommandException("NOPROTO unsupported protocol version");
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
          throw new CommandException(
              "ERR Syntax error in HELLO option '" + args.text(option) + "'");
        }
      }
      return new Greeting(version, auth, name);
    }
  }

  private @Nullable Moment findMomentOfHello(Arguments args, Connection connection) {
    ClientState state = connection.state();
    Greeting greeting = Greeting.parse(args, state.version());
    boolean isHeard = greeting.auth() > 0 && refusal(args, greeting, state) == null;
    return isHeard ? login(args, greeting.auth() + 1).findMoment() : null;
  }

  /** HELLO [protover [AUTH username password] [SETNAME clientname]]: replies who we are. */
  private void hello(Arguments args, Connection connection, ReplySink reply) {
    ClientState state = connection.state();
    Greeting greeting = Greeting.parse(args, state.version());
    String refusal = refusal(args, greeting, state);
    if (refusal != null) {
      reply.error(refusal);
      return;
    }
    if (greeting.auth() > 0) {
      login(args, greeting.auth() + 1).enter(state);
    }
    if (greeting.name() != null) {
      state.name(greeting.name());
    }
    state.version(greeting.version());
    introduce(connection, reply);
  }

  private @Nullable String refusal(Arguments args, Greeting greeting, ClientState state) {
    int auth = greeting.auth();
    String name = greeting.name();
    if (auth > 0 && !login(args, auth + 1).isRight()) {
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
