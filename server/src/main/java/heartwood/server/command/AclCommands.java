package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.config.LiveConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * ACL: there is one user, {@code default}, who may do everything; only its password is a choice.
 */
final class AclCommands {
  private final CommandTable table;
  private final Passwords passwords;

  AclCommands(CommandTable table, LiveConfig config) {
    this.table = table;
    this.passwords = new Passwords(config);
  }

  void register(CommandTable commands) {
    commands.connection(
        "acl|whoami", (args, connection, reply) -> reply.bulk(connection.state().user()));
    commands.connection("acl|users", AclCommands::users);
    commands.connection("acl|list", this::list);
    commands.connection("acl|getuser", this::getUser);
    commands.connection("acl|cat", this::categories);
  }

  /** ACL USERS. */
  private static void users(Arguments args, Connection connection, ReplySink reply) {
    reply.array(1);
    reply.bulk(ClientState.DEFAULT_USER);
  }

  /** ACL LIST: replies with the users as rules. */
  private void list(Arguments args, Connection connection, ReplySink reply) {
    String password = passwords.areRequired() ? "#" + passwords.hash() : "nopass";
    reply.array(1);
    reply.bulk("user " + ClientState.DEFAULT_USER + " on " + password + " ~* &* +@all");
  }

  /** ACL GETUSER username: replies with a map, or null. */
  private void getUser(Arguments args, Connection connection, ReplySink reply) {
    if (!args.text(2).equals(ClientState.DEFAULT_USER)) {
      reply.nullBulk();
      return;
    }
    boolean hasPassword = passwords.areRequired();
    reply.map(6);
    reply.bulk("flags");
    reply.set(hasPassword ? 1 : 2);
    reply.bulk("on");
    if (!hasPassword) {
      reply.bulk("nopass");
    }
    reply.bulk("passwords");
    reply.array(hasPassword ? 1 : 0);
    if (hasPassword) {
      reply.bulk(passwords.hash());
    }
    reply.bulk("commands");
    reply.bulk("+@all");
    reply.bulk("keys");
    reply.bulk("~*");
    reply.bulk("channels");
    reply.bulk("&*");
    reply.bulk("selectors");
    reply.array(0);
  }

  /** ACL CAT [category]: replies with the categories, or with the commands of one. */
  private void categories(Arguments args, Connection connection, ReplySink reply) {
    if (args.count() > 3) {
      throw HelpCommands.wrongSubcommand(args);
    }
    List<String> words = new ArrayList<>();
    if (args.count() == 2) {
      for (AclCategory category : AclCategory.values()) {
        words.add(category.word());
      }
    } else {
      AclCategory category = AclCategory.named(args.text(2));
      if (category == null) {
        reply.error("ERR Unknown category '" + args.text(2) + "'");
        return;
      }
      for (CommandSpec command : table.all()) {
        if (command.isIn(category)) {
          words.add(command.name());
        }
      }
    }
    reply.array(words.size());
    words.forEach(reply::bulk);
  }
}
