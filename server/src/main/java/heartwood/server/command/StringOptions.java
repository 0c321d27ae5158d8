package heartwood.server.command;

import heartwood.server.keyspace.KeyEntry;
import java.util.List;

/** The options of SET and GETEX. Immutable once parsed. */
final class StringOptions {
  private static final List<String> UNITS = List.of("ex", "px", "exat", "pxat");

  private final String command;
  private final Arguments args;
  private boolean onlyIfAbsent;
  private boolean onlyIfPresent;
  private boolean get;
  private boolean keepTtl;
  private boolean persist;

  /** Which argument says when to expire; 0 for none. */
  private int expireArgument;

  private String expireUnit = "";

  private StringOptions(String command, Arguments args) {
    this.command = command;
    this.args = args;
  }

  static StringOptions ofSet(Arguments args) {
    StringOptions options = new StringOptions("set", args);
    for (int i = 3; i < args.count(); i++) {
      if (args.is(i, "nx") && !options.onlyIfPresent) {
        options.onlyIfAbsent = true;
      } else if (args.is(i, "xx") && !options.onlyIfAbsent) {
        options.onlyIfPresent = true;
      } else if (args.is(i, "get")) {
        options.get = true;
      } else if (args.is(i, "keepttl") && options.expireArgument == 0) {
        options.keepTtl = true;
      } else if (options.isExpiration(i)) {
        i++;
      } else {
        throw Errors.syntax();
      }
    }
    return options;
  }

  static StringOptions ofGetex(Arguments args) {
    StringOptions options = new StringOptions("getex", args);
    for (int i = 2; i < args.count(); i++) {
      if (args.is(i, "persist") && options.expireArgument == 0) {
        options.persist = true;
      } else if (options.isExpiration(i)) {
        i++;
      } else {
        throw Errors.syntax();
      }
    }
    return options;
  }

  private boolean isExpiration(int argument) {
    if (keepTtl || persist || argument + 1 == args.count()) {
      return false;
    }
    for (String unit : UNITS) {
      if (args.is(argument, unit) && (expireArgument == 0 || unit.equals(expireUnit))) {
        expireArgument = argument + 1;
        expireUnit = unit;
        return true;
      }
    }
    return false;
  }

  boolean onlyIfAbsent() {
    return onlyIfAbsent;
  }

  boolean onlyIfPresent() {
    return onlyIfPresent;
  }

  boolean get() {
    return get;
  }

  boolean keepTtl() {
    return keepTtl;
  }

  boolean persist() {
    return persist;
  }

  boolean hasExpiration() {
    return expireArgument != 0;
  }

  /** When to expire, in milliseconds since 1970, or no expiry if no option says so. */
  long expiry(long stampMillis) {
    if (expireArgument == 0) {
      return KeyEntry.NO_EXPIRY;
    }
    return expiry(
        args,
        expireArgument,
        expireUnit.startsWith("ex"),
        expireUnit.endsWith("at"),
        stampMillis,
        command);
  }

  /** A time to live, or a time, that must be positive. */
  static long expiry(
      Arguments args,
      int argument,
      boolean inSeconds,
      boolean isAbsolute,
      long stampMillis,
      String command) {
    long value = Numbers.requireLong(args, argument);
    if (value <= 0 || (inSeconds && value > Long.MAX_VALUE / 1000)) {
      throw Errors.invalidExpireTime(command);
    }
    long millis = inSeconds ? value * 1000 : value;
    if (!isAbsolute) {
      millis += stampMillis;
      if (millis <= 0) {
        throw Errors.invalidExpireTime(command);
      }
    }
    return millis;
  }
}
