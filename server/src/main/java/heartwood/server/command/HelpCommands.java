package heartwood.server.command;

import heartwood.resp.ReplySink;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The HELP of every container, made from what the command files say of its subcommands. */
final class HelpCommands {
  private static final String SUFFIX = "|help";

  private HelpCommands() {}

  static void register(CommandTable table) {
    for (String name : table.describedNames()) {
      if (name.endsWith(SUFFIX)) {
        String container = name.substring(0, name.length() - SUFFIX.length());
        table.connection(name, (args, connection, reply) -> help(table, container, reply));
      }
    }
  }

  /** What Redis says where a subcommand itself finds too many arguments. */
  static CommandException wrongSubcommand(Arguments args) {
    return new CommandException(
        "ERR unknown subcommand or wrong number of arguments for '"
            + args.text(1)
            + "'. Try "
            + args.text(0).toUpperCase(Locale.ROOT)
            + " HELP.");
  }

  private static void help(CommandTable table, String container, ReplySink reply) {
    CommandSpec parent = table.named(container);
    List<String> lines = new ArrayList<>();
    lines.add(
        container.toUpperCase(Locale.ROOT)
            + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
    if (parent != null) {
      for (CommandSpec subcommand : parent.subcommands()) {
        CommandFacts facts = subcommand.facts();
        String syntax = SyntaxText.of(facts.arguments());
        String word = facts.ownName().toUpperCase(Locale.ROOT);
        lines.add(syntax.isEmpty() ? word : word + " " + syntax);
        lines.add("    " + facts.summary());
      }
    }
    reply.array(lines.size());
    lines.forEach(reply::simpleString);
  }
}
