package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.KeyEntry;
import heartwood.server.keyspace.KeyType;
import heartwood.server.keyspace.Keyspace;

/** Keys, whatever their values. */
final class KeyCommands {
  private KeyCommands() {}

  static void register(CommandTable table) {
    table.write("del", KeyCommands::del);
    table.write("unlink", KeyCommands::del);
    table.read("exists", KeyCommands::exists);
    table.read("touch", KeyCommands::exists);
    table.read("type", KeyCommands::type);
    table.write("rename", KeyCommands::rename);
    table.write("renamenx", KeyCommands::renamenx);
    table.write("copy", KeyCommands::copy);
    table.write("move", KeyCommands::move);
  }

  /** DEL key [key ...]: replies with the number of keys that existed. O(1) each, like UNLINK. */
  private static void del(Arguments args, Keyspace keyspace, ReplySink reply) {
    long deleted = 0;
    for (int i = 1; i < args.count(); i++) {
      KeyEntry entry = keyspace.find(args.bytes(i));
      if (entry.exists()) {
        keyspace.remove(entry);
        deleted++;
      }
    }
    reply.integer(deleted);
  }

  /** EXISTS key [key ...]: replies with the number that exist; a key named twice counts twice. */
  private static void exists(Arguments args, Keyspace keyspace, ReplySink reply) {
    long existing = 0;
    for (int i = 1; i < args.count(); i++) {
      if (keyspace.find(args.bytes(i)).exists()) {
        existing++;
      }
    }
    reply.integer(existing);
  }

  /** TYPE key: replies with the type's name, or none. */
  private static void type(Arguments args, Keyspace keyspace, ReplySink reply) {
    KeyType type = keyspace.find(args.bytes(1)).type();
    reply.simpleString(type == null ? "none" : type.redisName());
  }

  /** RENAME key newkey: value and expiry move, over whatever is at newkey. */
  private static void rename(Arguments args, Keyspace keyspace, ReplySink reply) {
    KeyEntry from = requireKey(keyspace, args.bytes(1));
    if (!isSameKey(args)) {
      keyspace.rename(from, keyspace.find(args.bytes(2)));
    }
    reply.ok();
  }

  /** RENAMENX key newkey: replies 1, or 0 and does nothing if newkey exists. */
  private static void renamenx(Arguments args, Keyspace keyspace, ReplySink reply) {
    KeyEntry from = requireKey(keyspace, args.bytes(1));
    KeyEntry to = keyspace.find(args.bytes(2));
    boolean mayRename = !to.exists();
    if (mayRename) {
      keyspace.rename(from, to);
    }
    reply.integer(mayRename ? 1 : 0);
  }

  private static KeyEntry requireKey(Keyspace keyspace, byte[] key) {
    KeyEntry entry = keyspace.find(key);
    if (!entry.exists()) {
      throw new CommandException(Errors.NO_SUCH_KEY);
    }
    return entry;
  }

  private static boolean isSameKey(Arguments args) {
    return args.slice(1).equals(args.slice(2));
  }

  /** COPY source destination [DB n] [REPLACE]: replies 1 if it copied. */
  private static void copy(Arguments args, Keyspace keyspace, ReplySink reply) {
    int database = keyspace.database();
    boolean mayReplace = false;
    for (int i = 3; i < args.count(); i++) {
      if (args.is(i, "replace")) {
        mayReplace = true;
      } else if (args.is(i, "db") && i + 1 < args.count()) {
        database = requireDatabase(keyspace, Numbers.requireInt(args, ++i));
      } else {
        throw Errors.syntax();
      }
    }
    if (database == keyspace.database() && isSameKey(args)) {
      throw new CommandException(Errors.SAME_OBJECT);
    }
    KeyEntry from = keyspace.find(args.bytes(1));
    KeyEntry to = keyspace.find(database, args.bytes(2));
    boolean mayCopy = from.exists() && (mayReplace || !to.exists());
    if (mayCopy) {
      keyspace.copy(from, to);
    }
    reply.integer(mayCopy ? 1 : 0);
  }

  /** MOVE key db: replies 1 if the key moved to a database that had none of its name. */
  private static void move(Arguments args, Keyspace keyspace, ReplySink reply) {
    int database = requireDatabase(keyspace, Numbers.requireInt(args, 2));
    if (database == keyspace.database()) {
      throw new CommandException(Errors.SAME_OBJECT);
    }
    KeyEntry from = keyspace.find(args.bytes(1));
    KeyEntry to = keyspace.find(database, args.bytes(1));
    boolean mayMove = from.exists() && !to.exists();
    if (mayMove) {
      keyspace.rename(from, to);
    }
    reply.integer(mayMove ? 1 : 0);
  }

  static int requireDatabase(Keyspace keyspace, int database) {
    if (database < 0 || database >= keyspace.databaseCount()) {
      throw new CommandException(Errors.DB_OUT_OF_RANGE);
    }
    return database;
  }
}
