package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.GlobPattern;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.Slots;
import java.util.ArrayList;
import java.util.List;

/** Walks over the keys of a database. */
final class ScanCommands {
  private ScanCommands() {}

  static void register(CommandTable table) {
    table.read("keys", ScanCommands::keys);
    table.read("scan", ScanCommands::scan);
    table.read("randomkey", ScanCommands::randomkey);
    table.read("cluster|countkeysinslot", ScanCommands::countkeysinslot);
    table.read("cluster|getkeysinslot", ScanCommands::getkeysinslot);
  }

  /** KEYS pattern: replies with all keys that match. */
  private static void keys(Arguments args, Keyspace keyspace, ReplySink reply) {
    GlobPattern pattern = new GlobPattern(args.bytes(1));
    List<byte[]> found = new ArrayList<>();
    keyspace
        .scan()
        .all(
            (key, type) -> {
              if (pattern.matches(key)) {
                found.add(key);
              }
            });
    replyKeys(reply, found);
  }

  /** SCAN cursor [MATCH pattern] [COUNT n] [TYPE type]: replies with the next cursor and keys. */
  private static void scan(Arguments args, Keyspace keyspace, ReplySink reply) {
    long cursor = ScanOptions.requireCursor(args, 1);
    ScanOptions options = ScanOptions.ofScan(args);
    String wanted = options.type();
    List<byte[]> found = new ArrayList<>();
    long next =
        keyspace
            .scan()
            .page(
                cursor,
                options.count(),
                (key, type) -> {
                  if ((wanted == null || wanted.equals(type.redisName())) && options.matches(key)) {
                    found.add(key);
                  }
                });
    reply.array(2);
    reply.bulk(Long.toUnsignedString(next));
    replyKeys(reply, found);
  }

  /** RANDOMKEY: replies with some key, or null if there is none. */
  private static void randomkey(Arguments args, Keyspace keyspace, ReplySink reply) {
    byte[] key = keyspace.scan().random();
    if (key == null) {
      reply.nullBulk();
    } else {
      reply.bulk(key);
    }
  }

  /** CLUSTER COUNTKEYSINSLOT slot. */
  private static void countkeysinslot(Arguments args, Keyspace keyspace, ReplySink reply) {
    int slot = requireSlot(Numbers.requireLong(args, 2));
    reply.integer(keyspace.scan().slot(slot, Long.MAX_VALUE, (key, type) -> {}));
  }

  /** CLUSTER GETKEYSINSLOT slot count. */
  private static void getkeysinslot(Arguments args, Keyspace keyspace, ReplySink reply) {
    long slot = Numbers.requireLong(args, 2);
    long limit = Numbers.requireLong(args, 3);
    if (slot < 0 || slot >= Slots.COUNT || limit < 0) {
      throw new CommandException("ERR Invalid slot or number of keys");
    }
    List<byte[]> found = new ArrayList<>();
    keyspace.scan().slot((int) slot, limit, (key, type) -> found.add(key));
    replyKeys(reply, found);
  }

  private static int requireSlot(long slot) {
    if (slot < 0 || slot >= Slots.COUNT) {
      throw new CommandException("ERR Invalid slot");
    }
    return (int) slot;
  }

  private static void replyKeys(ReplySink reply, List<byte[]> keys) {
    reply.array(keys.size());
    for (byte[] key : keys) {
      reply.bulk(key);
    }
  }
}
