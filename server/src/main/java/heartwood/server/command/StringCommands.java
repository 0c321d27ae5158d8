package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.KeyEntry;
import heartwood.server.keyspace.KeyType;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.StringValue;
import org.jspecify.annotations.Nullable;

/** Getting and setting whole strings. */
final class StringCommands {
  private StringCommands() {}

  static void register(CommandTable table) {
    table.read("get", StringCommands::get);
    table.write("set", StringCommands::set);
    table.write("setnx", StringCommands::setnx);
    table.write("setex", (args, keyspace, reply) -> setex(args, keyspace, reply, "setex", true));
    table.write("psetex", (args, keyspace, reply) -> setex(args, keyspace, reply, "psetex", false));
    table.write("getset", StringCommands::getset);
    table.write("getdel", StringCommands::getdel);
    table.write("getex", StringCommands::getex);
    table.read("mget", StringCommands::mget);
    table.write("mset", StringCommands::mset);
    table.write("msetnx", StringCommands::msetnx);
  }

  /** GET key: replies with the string, or null. */
  private static void get(Arguments args, Keyspace keyspace, ReplySink reply) {
    StringValue string = keyspace.string(args.bytes(1));
    if (string.exists()) {
      reply.bulk(string.bytes());
    } else {
      reply.nullBulk();
    }
  }

  /**
   * SET key value [NX | XX] [GET] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL]: replies OK, or null
   * if a condition forbids; with GET, the former string or null in either case.
   */
  private static void set(Arguments args, Keyspace keyspace, ReplySink reply) {
    KeyEntry entry;
    if (args.count() == 3) { // by far the most frequent form
      entry = keyspace.find(args.bytes(1));
      entry.setExpiry(KeyEntry.NO_EXPIRY);
      keyspace.stringOver(entry).set(args.array(), args.offset(2), args.length(2));
      reply.ok();
      return;
    }
    StringOptions options = StringOptions.ofSet(args);
    long expiry = options.expiry(keyspace.context().stampMillis());
    entry = keyspace.find(args.bytes(1));
    byte[] former = options.get() ? copyOrNull(keyspace.string(entry)) : null;
    boolean mayWrite = entry.exists() ? !options.onlyIfAbsent() : !options.onlyIfPresent();
    if (mayWrite) {
      if (!options.keepTtl()) {
        entry.setExpiry(expiry);
      }
      keyspace.stringOver(entry).set(args.array(), args.offset(2), args.length(2));
    }
    if (options.get()) {
      bulkOrNull(reply, former);
    } else if (mayWrite) {
      reply.ok();
    } else {
      reply.nullBulk();
    }
  }

  /** SETNX key value: replies 1 if the key was set, 0 if there was one. */
  private static void setnx(Arguments args, Keyspace keyspace, ReplySink reply) {
    KeyEntry entry = keyspace.find(args.bytes(1));
    boolean isNew = !entry.exists();
    if (isNew) {
      keyspace.stringOver(entry).set(args.array(), args.offset(2), args.length(2));
    }
    reply.integer(isNew ? 1 : 0);
  }

  /** SETEX key seconds value, PSETEX key milliseconds value. */
  private static void setex(
      Arguments args, Keyspace keyspace, ReplySink reply, String command, boolean inSeconds) {
    long stampMillis = keyspace.context().stampMillis();
    long expiry = StringOptions.expiry(args, 2, inSeconds, false, stampMillis, command);
    KeyEntry entry = keyspace.find(args.bytes(1));
    entry.setExpiry(expiry);
    keyspace.stringOver(entry).set(args.array(), args.offset(3), args.length(3));
    reply.ok();
  }

  /** GETSET key value: sets, and replies with the former string or null. */
  private static void getset(Arguments args, Keyspace keyspace, ReplySink reply) {
    KeyEntry entry = keyspace.find(args.bytes(1));
    byte[] former = copyOrNull(keyspace.string(entry));
    entry.setExpiry(KeyEntry.NO_EXPIRY);
    keyspace.stringOver(entry).set(args.array(), args.offset(2), args.length(2));
    bulkOrNull(reply, former);
  }

  /** GETDEL key: deletes, and replies with the string or null. */
  private static void getdel(Arguments args, Keyspace keyspace, ReplySink reply) {
    StringValue string = keyspace.string(args.bytes(1));
    byte[] former = copyOrNull(string);
    if (former != null) {
      keyspace.remove(string.entry());
    }
    bulkOrNull(reply, former);
  }

  /** GETEX key [EX s | PX ms | EXAT s | PXAT ms | PERSIST]: GET that sets or clears the expiry. */
  private static void getex(Arguments args, Keyspace keyspace, ReplySink reply) {
    StringOptions options = StringOptions.ofGetex(args);
    StringValue string = keyspace.string(args.bytes(1));
    if (!string.exists()) {
      reply.nullBulk();
      return;
    }
    long expiry = options.expiry(keyspace.context().stampMillis());
    byte[] value = string.copy();
    if (options.hasExpiration() || options.persist()) {
      KeyEntry entry = string.entry();
      if (options.hasExpiration() || entry.expiry() != KeyEntry.NO_EXPIRY) {
        entry.setExpiry(expiry);
        keyspace.save(entry);
      }
    }
    reply.bulk(value);
  }

  /** MGET key [key ...]: replies with each key's string, or null where there is none. */
  private static void mget(Arguments args, Keyspace keyspace, ReplySink reply) {
    reply.array(args.count() - 1);
    for (int i = 1; i < args.count(); i++) {
      KeyEntry entry = keyspace.find(args.bytes(i));
      if (entry.type() == KeyType.STRING) {
        reply.bulk(keyspace.string(entry).bytes());
      } else {
        reply.nullBulk();
      }
    }
  }

  /** MSET key value [key value ...]: sets them all. */
  private static void mset(Arguments args, Keyspace keyspace, ReplySink reply) {
    requirePairs(args, "mset");
    setAll(args, keyspace);
    reply.ok();
  }

  /** MSETNX key value [key value ...]: sets them all and replies 1, or 0 if any key exists. */
  private static void msetnx(Arguments args, Keyspace keyspace, ReplySink reply) {
    requirePairs(args, "msetnx");
    for (int i = 1; i < args.count(); i += 2) {
      if (keyspace.find(args.bytes(i)).exists()) {
        reply.integer(0);
        return;
      }
    }
    setAll(args, keyspace);
    reply.integer(1);
  }

  private static void requirePairs(Arguments args, String command) {
    if (args.count() % 2 == 0) {
      throw Errors.wrongArgumentCount(command);
    }
  }

  private static void setAll(Arguments args, Keyspace keyspace) {
    for (int i = 1; i < args.count(); i += 2) {
      KeyEntry entry = keyspace.find(args.bytes(i));
      entry.setExpiry(KeyEntry.NO_EXPIRY);
      keyspace.stringOver(entry).set(args.array(), args.offset(i + 1), args.length(i + 1));
    }
  }

  private static byte @Nullable [] copyOrNull(StringValue string) {
    return string.exists() ? string.copy() : null;
  }

  private static void bulkOrNull(ReplySink reply, byte @Nullable [] value) {
    if (value == null) {
      reply.nullBulk();
    } else {
      reply.bulk(value);
    }
  }
}
