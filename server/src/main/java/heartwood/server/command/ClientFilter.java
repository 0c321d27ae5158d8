package heartwood.server.command;

import heartwood.server.config.OutputLimits.ClientClass;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which connections CLIENT LIST and CLIENT KILL mean: those that pass every given filter. */
final class ClientFilter {
  private @Nullable Set<Long> ids;
  private @Nullable String type;
  private @Nullable String user;
  private @Nullable String address;
  private @Nullable String localAddress;
  private long maxAgeSeconds;
  private @Nullable Connection skipped;

  void ids(Set<Long> wanted) {
    ids = wanted;
  }

  void address(String wanted) {
    address = wanted;
  }

  void skip(Connection connection) {
    skipped = connection;
  }

  /** Takes a word of CLIENT LIST TYPE. */
  void type(String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    if (!Set.of("normal", "master", "replica", "slave", "pubsub").contains(lower)) {
      throw new CommandException("ERR Unknown client type '" + word + "'");
    }
    type = lower;
  }

  /** Reads the pairs of CLIENT KILL. */
  void readKillOptions(Arguments args, int first) {
    for (int option = first; option < args.count(); option += 2) {
      if (option + 1 == args.count()) {
        throw Errors.syntax();
      }
      int value = option + 1;
      if (args.is(option, "id")) {
        ids = Set.of(positive(args, value, "client-id"));
      } else if (args.is(option, "maxage")) {
        maxAgeSeconds = positive(args, value, "maxage");
      } else if (args.is(option, "type")) {
        type(args.text(value));
      } else if (args.is(option, "addr")) {
        address = args.text(value);
      } else if (args.is(option, "laddr")) {
        localAddress = args.text(value);
      } else if (args.is(option, "user")) {
        user = knownUser(args.text(value));
      } else if (args.is(option, "skipme") && args.is(value, "no")) {
        skipped = null;
      } else if (!args.is(option, "skipme") || !args.is(value, "yes")) {
        throw Errors.syntax();
      }
    }
  }

  private static long positive(Arguments args, int argument, String what) {
    String error = "ERR " + what + " should be greater than 0";
    long value = Numbers.requireLong(args, argument, error);
    if (value < 1) {
      throw new CommandException(error);
    }
    return value;
  }

  private static String knownUser(String name) {
    if (!name.equals(ClientState.DEFAULT_USER)) {
      throw new CommandException("ERR No such user '" + name + "'");
    }
    return name;
  }

  boolean matches(Connection client, long nowMillis) {
    return (ids == null || ids.contains(client.id()))
        && (type == null || isOfType(client, type))
        && (user == null || user.equals(client.state().user()))
        && (address == null || address.equals(client.address()))
        && (localAddress == null || localAddress.equals(client.localAddress()))
        && nowMillis - client.createdMillis() >= 1000 * maxAgeSeconds
        && (skipped == null || skipped.id() != client.id());
  }

  private static boolean isOfType(Connection client, String type) {
    return switch (client.clientClass()) {
      case NORMAL -> type.equals("normal");
      case PUBSUB -> type.equals("pubsub");
      case SLAVE -> type.equals("slave") || type.equals("replica");
    };
  }

  /** The letter of a class among the flags of CLIENT LIST; 0 for none. */
  static char flagOf(ClientClass clientClass) {
    return switch (clientClass) {
      case NORMAL -> 0;
      case PUBSUB -> 'P';
      case SLAVE -> 'S';
    };
  }
}
