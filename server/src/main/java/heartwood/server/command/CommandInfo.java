package heartwood.server.command;

import heartwood.resp.ReplySink;
import java.util.List;

/** A command as COMMAND INFO shows it: ten values, which clients read by position. */
final class CommandInfo {
  private CommandInfo() {}

  static void write(CommandSpec command, ReplySink reply) {
    CommandFacts facts = command.facts();
    LegacyRange range = LegacyRange.of(facts.keySpecs());
    reply.array(10);
    reply.bulk(facts.name());
    reply.integer(facts.arity());
    reply.set(facts.shownFlags().size());
    facts.shownFlags().forEach(flag -> reply.simpleString(flag.word()));
    reply.integer(range.first());
    reply.integer(range.last());
    reply.integer(range.step());
    reply.set(facts.categories().size());
    facts.categories().forEach(category -> reply.simpleString("@" + category.word()));
    reply.set(facts.tips().size());
    facts.tips().forEach(reply::bulk);
    reply.set(facts.keySpecs().size());
    facts.keySpecs().forEach(spec -> write(spec, reply));
    reply.set(command.subcommands().size());
    command.subcommands().forEach(subcommand -> write(subcommand, reply));
  }

  private static void write(KeySpec spec, ReplySink reply) {
    reply.map(3);
    reply.bulk("flags");
    writeStatuses(spec.flags(), reply);
    reply.bulk("begin_search");
    writeBegin(spec.begin(), reply);
    reply.bulk("find_keys");
    writeFind(spec.find(), reply);
  }

  private static void writeBegin(KeySpec.Begin begin, ReplySink reply) {
    if (begin instanceof KeySpec.At at) {
      writeType("index", 1, reply);
      writeNumber("index", at.position(), reply);
    } else if (begin instanceof KeySpec.After after) {
      writeType("keyword", 2, reply);
      reply.bulk("keyword");
      reply.bulk(after.keyword());
      writeNumber("startfrom", after.startFrom(), reply);
    } else {
      writeType("unknown", 0, reply);
    }
  }

  private static void writeFind(KeySpec.Find find, ReplySink reply) {
    if (find instanceof KeySpec.Range range) {
      writeType("range", 3, reply);
      writeNumber("lastkey", range.last(), reply);
      writeNumber("keystep", range.step(), reply);
      writeNumber("limit", range.limit(), reply);
    } else if (find instanceof KeySpec.Count count) {
      writeType("keynum", 3, reply);
      writeNumber("keynumidx", count.countAt(), reply);
      writeNumber("firstkey", count.first(), reply);
      writeNumber("keystep", count.step(), reply);
    } else {
      writeType("unknown", 0, reply);
    }
  }

  private static void writeType(String type, int fieldCount, ReplySink reply) {
    reply.map(2);
    reply.bulk("type");
    reply.bulk(type);
    reply.bulk("spec");
    reply.map(fieldCount);
  }

  private static void writeNumber(String name, long value, ReplySink reply) {
    reply.bulk(name);
    reply.integer(value);
  }

  static void writeStatuses(List<String> words, ReplySink reply) {
    reply.set(words.size());
    words.forEach(reply::simpleString);
  }
}
