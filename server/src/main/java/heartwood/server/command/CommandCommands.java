package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.GlobPattern;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** COMMAND: the table told to clients, which take from it where keys stand and what to suggest. */
final class CommandCommands {
  private final CommandTable table;

  CommandCommands(CommandTable table) {
    this.table = table;
  }

  void register() {
    table.connection("command", this::all);
    table.connection("command|count", this::count);
    table.connection("command|info", this::info);
    table.connection("command|docs", this::docs);
    table.connection("command|list", this::list);
    table.connection("command|getkeys", this::getKeys);
    table.connection("command|getkeysandflags", this::getKeysAndFlags);
  }

  private void all(Arguments args, Connection connection, ReplySink reply) {
    Collection<CommandSpec> commands = table.commands();
    reply.array(commands.size());
    commands.forEach(command -> CommandInfo.write(command, reply));
  }

  private void count(Arguments args, Connection connection, ReplySink reply) {
    reply.integer(table.commands().size());
  }

  /** COMMAND INFO [command-name ...]: replies with null for a name that is none. */
  private void info(Arguments args, Connection connection, ReplySink reply) {
    if (args.count() == 2) {
      all(args, connection, reply);
      return;
    }
    reply.array(args.count() - 2);
    for (int i = 2; i < args.count(); i++) {
      CommandSpec command = named(args, i);
      if (command == null) {
        reply.nullBulk();
      } else {
        CommandInfo.write(command, reply);
      }
    }
  }

  /** COMMAND DOCS [command-name ...]: leaves out names that are none. */
  private void docs(Arguments args, Connection connection, ReplySink reply) {
    List<CommandSpec> commands = new ArrayList<>();
    if (args.count() == 2) {
      commands.addAll(table.commands());
    }
    for (int i = 2; i < args.count(); i++) {
      CommandSpec command = named(args, i);
      if (command != null) {
        commands.add(command);
      }
    }
    reply.map(commands.size());
    commands.forEach(command -> CommandDocs.write(command, reply));
  }

  private @Nullable CommandSpec named(Arguments args, int argument) {
    return table.named(args.text(argument).toLowerCase(Locale.ROOT));
  }

  /** COMMAND LIST [FILTERBY MODULE name | ACLCAT category | PATTERN pattern]. */
  private void list(Arguments args, Connection connection, ReplySink reply) {
    List<CommandSpec> found = new ArrayList<>();
    if (args.count() == 2) {
      found.addAll(table.all());
    } else if (args.count() != 5 || !args.is(2, "filterby")) {
      throw Errors.syntax();
    } else if (args.is(3, "aclcat")) {
      AclCategory category = AclCategory.named(args.text(4));
      for (CommandSpec command : table.all()) {
        if (category != null && command.isIn(category)) {
          found.add(command);
        }
      }
    } else if (args.is(3, "pattern")) {
      GlobPattern pattern = new GlobPattern(args.bytes(4));
      for (CommandSpec command : table.all()) {
        if (pattern.matches(Texts.ascii(command.name()))) {
          found.add(command);
        }
      }
    } else if (!args.is(3, "module")) {
      throw Errors.syntax();
    }
    reply.array(found.size());
    found.forEach(command -> reply.bulk(command.name()));
  }

  /** COMMAND GETKEYS command [arg ...]. */
  private void getKeys(Arguments args, Connection connection, ReplySink reply) {
    Arguments request = withoutPrefix(args);
    KeyPositions keys = requireKeys(request);
    reply.array(keys.count());
    for (int i = 0; i < keys.count(); i++) {
      reply.bulk(request.slice(keys.position(i)));
    }
  }

  /** COMMAND GETKEYSANDFLAGS command [arg ...]. */
  private void getKeysAndFlags(Arguments args, Connection connection, ReplySink reply) {
    Arguments request = withoutPrefix(args);
    KeyPositions keys = requireKeys(request);
    reply.array(keys.count());
    for (int i = 0; i < keys.count(); i++) {
      List<String> flags = flags(request, keys.spec(i));
      reply.array(2);
      reply.bulk(request.slice(keys.position(i)));
      reply.set(flags.size());
      flags.forEach(reply::simpleString);
    }
  }

  /** What a request does with a key; SET is the one command where an option decides. */
  private static List<String> flags(Arguments request, KeySpec spec) {
    if (!spec.flags().contains("variable_flags") || !request.is(0, "set")) {
      return spec.flags();
    }
    for (int i = 3; i < request.count(); i++) {
      if (request.is(i, "get")) {
        return List.of("RW", "access", "update");
      }
    }
    return List.of("OW", "update");
  }

  private KeyPositions requireKeys(Arguments request) {
    CommandSpec command = table.lookup(request);
    if (command == null) {
      throw new CommandException("ERR Invalid command specified");
    }
    if (!command.hasKeys()) {
      throw new CommandException("ERR The command has no key arguments");
    }
    if (!command.accepts(request.count())) {
      throw new CommandException("ERR Invalid number of arguments specified for command");
    }
    KeyPositions keys = new KeyPositions();
    boolean isValid = command.findKeys(request, keys);
    if (!isValid && !command.has(CommandFlag.NO_MANDATORY_KEYS)) {
      throw new CommandException("ERR Invalid arguments specified for command");
    }
    return keys;
  }

  private static Arguments withoutPrefix(Arguments args) {
    byte[][] rest = new byte[args.count() - 2][];
    for (int i = 0; i < rest.length; i++) {
      rest[i] = args.bytes(i + 2);
    }
    return Arguments.of(rest);
  }
}
