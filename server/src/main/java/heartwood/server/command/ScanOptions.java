package heartwood.server.command;

import heartwood.server.keyspace.GlobPattern;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The arguments that SCAN and its cousins share. Immutable once parsed. */
final class ScanOptions {
  private static final long DEFAULT_COUNT = 10;
  private static final GlobPattern ALL = new GlobPattern(new byte[] {'*'});

  private GlobPattern pattern = ALL;
  private long count = DEFAULT_COUNT;
  private @Nullable String type;
  private boolean noValues;

  private ScanOptions() {}

  /** A cursor: an unsigned number of 64 bits, or the negative of one as C's strtoul reads it. */
  static long requireCursor(Arguments args, int argument) {
    int length = args.length(argument);
    if (length == 0 || length > 21) {
      throw new CommandException(Errors.INVALID_CURSOR);
    }
    String text = args.text(argument);
    try {
      return text.startsWith("-")
          ? -Long.parseUnsignedLong(text.substring(1))
          : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new CommandException(Errors.INVALID_CURSOR);
    }
  }

  static ScanOptions ofScan(Arguments args) {
    return parse(args, 2, true, false);
  }

  static ScanOptions ofHscan(Arguments args) {
    return parse(args, 3, false, true);
  }

  private static ScanOptions parse(
      Arguments args, int from, boolean mayHaveType, boolean mayHaveNoValues) {
    ScanOptions options = new ScanOptions();
    for (int i = from; i < args.count(); i++) {
      boolean hasNext = i + 1 < args.count();
      if (args.is(i, "count") && hasNext) {
        options.count = Numbers.requireLong(args, ++i);
        if (options.count < 1) {
          throw Errors.syntax();
        }
      } else if (args.is(i, "match") && hasNext) {
        options.pattern = new GlobPattern(args.bytes(++i));
      } else if (args.is(i, "type") && hasNext && mayHaveType) {
        options.type = args.text(++i).toLowerCase(Locale.ROOT);
      } else if (args.is(i, "novalues") && mayHaveNoValues) {
        options.noValues = true;
      } else {
        throw Errors.syntax();
      }
    }
    return options;
  }

  long count() {
    return count;
  }

  boolean matches(byte[] keyOrField) {
    return pattern.matches(keyOrField);
  }

  /** The type to show, or null for all. */
  @Nullable String type() {
    return type;
  }

  boolean noValues() {
    return noValues;
  }
}
