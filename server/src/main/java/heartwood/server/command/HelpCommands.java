package heartwood.server.command;

import heartwood.resp.ReplySink;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The HELP of every container, made from what the command files say of its subcommands. */
final class HelpCommands {
  private static final String SUFFIX = "|help";

  /** What {@link Moment#parse} reads. */
  private static final List<String> TIMES =
      List.of(
          "A time is",
          "    now",
          "    -5m or -1h30m: so long ago, with the units w d h m s ms",
          "    @48213: a revision; or @48213.i7f30a12c, with what TIMELINE INFO calls the incarnation",
          "    1700000000s or 1700000000000: seconds or milliseconds since 1970",
          "    2026-11-21T03:15:55.120Z: a date, with Z or an offset",
          "    #name: a moment that TIMELINE PIN has named");

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
    if (parent != null && parent.kind() == CommandSpec.Kind.AT) {
      add(parent, lines);
      lines.addAll(TIMES);
    } else {
      lines.add(
          container.toUpperCase(Locale.ROOT)
              + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
    }
    if (parent != null) {
      parent.subcommands().forEach(each -> add(each, lines));
    }
    reply.array(lines.size());
    lines.forEach(reply::simpleString);
  }

  private static void add(CommandSpec command, List<String> lines) {
    String syntax = SyntaxText.of(command.facts().arguments());
    String word = command.facts().ownName().toUpperCase(Locale.ROOT);
    lines.add(syntax.isEmpty() ? word : word + " " + syntax);
    lines.add("    " + command.facts().summary());
  }
}
