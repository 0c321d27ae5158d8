package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.StringValue;

/** Strings as rows of bits, the most significant bit of a byte first. */
final class BitCommands {
  private static final int PAGE_BYTES = 1 << 16;

  private BitCommands() {}

  static void register(CommandTable table) {
    table.write("setbit", BitCommands::setbit);
    table.read("getbit", BitCommands::getbit);
    table.read("bitcount", BitCommands::bitcount);
  }

  /** SETBIT key offset value: replies with the bit that was there. */
  private static void setbit(Arguments args, Keyspace keyspace, ReplySink reply) {
    long offset = requireOffset(args);
    long bit = Numbers.requireLong(args, 3, Errors.BIT_VALUE);
    if (bit != 0 && bit != 1) {
      throw new CommandException(Errors.BIT_VALUE);
    }
    StringValue string = keyspace.string(args.bytes(1));
    int shift = shift(offset);
    int former = string.byteAt(offset >>> 3);
    byte[] changed = {(byte) ((former & ~(1 << shift)) | ((int) bit << shift))};
    string.overwrite(offset >>> 3, changed, 0, 1);
    reply.integer((former >>> shift) & 1);
  }

  /** GETBIT key offset: replies with the bit, 0 behind the end. */
  private static void getbit(Arguments args, Keyspace keyspace, ReplySink reply) {
    long offset = requireOffset(args);
    StringValue string = keyspace.string(args.bytes(1));
    reply.integer((string.byteAt(offset >>> 3) >>> shift(offset)) & 1);
  }

  private static long requireOffset(Arguments args) {
    long offset = Numbers.requireLong(args, 2, Errors.BIT_OFFSET);
    if (offset < 0 || offset >>> 3 >= StringValue.MAX_BYTES) {
      throw new CommandException(Errors.BIT_OFFSET);
    }
    return offset;
  }

  private static int shift(long offset) {
    return 7 - (int) (offset & 7);
  }

  /** BITCOUNT key [start end [BYTE | BIT]]: replies with the number of bits that are set. */
  private static void bitcount(Arguments args, Keyspace keyspace, ReplySink reply) {
    StringValue string = keyspace.string(args.bytes(1));
    if (!string.exists()) {
      reply.integer(0);
      return;
    }
    if (args.count() == 2) {
      reply.integer(count(string, 0, string.length() * 8));
      return;
    }
    if (args.count() != 4 && args.count() != 5) {
      throw Errors.syntax();
    }
    long start = Numbers.requireLong(args, 2);
    long end = Numbers.requireLong(args, 3);
    boolean isBackwards = start < 0 && end < 0 && start > end;
    boolean inBits = args.count() == 5 && args.is(4, "bit");
    if (args.count() == 5 && !inBits && !args.is(4, "byte") && !isBackwards) {
      throw Errors.syntax();
    }
    int unitBits = inBits ? 1 : 8;
    long length = string.length() * 8 / unitBits;
    start = start < 0 ? Math.max(0, start + length) : start;
    end = end < 0 ? Math.max(0, end + length) : Math.min(end, length - 1);
    reply.integer(
        isBackwards || start > end ? 0 : count(string, start * unitBits, (end + 1) * unitBits));
  }

  /** The bits set from one offset to before another. */
  private static long count(StringValue string, long from, long to) {
    long count = 0;
    long lastByte = (to + 7) >>> 3;
    string.willRead(lastByte - (from >>> 3));
    for (long page = from >>> 3; page < lastByte; page += PAGE_BYTES) {
      byte[] bytes = string.range(page, (int) Math.min(PAGE_BYTES, lastByte - page));
      if (page == from >>> 3) {
        bytes[0] &= (byte) (0xff >>> (from & 7));
      }
      if (page + bytes.length == lastByte && (to & 7) != 0) {
        bytes[bytes.length - 1] &= (byte) (0xff00 >>> (to & 7));
      }
      for (byte each : bytes) {
        count += Integer.bitCount(each & 0xff);
      }
    }
    return count;
  }
}
