package heartwood.server.command;

import heartwood.resp.ReplySink;
import heartwood.server.keyspace.Keyspace;
import heartwood.server.keyspace.StringValue;

/** Strings that are numbers. */
final class CounterCommands {
  private CounterCommands() {}

  static void register(CommandTable table) {
    table.write("incr", (args, keyspace, reply) -> add(args, keyspace, reply, 1));
    table.write("decr", (args, keyspace, reply) -> add(args, keyspace, reply, -1));
    table.write("incrby", CounterCommands::incrby);
    table.write("decrby", CounterCommands::decrby);
    table.write("incrbyfloat", CounterCommands::incrbyfloat);
  }

  /** INCRBY key increment: replies with the sum. */
  private static void incrby(Arguments args, Keyspace keyspace, ReplySink reply) {
    add(args, keyspace, reply, Numbers.requireLong(args, 2));
  }

  /** DECRBY key decrement: replies with the difference. */
  private static void decrby(Arguments args, Keyspace keyspace, ReplySink reply) {
    long decrement = Numbers.requireLong(args, 2);
    if (decrement == Long.MIN_VALUE) {
      throw new CommandException(Errors.DECREMENT_WOULD_OVERFLOW);
    }
    add(args, keyspace, reply, -decrement);
  }

  private static void add(Arguments args, Keyspace keyspace, ReplySink reply, long increment) {
    StringValue string = keyspace.string(args.bytes(1));
    long value =
        string.exists() ? Numbers.requireLong(shortCopy(string), Errors.NOT_AN_INTEGER) : 0;
    long sum = Numbers.addOrThrow(value, increment);
    string.set(Numbers.digits(sum));
    reply.integer(sum);
  }

  /** A copy of what may be a number; of a long string, only enough to see that it is none. */
  private static byte[] shortCopy(StringValue string) {
    return string.range(0, (int) Math.min(string.length(), 32));
  }

  /** INCRBYFLOAT key increment: replies with the sum. */
  private static void incrbyfloat(Arguments args, Keyspace keyspace, ReplySink reply) {
    StringValue string = keyspace.string(args.bytes(1));
    LongDouble value =
        string.exists() ? LongDouble.parse(string.copy(), Errors.NOT_A_FLOAT) : LongDouble.ZERO;
    LongDouble increment = LongDouble.parse(args.bytes(2), Errors.NOT_A_FLOAT);
    byte[] sum = value.plus(increment).digits();
    string.set(sum);
    reply.bulk(sum);
  }
}
