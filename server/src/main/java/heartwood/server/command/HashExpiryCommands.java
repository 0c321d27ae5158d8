package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.HashValue;
import heartwood.server.keyspace.KeyEntry;
import heartwood.server.keyspace.Keyspace;

/**
 * When the fields of hashes expire. All times are of the stamp's clock; a time that has come
 * deletes the field at once, and the key with its last field.
 */
final class HashExpiryCommands {
  private static final long NO_FIELD = -2;
  private static final long NO_EXPIRY = -1;
  private static final long NOT_ALLOWED = 0;
  private static final long CHANGED = 1;
  private static final long DELETED = 2;

  private HashExpiryCommands() {}

  static void register(CommandTable table) {
    registerExpire(table, "hexpire", true, false);
    registerExpire(table, "hpexpire", false, false);
    registerExpire(table, "hexpireat", true, true);
    registerExpire(table, "hpexpireat", false, true);
    table.write("hpersist", HashExpiryCommands::hpersist);
    table.write("hgetex", HashExpiryCommands::hgetex);
    table.write("hgetdel", HashExpiryCommands::hgetdel);
    table.write("hsetex", HashExpiryCommands::hsetex);
    registerTime(table, "httl", (keyspace, expiry) -> seconds(keyspace.millisUntil(expiry)));
    registerTime(table, "hpttl", Keyspace::millisUntil);
    registerTime(table, "hexpiretime", (keyspace, expiry) -> seconds(expiry));
    registerTime(table, "hpexpiretime", (keyspace, expiry) -> expiry);
  }

  private static void registerExpire(
      CommandTable table, String name, boolean inSeconds, boolean isAbsolute) {
    table.write(
        name,
        (args, keyspace, reply) -> expire(args, keyspace, reply, name, inSeconds, isAbsolute));
  }

  /**
   * HEXPIRE key time [NX | XX | GT | LT] FIELDS count field [field ...]: replies for each field 1,
   * 2 if it was deleted, 0 if the condition forbids it, -2 if there is no such field.
   */
  private static void expire(
      Arguments args,
      Keyspace keyspace,
      ReplySink reply,
      String command,
      boolean inSeconds,
      boolean isAbsolute) {
    long stampMillis = keyspace.context().stampMillis();
    HashValue hash = keyspace.hash(args.bytes(1));
    long expiry =
        FieldArguments.requireExpiry(args, 2, inSeconds, isAbsolute ? 0 : stampMillis, command);
    Condition condition = Condition.of(args, 3);
    int first =
        FieldArguments.requireFields(
            args, condition == Condition.NONE ? 3 : 4, FieldArguments.FIELD_COUNT_TOO_SMALL);

    reply.array(args.count() - first);
    for (int i = first; i < args.count(); i++) {
      reply.integer(expire(hash, args.bytes(i), expiry, condition, stampMillis));
    }
  }

  private static long expire(
      HashValue hash, byte[] field, long expiry, Condition condition, long stampMillis) {
    long present = hash.expiry(field);
    if (present == HashValue.NO_FIELD) {
      return NO_FIELD;
    }
    if (!condition.allows(present, expiry)) {
      return NOT_ALLOWED;
    }
    if (expiry <= stampMillis) {
      hash.remove(field);
      return DELETED;
    }
    hash.setExpiry(field, expiry);
    return CHANGED;
  }

  /** No expiry counts as infinitely late, but no time is later than it. */
  private enum Condition {
    NONE,
    NX,
    XX,
    GT,
    LT;

    static Condition of(Arguments args, int argument) {
      if (args.is(argument, "nx")) {
        return NX;
      } else if (args.is(argument, "xx")) {
        return XX;
      } else if (args.is(argument, "gt")) {
        return GT;
      } else if (args.is(argument, "lt")) {
        return LT;
      }
      return NONE;
    }

    boolean allows(long present, long wanted) {
      boolean hasExpiry = present != KeyEntry.NO_EXPIRY;
      return switch (this) {
        case NONE -> true;
        case NX -> !hasExpiry;
        case XX -> hasExpiry;
        case GT -> hasExpiry && wanted > present;
        case LT -> !hasExpiry || wanted < present;
      };
    }
  }

  /** What a command tells of an expiry. */
  @FunctionalInterface
  private interface Time {
    long of(Keyspace keyspace, long expiry);
  }

