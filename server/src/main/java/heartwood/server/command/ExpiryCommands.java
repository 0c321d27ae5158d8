package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.KeyEntry;
import heartwood.server.keyspace.Keyspace;

/** When keys expire. All times are of the stamp's clock; a time that has come deletes at once. */
final class ExpiryCommands {
  private static final long NO_KEY = -2;
  private static final long NO_EXPIRY = -1;

  private ExpiryCommands() {}

  static void register(CommandTable table) {
    registerExpire(table, "expire", true, false);
    registerExpire(table, "pexpire", false, false);
    registerExpire(table, "expireat", true, true);
    registerExpire(table, "pexpireat", false, true);
    table.write("persist", ExpiryCommands::persist);
    table.read("ttl", ExpiryCommands::ttl);
    table.read("pttl", ExpiryCommands::pttl);
    table.read("expiretime", ExpiryCommands::expiretime);
    table.read("pexpiretime", ExpiryCommands::pexpiretime);
  }

  private static void registerExpire(
      CommandTable table, String name, boolean inSeconds, boolean isAbsolute) {
    table.write(
        name,
        (args, keyspace, reply) -> expire(args, keyspace, reply, name, inSeconds, isAbsolute));
  }

  /** EXPIRE key time [NX | XX | GT | LT]: replies 1, or 0 if there is no key or a condition. */
  private static void expire(
      Arguments args,
      Keyspace keyspace,
      ReplySink reply,
      String command,
      boolean inSeconds,
      boolean isAbsolute) {
    Condition condition = Condition.parse(args);
    long stampMillis = keyspace.context().stampMillis();
    long expiry = Numbers.requireLong(args, 2);
    if (inSeconds) {
      if (expiry > Long.MAX_VALUE / 1000 || expiry < Long.MIN_VALUE / 1000) {
        throw Errors.invalidExpireTime(command);
      }
      expiry *= 1000;
    }
    if (!isAbsolute) {
      if (expiry > Long.MAX_VALUE - stampMillis) {
        throw Errors.invalidExpireTime(command);
      }
      expiry += stampMillis;
    }

    KeyEntry entry = keyspace.find(args.bytes(1));
    boolean mayWrite = entry.exists() && condition.allows(entry.expiry(), expiry);
    if (mayWrite) {
      // No expiry is written as 0, so a time before 1970 becomes another that has come as well.
      entry.setExpiry(Math.max(expiry, 1));
      keyspace.save(entry);
    }
    reply.integer(mayWrite ? 1 : 0);
  }

  /** No expiry counts as infinitely late. */
  private record Condition(boolean nx, boolean xx, boolean gt, boolean lt) {
    static Condition parse(Arguments args) {
      boolean nx = false;
      boolean xx = false;
      boolean gt = false;
      boolean lt = false;
      for (int i = 3; i < args.count(); i++) {
        if (args.is(i, "nx")) {
          nx = true;
        } else if (args.is(i, "xx")) {
          xx = true;
        } else if (args.is(i, "gt")) {
          gt = true;
        } else if (args.is(i, "lt")) {
          lt = true;
        } else {
          throw new CommandException("ERR Unsupported option " + args.text(i));
        }
      }
      if (nx && (xx || gt || lt)) {
        throw new CommandException(
            "ERR NX and XX, GT or LT options at the same time are not compatible");
      }
      if (gt && lt) {
        throw new CommandException("ERR GT and LT options at the same time are not compatible");
      }
      return new Condition(nx, xx, gt, lt);
    }

    boolean allows(long present, long wanted) {
      boolean hasExpiry = present != KeyEntry.NO_EXPIRY;
      if (nx) {
        return !hasExpiry;
      }
      if (xx && !hasExpiry) {
        return false;
      }
      if (gt) {
        return hasExpiry && wanted > present;
      }
      return !lt || !hasExpiry || wanted < present;
    }
  }

  /** PERSIST key: replies 1 if there was an expiry to take away. */
  private static void persist(Arguments args, Keyspace keyspace, ReplySink reply) {
    KeyEntry entry = keyspace.find(args.bytes(1));
    boolean hadExpiry = entry.expiry() != KeyEntry.NO_EXPIRY;
    if (hadExpiry) {
      entry.setExpiry(KeyEntry.NO_EXPIRY);
      keyspace.save(entry);
    }
    reply.integer(hadExpiry ? 1 : 0);
  }

  /** TTL key: seconds, to the nearest, but at least 1 as long as the key is there. */
  private static void ttl(Arguments args, Keyspace keyspace, ReplySink reply) {
    KeyEntry entry = keyspace.find(args.bytes(1));
    if (hasExpiry(entry, reply)) {
      long millis = keyspace.millisUntil(entry.expiry());
      reply.integer(Math.max(1, seconds(millis)));
    }
  }

  private static void pttl(Arguments args, Keyspace keyspace, ReplySink reply) {
    KeyEntry entry = keyspace.find(args.bytes(1));
    if (hasExpiry(entry, reply)) {
      reply.integer(keyspace.millisUntil(entry.expiry()));
    }
  }

  private static void expiretime(Arguments args, Keyspace keyspace, ReplySink reply) {
    KeyEntry entry = keyspace.find(args.bytes(1));
    if (hasExpiry(entry, reply)) {
      reply.integer(seconds(entry.expiry()));
    }
  }

  private static void pexpiretime(Arguments args, Keyspace keyspace, ReplySink reply) {
    KeyEntry entry = keyspace.find(args.bytes(1));
    if (hasExpiry(entry, reply)) {
      reply.integer(entry.expiry());
    }
  }

  /** Replies what stands for no key and no expiry. */
  private static boolean hasExpiry(KeyEntry entry, ReplySink reply) {
    if (entry.expiry() != KeyEntry.NO_EXPIRY) {
      return true;
    }
    reply.integer(entry.exists() ? NO_EXPIRY : NO_KEY);
    return false;
  }

  private static long seconds(long millis) {
    return millis / 1000 + (millis % 1000 >= 500 ? 1 : 0);
  }
}
