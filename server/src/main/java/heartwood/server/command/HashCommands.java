package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.resp.RespVersion;
import heartwood.server.keyspace.HashValue;
import heartwood.server.keyspace.Keyspace;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Hashes. */
final class HashCommands {
  /** Bounds the reply of HRANDFIELD with a negative count, which Redis does not. */
  private static final long MAX_DRAWS = 1 << 20;

  private HashCommands() {}

  static void register(CommandTable table) {
    table.write("hset", HashCommands::hset);
    table.write("hmset", HashCommands::hmset);
    table.write("hsetnx", HashCommands::hsetnx);
    table.write("hdel", HashCommands::hdel);
    table.write("hincrby", HashCommands::hincrby);
    table.write("hincrbyfloat", HashCommands::hincrbyfloat);
    table.read("hget", HashCommands::hget);
    table.read("hmget", HashCommands::hmget);
    table.read("hgetall", HashCommands::hgetall);
    table.read("hkeys", HashCommands::hkeys);
    table.read("hvals", HashCommands::hvals);
    table.read("hlen", HashCommands::hlen);
    table.read("hstrlen", HashCommands::hstrlen);
    table.read("hexists", HashCommands::hexists);
    table.read("hrandfield", HashCommands::hrandfield);
    table.read("hscan", HashCommands::hscan);
  }

  /** HSET key field value [field value ...]: replies with the number of fields that are new. */
  private static void hset(Arguments args, Keyspace keyspace, ReplySink reply) {
    reply.integer(putAll(args, keyspace, "hset"));
  }

  /** HMSET key field value [field value ...]. */
  private static void hmset(Arguments args, Keyspace keyspace, ReplySink reply) {
    putAll(args, keyspace, "hmset");
    reply.ok();
  }

  private static long putAll(Arguments args, Keyspace keyspace, String command) {
    if (args.count() % 2 == 1) {
      throw Errors.wrongArgumentCount(command);
    }
    HashValue hash = keyspace.hash(args.bytes(1));
    long added = 0;
    for (int i = 2; i < args.count(); i += 2) {
      if (hash.put(args.bytes(i), args.bytes(i + 1))) {
        added++;
      }
    }
    return added;
  }

  /** HSETNX key field value: replies 1 if the field was set, 0 if there was one. */
  private static void hsetnx(Arguments args, Keyspace keyspace, ReplySink reply) {
    HashValue hash = keyspace.hash(args.bytes(1));
    boolean isNew = hash.get(args.bytes(2)) == null;
    if (isNew) {
      hash.put(args.bytes(2), args.bytes(3));
    }
    reply.integer(isNew ? 1 : 0);
  }

  /** HDEL key field [field ...]: replies with the number of fields that existed. */
  private static void hdel(Arguments args, Keyspace keyspace, ReplySink reply) {
    HashValue hash = keyspace.hash(args.bytes(1));
    long removed = 0;
    for (int i = 2; i < args.count(); i++) {
      if (hash.remove(args.bytes(i))) {
        removed++;
      }
    }
    reply.integer(removed);
  }

  /** HINCRBY key field increment: replies with the sum. */
  private static void hincrby(Arguments args, Keyspace keyspace, ReplySink reply) {
    long increment = Numbers.requireLong(args, 3);
    HashValue hash = keyspace.hash(args.bytes(1));
    byte[] field = args.bytes(2);
    ByteBuffer value = hash.get(field);
    long present =
        value == null ? 0 : Numbers.requireLong(copy(value), Errors.HASH_VALUE_NOT_AN_INTEGER);
    long sum = Numbers.addOrThrow(present, increment);
    hash.putKeepingExpiry(field, Numbers.digits(sum));
    reply.integer(sum);
  }

  /** HINCRBYFLOAT key field increment: replies with the sum. */
  private static void hincrbyfloat(Arguments args, Keyspace keyspace, ReplySink reply) {
    LongDouble increment = LongDouble.parse(args.bytes(3), Errors.NOT_A_FLOAT);
    if (!increment.isFinite()) {
      throw new CommandException(Errors.NAN_OR_INFINITY);
    }
    HashValue hash = keyspace.hash(args.bytes(1));
    byte[] field = args.bytes(2);
    ByteBuffer value = hash.get(field);
    LongDouble present =
        value == null
            ? LongDouble.ZERO
            : LongDouble.parse(copy(value), Errors.HASH_VALUE_NOT_A_FLOAT);
    byte[] sum = present.plus(increment).digits();
    hash.putKeepingExpiry(field, sum);
    reply.bulk(sum);
  }

  private static byte[] copy(ByteBuffer value) {
    byte[] bytes = new byte[value.remaining()];
    value.get(value.position(), bytes);
    return bytes;
  }

  /** HGET key field: replies with the value, or null. */
  private static void hget(Arguments args, Keyspace keyspace, ReplySink reply) {
    bulkOrNull(reply, keyspace.hash(args.bytes(1)).get(args.bytes(2)));
  }

