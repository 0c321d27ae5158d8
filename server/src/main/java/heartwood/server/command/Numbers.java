package heartwood.server.command;

import java.nio.charset.StandardCharsets;

/**
 * Integers in arguments and values, as strictly as Redis reads them: no plus sign, no leading
 * zeros, no spaces. Stateless and thread-safe.
 */
final class Numbers {
  /** More digits than these overflow for certain. */
  private static final int MAX_DIGITS = 19;

  private Numbers() {}

  static long requireLong(Arguments args, int argument) {
    return requireLong(args, argument, Errors.NOT_AN_INTEGER);
  }

  static long requireLong(Arguments args, int argument, String error) {
    return requireLong(args.array(), args.offset(argument), args.length(argument), error);
  }

  static long requireLong(byte[] bytes, String error) {
    return requireLong(bytes, 0, bytes.length, error);
  }

  static int requireInt(Arguments args, int argument) {
    long value = requireLong(args, argument);
    if (value != (int) value) {
      throw new CommandException(Errors.NOT_AN_INTEGER);
    }
    return (int) value;
  }

  private static long requireLong(byte[] array, int offset, int length, String error) {
    int position = offset;
    int end = offset + length;
    boolean isNegative = length > 0 && array[position] == '-';
    if (isNegative) {
      position++;
    }
    int digits = end - position;
    if (digits == 0 || digits > MAX_DIGITS || (array[position] == '0' && length > 1)) {
      throw new CommandException(error);
    }
    long negated = 0; // the negative numbers reach one further
    for (; position < end; position++) {
      int digit = array[position] - '0';
      if (digit < 0 || digit > 9) {
        throw new CommandException(error);
      }
      negated = negated * 10 - digit;
      if (negated > 0) {
        throw new CommandException(error);
      }
    }
    if (isNegative) {
      return negated;
    }
    if (negated == Long.MIN_VALUE) {
      throw new CommandException(error);
    }
    return -negated;
  }

  /** The decimal digits of a number. */
  static byte[] digits(long value) {
    return Long.toString(value).getBytes(StandardCharsets.ISO_8859_1);
  }

  static long addOrThrow(long value, long increment) {
    long sum = value + increment;
    if (((value ^ sum) & (increment ^ sum)) < 0) {
      throw new CommandException(Errors.WOULD_OVERFLOW);
    }
    return sum;
  }
}
