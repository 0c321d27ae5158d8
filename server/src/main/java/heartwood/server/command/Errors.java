package heartwood.server.command;

/** The error replies of the data commands, in Redis' words. */
final class Errors {
  static final String SYNTAX = "ERR syntax error";
  static final String NOT_AN_INTEGER = "ERR value is not an integer or out of range";
  static final String NOT_A_FLOAT = "ERR value is not a valid float";
  static final String NAN_OR_INFINITY = "ERR value is NaN or Infinity";
  static final String WOULD_OVERFLOW = "ERR increment or decrement would overflow";
  static final String DECREMENT_WOULD_OVERFLOW = "ERR decrement would overflow";
  static final String WOULD_BE_NAN_OR_INFINITY = "ERR increment would produce NaN or Infinity";
  static final String HASH_VALUE_NOT_AN_INTEGER = "ERR hash value is not an integer";
  static final String HASH_VALUE_NOT_A_FLOAT = "ERR hash value is not a float";
  static final String OUT_OF_RANGE = "ERR value is out of range";
  static final String NOT_A_COUNT =
      "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807";
  static final String OFFSET_OUT_OF_RANGE = "ERR offset is out of range";
  static final String BIT_OFFSET = "ERR bit offset is not an integer or out of range";
  static final String BIT_VALUE = "ERR bit is not an integer or out of range";
  static final String STRING_TOO_LONG =
      "ERR string exceeds maximum allowed size (proto-max-bulk-len)";
  static final String NO_SUCH_KEY = "ERR no such key";
  static final String SAME_OBJECT = "ERR source and destination objects are the same";
  static final String DB_OUT_OF_RANGE = "ERR DB index is out of range";
  static final String INVALID_CURSOR = "ERR invalid cursor";
  static final String INTERNAL = "ERR internal error";

  private Errors() {}

  static CommandException syntax() {
    return new CommandException(SYNTAX);
  }

  static CommandException wrongArgumentCount(String command) {
    return new CommandException("ERR wrong number of arguments for '" + command + "' command");
  }

  static CommandException invalidExpireTime(String command) {
    return new CommandException("ERR invalid expire time in '" + command + "' command");
  }
}