  /** HMGET key field [field ...]: replies with each value, or null where there is none. */
  private static void hmget(Arguments args, Keyspace keyspace, ReplySink reply) {
    HashValue hash = keyspace.hash(args.bytes(1));
    reply.array(args.count() - 2);
    for (int i = 2; i < args.count(); i++) {
      bulkOrNull(reply, hash.get(args.bytes(i)));
    }
  }

  static void bulkOrNull(ReplySink reply, @Nullable ByteBuffer value) {
    if (value == null) {
      reply.nullBulk();
    } else {
      reply.bulk(value);
    }
  }

  /** HGETALL key: replies with a map of all fields. */
  private static void hgetall(Arguments args, Keyspace keyspace, ReplySink reply) {
    HashValue hash = keyspace.hash(args.bytes(1));
    reply.map((int) hash.size());
    hash.forEach(
        (field, value) -> {
          reply.bulk(field);
          reply.bulk(value);
        });
  }

  /** HKEYS key: replies with all fields. */
  private static void hkeys(Arguments args, Keyspace keyspace, ReplySink reply) {
    HashValue hash = keyspace.hash(args.bytes(1));
    reply.array((int) hash.size());
    hash.forEach((field, value) -> reply.bulk(field));
  }

  /** HVALS key: replies with all values. */
  private static void hvals(Arguments args, Keyspace keyspace, ReplySink reply) {
    HashValue hash = keyspace.hash(args.bytes(1));
    reply.array((int) hash.size());
    hash.forEach((field, value) -> reply.bulk(value));
  }

  /** HLEN key: replies with the number of fields. */
  private static void hlen(Arguments args, Keyspace keyspace, ReplySink reply) {
    reply.integer(keyspace.hash(args.bytes(1)).size());
  }

  /** HSTRLEN key field: replies with the length of the value, 0 if there is none. */
  private static void hstrlen(Arguments args, Keyspace keyspace, ReplySink reply) {
    ByteBuffer value = keyspace.hash(args.bytes(1)).get(args.bytes(2));
    reply.integer(value == null ? 0 : value.remaining());
  }

  /** HEXISTS key field. */
  private static void hexists(Arguments args, Keyspace keyspace, ReplySink reply) {
    reply.integer(keyspace.hash(args.bytes(1)).get(args.bytes(2)) == null ? 0 : 1);
  }

  /**
   * HRANDFIELD key [count [WITHVALUES]]: replies with one field or null; with a count, with so many
   * different fields; with a negative one, with so many draws that may repeat.
   */
  private static void hrandfield(Arguments args, Keyspace keyspace, ReplySink reply) {
    if (args.count() == 2) {
      HashValue hash = keyspace.hash(args.bytes(1));
      if (hash.exists()) {
        hash.randomDistinct(1, (field, value) -> reply.bulk(field));
      } else {
        reply.nullBulk();
      }
      return;
    }
    long count = Numbers.requireLong(args, 2);
    if (count == Long.MIN_VALUE) {
      throw new CommandException(Errors.NOT_A_COUNT);
    }
    boolean withValues = args.count() == 4 && args.is(3, "withvalues");
    if (args.count() > 4 || (args.count() == 4 && !withValues)) {
      throw Errors.syntax();
    }
    if (count < -MAX_DRAWS) {
      throw new CommandException(Errors.OUT_OF_RANGE);
    }
    HashValue hash = keyspace.hash(args.bytes(1));
    if (!hash.exists() || count == 0) {
      reply.array(0);
      return;
    }
    boolean inPairs = withValues && reply.version() == RespVersion.RESP3;
    HashValue.Visitor visitor =
        (field, value) -> {
          if (inPairs) {
            reply.array(2);
          }
          reply.bulk(field);
          if (withValues) {
            reply.bulk(value);
          }
        };
    long drawn = count < 0 ? -count : Math.min(count, hash.size());
    reply.array(Math.toIntExact(withValues && !inPairs ? drawn * 2 : drawn));
    if (count < 0) {
      hash.randomRepeated(drawn, visitor);
    } else {
      hash.randomDistinct(drawn, visitor);
    }
  }

  /** HSCAN key cursor [MATCH pattern] [COUNT n] [NOVALUES]: replies with a cursor and fields. */
  private static void hscan(Arguments args, Keyspace keyspace, ReplySink reply) {
    long cursor = ScanOptions.requireCursor(args, 2);
    HashValue hash = keyspace.hash(args.bytes(1));
    long next = 0;
    List<byte[]> found = new ArrayList<>();
    if (hash.exists()) {
      ScanOptions options = ScanOptions.ofHscan(args);
      next =
          hash.page(
              cursor,
              options.count(),
              (field, value) -> {
                if (options.matches(field)) {
                  found.add(field);
                  if (!options.noValues()) {
                    found.add(copy(value));
                  }
                }
              });
    }
    reply.array(2);
    reply.bulk(Long.toUnsignedString(next));
    reply.array(found.size());
    for (byte[] each : found) {
      reply.bulk(each);
    }
  }
}
