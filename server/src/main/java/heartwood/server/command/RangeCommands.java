package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.StringValue;

/** Parts of strings. */
final class RangeCommands {
  private static final byte[] EMPTY = {};

  private RangeCommands() {}

  static void register(CommandTable table) {
    table.write("append", RangeCommands::append);
    table.read("strlen", RangeCommands::strlen);
    table.read("getrange", RangeCommands::getrange);
    table.read("substr", RangeCommands::getrange);
    table.write("setrange", RangeCommands::setrange);
  }

  /** APPEND key value: replies with the new length. */
  private static void append(Arguments args, Keyspace keyspace, ReplySink reply) {
    StringValue string = keyspace.string(args.bytes(1));
    requireLength(string.length() + args.length(2));
    if (string.exists()) {
      string.append(args.array(), args.offset(2), args.length(2));
    } else {
      string.set(args.array(), args.offset(2), args.length(2));
    }
    reply.integer(string.length());
  }

  /** STRLEN key: replies with the length, 0 for no key. */
  private static void strlen(Arguments args, Keyspace keyspace, ReplySink reply) {
    reply.integer(keyspace.string(args.bytes(1)).length());
  }

  /**
   * GETRANGE key start end: replies with the bytes from start to end, which may count from behind.
   */
  private static void getrange(Arguments args, Keyspace keyspace, ReplySink reply) {
    long start = Numbers.requireLong(args, 2);
    long end = Numbers.requireLong(args, 3);
    StringValue string = keyspace.string(args.bytes(1));
    long length = string.length();
    boolean isBackwards = start < 0 && end < 0 && start > end;
    if (start < 0) {
      start = Math.max(0, start + length);
    }
    if (end < 0) {
      end = Math.max(0, end + length);
    }
    end = Math.min(end, length - 1);
    if (isBackwards || start > end) {
      reply.bulk(EMPTY);
    } else {
      reply.bulk(string.range(start, (int) (end - start + 1)));
    }
  }

  /** SETRANGE key offset value: overwrites from offset on and replies with the new length. */
  private static void setrange(Arguments args, Keyspace keyspace, ReplySink reply) {
    long offset = Numbers.requireLong(args, 2);
    if (offset < 0) {
      throw new CommandException(Errors.OFFSET_OUT_OF_RANGE);
    }
    StringValue string = keyspace.string(args.bytes(1));
    if (args.length(3) > 0) {
      requireLength(offset + args.length(3));
      string.overwrite(offset, args.array(), args.offset(3), args.length(3));
    }
    reply.integer(string.length());
  }

  private static void requireLength(long length) {
    if (length < 0 || length > StringValue.MAX_BYTES) {
      throw new CommandException(Errors.STRING_TOO_LONG);
    }
  }
}
