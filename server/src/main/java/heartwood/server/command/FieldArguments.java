package heartwood.server.command;

/**
 * What the commands on expiries of fields have in common: times, and {@code FIELDS count field …}
 * at the end. Stateless and thread-safe.
 */
final class FieldArguments {
  static final String NO_FIELDS =
      "ERR Mandatory argument FIELDS is missing or not at the right position";
  static final String NOT_A_FIELD_COUNT = "ERR Number of fields must be a positive integer";
  static final String FIELD_COUNT_TOO_SMALL = "ERR Parameter `numFields` should be greater than 0";
  static final String INVALID_FIELD_COUNT = "ERR invalid number of fields";
  static final String FIELD_COUNT_DIFFERS =
      "ERR The `numfields` parameter must match the number of arguments";
  static final String NEGATIVE_TIME = "ERR invalid expire time, must be >= 0";

  /** Redis keeps 48 bits of a field's expiry and reserves two of them. */
  static final long MAX_EXPIRY = (1L << 46) - 1;

  private FieldArguments() {}

  /** The first of the fields that follow FIELDS and their number, up to the last argument. */
  static int requireFields(Arguments args, int keyword, String countError) {
    if (!args.is(keyword, "fields")) {
      throw new CommandException(NO_FIELDS);
    }
    long count = requireCount(args, keyword + 1, Long.MAX_VALUE, countError);
    if (count != args.count() - keyword - 2) {
      throw new CommandException(FIELD_COUNT_DIFFERS);
    }
    return keyword + 2;
  }

  static long requireCount(Arguments args, int argument, long max, String error) {
    if (argument >= args.count()) {
      throw new CommandException(error);
    }
    long count = Numbers.requireLong(args, argument, error);
    if (count < 1 || count > max) {
      throw new CommandException(error);
    }
    return count;
  }

  /** Whether an argument names a unit of time: EX, PX, EXAT or PXAT. */
  static boolean isUnit(Arguments args, int argument) {
    return args.is(argument, "ex")
        || args.is(argument, "px")
        || args.is(argument, "exat")
        || args.is(argument, "pxat");
  }

  /** The time behind a unit, in milliseconds since 1970. */
  static long requireExpiry(Arguments args, int unit, long stampMillis, String command) {
    boolean inSeconds = args.is(unit, "ex") || args.is(unit, "exat");
    boolean isAbsolute = args.is(unit, "exat") || args.is(unit, "pxat");
    return requireExpiry(args, unit + 1, inSeconds, isAbsolute ? 0 : stampMillis, command);
  }

  /** A time that counts from another, in milliseconds since 1970. */
  static long requireExpiry(
      Arguments args, int argument, boolean inSeconds, long fromMillis, String command) {
    long time = Numbers.requireLong(args, argument);
    if (time < 0) {
      throw new CommandException(NEGATIVE_TIME);
    }
    long millisPerUnit = inSeconds ? 1000 : 1;
    if (time > MAX_EXPIRY / millisPerUnit || time * millisPerUnit > MAX_EXPIRY - fromMillis) {
      throw Errors.invalidExpireTime(command);
    }
    return time * millisPerUnit + fromMillis;
  }
}
