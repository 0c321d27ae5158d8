package heartwood.server.command;

import heartwood.server.keyspace.Keyspace;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Locale;

/**
 * A moment as a user writes it, before it is known which revision that is:
 *
 * <pre>
 *   now                             the present
 *   -5m  -1h30m  -250ms             so long ago; units w d h m s ms, the larger ones first
 *   1700000000s  1700000000000      seconds, or 12 and more digits of milliseconds, since 1970
 *   2026-11-21T03:15:55.120Z        RFC 3339, with Z or an offset
 *   {@literal @}48213                          a revision
 *   {@literal @}48213.i7f30a12c                the same, of this incarnation of the cluster only
 *   #before-deploy                  a pinned moment
 * </pre>
 *
 * <p>Immutable.
 */
public sealed interface Moment {
  /** Bare integers below are more likely seconds or a revision than milliseconds. */
  long LEAST_BARE_MILLIS = 100_000_000_000L;

  /** Between a revision and the incarnation that it is of. */
  String INCARNATION_MARK = ".i";

  /** The present. */
  record Now() implements Moment {}

  /** So many milliseconds ago; positive. */
  record Ago(long millis) implements Moment {}

  /** Milliseconds since 1970. */
  record Time(long millis) implements Moment {}

  /**
   * A revision.
   *
   * @param incarnation of the cluster, as {@link Keyspace#incarnation} says it; or {@link #ANY}
   */
  record Revision(long revision, long incarnation) implements Moment {
    static final long ANY = -1;

    public Revision(long revision) {
      this(revision, ANY);
    }

    /** Whether it names no incarnation. */
    public boolean isOfAny() {
      return incarnation == ANY;
    }

    /** Whether it is of another incarnation than this. */
    public boolean isForeign(long presentIncarnation) {
      return !isOfAny() && incarnation != presentIncarnation;
    }
  }

  record Pin(String name) implements Moment {}

  /**
   * What another moment came to; nobody writes it. The revision may be much older than the time, at
   * which it is looked at: keys expire in between.
   */
  record Resolved(long revision, long millis) implements Moment {}

  /**
   * Reads a moment.
   *
   * @throws CommandException with what is wrong with it
   */
  static Moment parse(String text) {
    if (text.isEmpty()) {
      throw invalid(text, "");
    }
    char first = text.charAt(0);
    if (first == '@') {
      return revision(text);
    }
    if (first == '#') {
      if (text.length() == 1) {
        throw invalid(text, "");
      }
      return new Pin(text.substring(1));
    }
    if (first == '-') {
      return new Ago(duration(text));
    }
    if (text.equalsIgnoreCase("now")) {
      return new Now();
    }
    if (text.indexOf('T') > 0 || text.indexOf('t') > 0) {
      return rfc3339(text);
    }
    if (text.endsWith("s")) {
      long seconds = number(text, text.substring(0, text.length() - 1));
      if (seconds > Long.MAX_VALUE / 1000) {
        throw invalid(text, "");
      }
      return new Time(seconds * 1000);
    }
    long millis = number(text, text);
    if (millis < LEAST_BARE_MILLIS) {
      throw invalid(text, ": for seconds write " + millis + "s, for a revision @" + millis);
    }
    return new Time(millis);
  }

  private static Revision revision(String text) {
    int mark = text.indexOf(INCARNATION_MARK);
    if (mark < 0) {
      return new Revision(number(text, text.substring(1)));
    }
    long revision = number(text, text.substring(1, mark));
    String digits = text.substring(mark + INCARNATION_MARK.length());
    try {
      if (!digits.isEmpty() && Character.digit(digits.charAt(0), 16) >= 0) {
        return new Revision(revision, Integer.parseUnsignedInt(digits, 16) & 0xffffffffL);
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw invalid(text, ": an incarnation is written @123.i7f30a12c, as TIMELINE INFO tells it");
  }

  /** How TIMELINE INFO shows an incarnation. */
  static String incarnationText(long incarnation) {
    return String.format(Locale.ROOT, "i%08x", incarnation);
  }

  private static Moment rfc3339(String text) {
    try {
      return new Time(
          OffsetDateTime.parse(text.toUpperCase(Locale.ROOT)).toInstant().toEpochMilli());
    } catch (DateTimeException | ArithmeticException e) {
      throw invalid(text, ": a date is written 2026-11-21T03:15:55Z, with Z or an offset");
    }
  }

  private static long duration(String text) {
    long millis = 0;
    long lastUnit = Long.MAX_VALUE;
    int at = 1;
    while (at < text.length()) {
      int digits = at;
      while (at < text.length() && isDigit(text.charAt(at))) {
        at++;
      }
      int letters = at;
      while (at < text.length() && !isDigit(text.charAt(at))) {
        at++;
      }
      long unit = unitMillis(text.substring(letters, at));
      if (unit == 0 || unit >= lastUnit) {
        throw invalid(text, ": a time ago is written -1h30m, with the units w d h m s ms");
      }
      lastUnit = unit;
      try {
        long part = Math.multiplyExact(number(text, text.substring(digits, letters)), unit);
        millis = Math.addExact(millis, part);
      } catch (ArithmeticException e) {
        throw invalid(text, "");
      }
    }
    if (at == 1) {
      throw invalid(text, "");
    }
    return millis;
  }

  private static long unitMillis(String unit) {
    return switch (unit) {
      case "ms" -> 1;
      case "s" -> 1000;
      case "m" -> 60_000;
      case "h" -> 3_600_000;
      case "d" -> 86_400_000;
      case "w" -> 7 * 86_400_000L;
      default -> 0;
    };
  }

  private static long number(String text, String digits) {
    if (digits.isEmpty() || !digits.chars().allMatch(each -> isDigit((char) each))) {
      throw invalid(text, "");
    }
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw invalid(text, "");
    }
  }

  private static boolean isDigit(char each) {
    return each >= '0' && each <= '9';
  }

  private static CommandException invalid(String text, String hint) {
    return new CommandException("ERR invalid time '" + text + "'" + hint);
  }
}
