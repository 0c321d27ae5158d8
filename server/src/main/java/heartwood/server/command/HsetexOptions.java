package heartwood.server.command;

import heartwood.server.keyspace.KeyEntry;

/**
 * The options of HSETEX: {@code [FNX | FXX] [EX s | PX ms | EXAT s | PXAT ms | KEEPTTL] FIELDS
 * count field value …}. Immutable.
 *
 * @param expiry of the fields, or {@link KeyEntry#NO_EXPIRY} if no option says so
 * @param firstField the first argument that is a field; a value follows each, up to the last
 */
record HsetexOptions(
    boolean onlyIfNone,
    boolean onlyIfAll,
    boolean hasExpiry,
    boolean keepTtl,
    long expiry,
    int firstField) {
  private static final String ONE_CONDITION =
      "ERR Only one of FXX or FNX arguments can be specified";
  private static final String ONE_EXPIRATION =
      "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified";
  private static final String NO_TIME = "ERR missing expire time";

  static HsetexOptions parse(Arguments args, long stampMillis) {
    boolean fnx = false;
    boolean fxx = false;
    boolean keepTtl = false;
    boolean hasExpiry = false;
    long expiry = KeyEntry.NO_EXPIRY;
    for (int i = 2; i < args.count(); i++) {
      if (args.is(i, "fields")) {
        requirePairs(args, i);
        return new HsetexOptions(fnx, fxx, hasExpiry, keepTtl, expiry, i + 2);
      } else if (args.is(i, "fnx") || args.is(i, "fxx")) {
        require(!fnx && !fxx, ONE_CONDITION);
        fnx = args.is(i, "fnx");
        fxx = !fnx;
      } else if (args.is(i, "keepttl")) {
        require(!hasExpiry && !keepTtl, ONE_EXPIRATION);
        keepTtl = true;
      } else if (FieldArguments.isUnit(args, i)) {
        require(!hasExpiry && !keepTtl, ONE_EXPIRATION);
        require(i + 1 < args.count(), NO_TIME);
        expiry = FieldArguments.requireExpiry(args, i, stampMillis, "hsetex");
        hasExpiry = true;
        i++;
      } else {
        throw new CommandException("ERR unknown argument: " + args.text(i));
      }
    }
    throw Errors.wrongArgumentCount("hsetex");
  }

  private static void requirePairs(Arguments args, int keyword) {
    if (keyword >= args.count() - 3) {
      throw Errors.wrongArgumentCount("hsetex");
    }
    long count =
        FieldArguments.requireCount(
            args, keyword + 1, Integer.MAX_VALUE, FieldArguments.INVALID_FIELD_COUNT);
    if (count * 2 != args.count() - keyword - 2) {
      throw Errors.wrongArgumentCount("hsetex");
    }
  }

  private static void require(boolean condition, String error) {
    if (!condition) {
      throw new CommandException(error);
    }
  }
}
