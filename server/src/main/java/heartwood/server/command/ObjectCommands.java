package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.HashValue;
import heartwood.server.keyspace.KeyEntry;
import heartwood.server.keyspace.KeyType;
import heartwood.server.keyspace.Keyspace;

/**
 * How a value would lie in Redis: names and numbers that tools expect, about an inside that is
 * different here.
 */
final class ObjectCommands {
  /** What Redis spends on a key with its dictionary entry and object head, roughly. */
  private static final long KEY_OVERHEAD_BYTES = 56;

  private static final long FIELD_OVERHEAD_BYTES = 24;
  private static final int DEFAULT_SAMPLES = 5;

  private ObjectCommands() {}

  static void register(CommandTable table) {
    table.read("object|encoding", ObjectCommands::encoding);
    table.read("object|refcount", (args, keyspace, reply) -> number(args, keyspace, reply, 1));
    table.read("object|idletime", (args, keyspace, reply) -> number(args, keyspace, reply, 0));
    table.read("object|freq", ObjectCommands::freq);
    table.read("memory|usage", ObjectCommands::memoryUsage);
  }

  /** OBJECT ENCODING key: the name that Redis would give. */
  private static void encoding(Arguments args, Keyspace keyspace, ReplySink reply) {
    KeyEntry entry = keyspace.find(args.bytes(2));
    KeyType type = entry.type();
    if (type == null) {
      reply.nullBulk();
    } else if (type == KeyType.STRING) {
      reply.bulk(keyspace.string(entry).encoding());
    } else if (type == KeyType.HASH) {
      reply.bulk(keyspace.hash(entry).encoding());
    } else {
      throw new IllegalStateException("no encoding is known of type " + type);
    }
  }

  /** OBJECT REFCOUNT and IDLETIME: nothing is shared, and no access is remembered. */
  private static void number(Arguments args, Keyspace keyspace, ReplySink reply, long number) {
    if (keyspace.find(args.bytes(2)).exists()) {
      reply.integer(number);
    } else {
      reply.nullBulk();
    }
  }

  private static void freq(Arguments args, Keyspace keyspace, ReplySink reply) {
    if (!keyspace.find(args.bytes(2)).exists()) {
      reply.nullBulk();
      return;
    }
    throw new CommandException(
        "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note"
            + " that when switching between policies at runtime LRU and LFU data will take some"
            + " time to adjust.");
  }

  /** MEMORY USAGE key [SAMPLES n]: an estimate in bytes, from the sizes of some fields. */
  private static void memoryUsage(Arguments args, Keyspace keyspace, ReplySink reply) {
    long samples = DEFAULT_SAMPLES;
    for (int i = 3; i < args.count(); i++) {
      if (args.is(i, "samples") && i + 1 < args.count()) {
        samples = Numbers.requireLong(args, ++i);
        if (samples < 0) {
          throw Errors.syntax();
        }
      } else {
        throw Errors.syntax();
      }
    }
    KeyEntry entry = keyspace.find(args.bytes(2));
    if (!entry.exists()) {
      reply.nullBulk();
      return;
    }
    long bytes = KEY_OVERHEAD_BYTES + args.length(2);
    if (entry.type() == KeyType.STRING) {
      bytes += entry.size();
    } else if (entry.type() == KeyType.HASH) {
      bytes += hashBytes(keyspace.hash(entry), samples == 0 ? Long.MAX_VALUE : samples);
    }
    reply.integer(bytes);
  }

  private static long hashBytes(HashValue hash, long samples) {
    long[] met = new long[2]; // fields, bytes
    hash.page(
        0,
        Math.min(samples, hash.size()),
        (field, value) -> {
          met[0]++;
          met[1] += FIELD_OVERHEAD_BYTES + field.length + value.remaining();
        });
    return met[0] == 0 ? FIELD_OVERHEAD_BYTES * hash.size() : met[1] * hash.size() / met[0];
  }
}
