package heartwood.server.command;

import heartwood.resp.ReplySink;
import java.util.ArrayList;
import java.util.List;

/** A command as COMMAND DOCS shows it: redis-cli and others make their help and hints of it. */
final class CommandDocs {
  private CommandDocs() {}

  /** Writes the name and the map that documents it. */
  static void write(CommandSpec command, ReplySink reply) {
    CommandFacts facts = command.facts();
    boolean isDeprecated = facts.deprecatedSince() != null;
    boolean hasArguments = !facts.arguments().isEmpty();
    reply.bulk(facts.name());
    reply.map(
        4 + (isDeprecated ? 3 : 0) + (hasArguments ? 1 : 0) + (command.isContainer() ? 1 : 0));
    writeText("summary", facts.summary(), reply);
    writeText("since", facts.since(), reply);
    writeText("group", facts.group(), reply);
    writeText("complexity", facts.complexity(), reply);
    if (facts.deprecatedSince() != null) {
      reply.bulk("doc_flags");
      CommandInfo.writeStatuses(List.of("deprecated"), reply);
      writeText("deprecated_since", facts.deprecatedSince(), reply);
      writeText("replaced_by", String.valueOf(facts.replacedBy()), reply);
    }
    if (hasArguments) {
      reply.bulk("arguments");
      writeArguments(facts.arguments(), reply);
    }
    if (command.isContainer()) {
      reply.bulk("subcommands");
      reply.map(command.subcommands().size());
      command.subcommands().forEach(subcommand -> write(subcommand, reply));
    }
  }

  private static void writeArguments(List<ArgumentDoc> arguments, ReplySink reply) {
    reply.array(arguments.size());
    for (ArgumentDoc argument : arguments) {
      writeArgument(argument, reply);
    }
  }

  private static void writeArgument(ArgumentDoc argument, ReplySink reply) {
    boolean hasParts = !argument.parts().isEmpty();
    boolean isKey = argument.keySpecIndex() >= 0;
    List<String> flags = flags(argument);
    reply.map(
        2
            + 1 // its parts, or how to show it
            + (isKey ? 1 : 0)
            + (argument.token() == null ? 0 : 1)
            + (flags.isEmpty() ? 0 : 1));
    writeText("name", argument.name(), reply);
    writeText("type", argument.type().word(), reply);
    if (!hasParts) {
      writeText("display_text", argument.name(), reply);
    }
    if (isKey) {
      reply.bulk("key_spec_index");
      reply.integer(argument.keySpecIndex());
    }
    if (argument.token() != null) {
      writeText("token", argument.token(), reply);
    }
    if (!flags.isEmpty()) {
      reply.bulk("flags");
      CommandInfo.writeStatuses(flags, reply);
    }
    if (hasParts) {
      reply.bulk("arguments");
      writeArguments(argument.parts(), reply);
    }
  }

  private static List<String> flags(ArgumentDoc argument) {
    List<String> flags = new ArrayList<>();
    if (argument.optional()) {
      flags.add("optional");
    }
    if (argument.multiple()) {
      flags.add("multiple");
    }
    if (argument.multipleToken()) {
      flags.add("multiple_token");
    }
    return flags;
  }

  private static void writeText(String name, String text, ReplySink reply) {
    reply.bulk(name);
    reply.bulk(text);
  }
}