  /**
   * HTTL key FIELDS count field [field ...]: replies for each field with a time, -1 if it does not
   * expire, -2 if there is no such field. Unlike TTL, seconds are rounded up.
   */
  private static void registerTime(CommandTable table, String name, Time time) {
    table.read(
        name,
        (args, keyspace, reply) -> {
          HashValue hash = keyspace.hash(args.bytes(1));
          int first = FieldArguments.requireFields(args, 2, FieldArguments.NOT_A_FIELD_COUNT);
          reply.array(args.count() - first);
          for (int i = first; i < args.count(); i++) {
            long expiry = hash.expiry(args.bytes(i));
            if (expiry == HashValue.NO_FIELD) {
              reply.integer(NO_FIELD);
            } else if (expiry == KeyEntry.NO_EXPIRY) {
              reply.integer(NO_EXPIRY);
            } else {
              reply.integer(time.of(keyspace, expiry));
            }
          }
        });
  }

  private static long seconds(long millis) {
    return (millis + 999) / 1000;
  }

  /**
   * HPERSIST key FIELDS count field [field ...]: replies for each field 1, -1 if it did not expire
   * anyway, -2 if there is no such field.
   */
  private static void hpersist(Arguments args, Keyspace keyspace, ReplySink reply) {
    HashValue hash = keyspace.hash(args.bytes(1));
    int first = FieldArguments.requireFields(args, 2, FieldArguments.NOT_A_FIELD_COUNT);
    reply.array(args.count() - first);
    for (int i = first; i < args.count(); i++) {
      long expiry = hash.expiry(args.bytes(i));
      if (expiry == HashValue.NO_FIELD) {
        reply.integer(NO_FIELD);
      } else if (expiry == KeyEntry.NO_EXPIRY) {
        reply.integer(NO_EXPIRY);
      } else {
        hash.setExpiry(args.bytes(i), KeyEntry.NO_EXPIRY);
        reply.integer(CHANGED);
      }
    }
  }

  /**
   * HGETEX key [EX s | PX ms | EXAT s | PXAT ms | PERSIST] FIELDS count field [field ...]: replies
   * with the values, and sets the expiries of the fields that are there.
   */
  private static void hgetex(Arguments args, Keyspace keyspace, ReplySink reply) {
    long stampMillis = keyspace.context().stampMillis();
    HashValue hash = keyspace.hash(args.bytes(1));
    boolean persists = args.is(2, "persist");
    boolean hasTime = FieldArguments.isUnit(args, 2);
    long expiry =
        hasTime ? FieldArguments.requireExpiry(args, 2, stampMillis, "hgetex") : KeyEntry.NO_EXPIRY;
    int first =
        FieldArguments.requireFields(
            args, hasTime ? 4 : persists ? 3 : 2, FieldArguments.NOT_A_FIELD_COUNT);

    reply.array(args.count() - first);
    for (int i = first; i < args.count(); i++) {
      byte[] field = args.bytes(i);
      HashCommands.bulkOrNull(reply, hash.get(field));
      if (hasTime && expiry <= stampMillis) {
        hash.remove(field);
      } else if (hasTime || persists) {
        long present = hash.expiry(field);
        if (present != HashValue.NO_FIELD && present != expiry) {
          hash.setExpiry(field, expiry);
        }
      }
    }
  }

  /** HGETDEL key FIELDS count field [field ...]: replies with the values and deletes the fields. */
  private static void hgetdel(Arguments args, Keyspace keyspace, ReplySink reply) {
    HashValue hash = keyspace.hash(args.bytes(1));
    int first = FieldArguments.requireFields(args, 2, FieldArguments.NOT_A_FIELD_COUNT);
    reply.array(args.count() - first);
    for (int i = first; i < args.count(); i++) {
      HashCommands.bulkOrNull(reply, hash.get(args.bytes(i)));
      hash.remove(args.bytes(i));
    }
  }

  /** HSETEX key … FIELDS count field value [field value ...]: replies 1 if it set all, else 0. */
  private static void hsetex(Arguments args, Keyspace keyspace, ReplySink reply) {
    long stampMillis = keyspace.context().stampMillis();
    HsetexOptions options = HsetexOptions.parse(args, stampMillis);
    HashValue hash = keyspace.hash(args.bytes(1));
    for (int i = options.firstField(); i < args.count(); i += 2) {
      boolean isThere = hash.get(args.bytes(i)) != null;
      if (isThere ? options.onlyIfNone() : options.onlyIfAll()) {
        reply.integer(NOT_ALLOWED);
        return;
      }
    }
    for (int i = options.firstField(); i < args.count(); i += 2) {
      if (options.hasExpiry() && options.expiry() <= stampMillis) {
        hash.remove(args.bytes(i));
      } else if (options.keepTtl()) {
        hash.putKeepingExpiry(args.bytes(i), args.bytes(i + 1));
      } else {
        hash.put(args.bytes(i), args.bytes(i + 1), options.expiry());
      }
    }
    reply.integer(CHANGED);
  }
}
