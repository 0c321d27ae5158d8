package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.Keyspace;

/** Whole databases. */
final class DatabaseCommands {
  private DatabaseCommands() {}

  static void register(CommandTable table) {
    table.read("dbsize", DatabaseCommands::dbsize);
    table.write("flushdb", DatabaseCommands::flushdb);
    table.write("flushall", DatabaseCommands::flushall);
    table.write("swapdb", DatabaseCommands::swapdb);
  }

  /** DBSIZE: replies with the number of keys that exist. */
  private static void dbsize(Arguments args, Keyspace keyspace, ReplySink reply) {
    reply.integer(keyspace.size());
  }

  /** FLUSHDB [ASYNC | SYNC]: the same either way. */
  private static void flushdb(Arguments args, Keyspace keyspace, ReplySink reply) {
    requireFlushOption(args);
    keyspace.flush(keyspace.database());
    reply.ok();
  }

  /** FLUSHALL [ASYNC | SYNC]. */
  private static void flushall(Arguments args, Keyspace keyspace, ReplySink reply) {
    requireFlushOption(args);
    for (int database = 0; database < keyspace.databaseCount(); database++) {
      keyspace.flush(database);
    }
    reply.ok();
  }

  private static void requireFlushOption(Arguments args) {
    if (args.count() > 2 || (args.count() == 2 && !args.is(1, "async") && !args.is(1, "sync"))) {
      throw Errors.syntax();
    }
  }

  /** SWAPDB index1 index2: their keys change places. */
  private static void swapdb(Arguments args, Keyspace keyspace, ReplySink reply) {
    long first = Numbers.requireLong(args, 1, "ERR invalid first DB index");
    long second = Numbers.requireLong(args, 2, "ERR invalid second DB index");
    if (first != (int) first) {
      throw new CommandException("ERR invalid first DB index");
    }
    if (second != (int) second) {
      throw new CommandException("ERR invalid second DB index");
    }
    int firstDatabase = KeyCommands.requireDatabase(keyspace, (int) first);
    int secondDatabase = KeyCommands.requireDatabase(keyspace, (int) second);
    if (firstDatabase != secondDatabase) {
      keyspace.swap(firstDatabase, secondDatabase);
    }
    reply.ok();
  }
}
