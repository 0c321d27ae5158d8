package heartwood.server.command;

import heartwood.resp.Request;
import heartwood.server.keyspace.HistorySettings;
import java.util.List;
import java.util.Locale;

/**
 * The replicated settings of the past as a user writes them: {@code history-retention 24h}, {@code
 * history-max-bytes 10gb}. A retention of 0 remembers nothing, a size of 0 is no limit. Stateless.
 */
final class HistorySettingsText {
  private static final String RETENTION = "history-retention";
  private static final String MAX_BYTES = "history-max-bytes";

  /** What the settings are called. */
  static final List<String> NAMES = List.of(RETENTION, MAX_BYTES);

  private HistorySettingsText() {}

  /** Whether a request sets one of these, and nothing else, as if it were a node's own. */
  static boolean isConfigSet(Request request) {
    return request.count() == 4 && NAMES.stream().anyMatch(name -> Words.equal(request, 2, name));
  }

  /**
   * The settings with one of them changed.
   *
   * @param name in lower case
   */
  static HistorySettings with(HistorySettings settings, String name, String text) {
    return switch (name) {
      case RETENTION -> new HistorySettings(duration(text), settings.maxBytes());
      case MAX_BYTES -> new HistorySettings(settings.retentionMillis(), bytes(text));
      default -> throw unknown(name);
    };
  }

  /** A setting as CONFIG GET shows it; {@link #with} reads it again. */
  static String get(HistorySettings settings, String name) {
    return switch (name) {
      case RETENTION -> duration(settings.retentionMillis());
      case MAX_BYTES -> Long.toString(settings.maxBytes());
      default -> throw unknown(name);
    };
  }

  private static CommandException unknown(String name) {
    return new CommandException("ERR unknown setting '" + name + "'");
  }

  private static String duration(long millis) {
    if (millis == 0) {
      return "0";
    }
    if (millis % 1000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds % 60 != 0) {
      return seconds + "s";
    }
    return seconds % 3600 == 0 ? seconds / 3600 + "h" : seconds / 60 + "m";
  }

  private static long duration(String text) {
    if (text.equals("0")) {
      return 0;
    }
    if (Moment.parse("-" + text) instanceof Moment.Ago ago && ago.millis() > 0) {
      return ago.millis();
    }
    throw new CommandException("ERR invalid duration '" + text + "': it is written 24h, or 0");
  }

  private static long bytes(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    int digits = 0;
    while (digits < lower.length() && lower.charAt(digits) >= '0' && lower.charAt(digits) <= '9') {
      digits++;
    }
    long unit =
        switch (lower.substring(digits)) {
          case "", "b" -> 1;
          case "k" -> 1000;
          case "kb" -> 1 << 10;
          case "m" -> 1000_000;
          case "mb" -> 1 << 20;
          case "g" -> 1000_000_000;
          case "gb" -> 1 << 30;
          default -> 0;
        };
    try {
      if (unit != 0) {
        return Math.multiplyExact(Long.parseLong(lower.substring(0, digits)), unit);
      }
    } catch (NumberFormatException | ArithmeticException e) {
      // Said below.
    }
    throw new CommandException("ERR invalid size '" + text + "': it is written 10gb, or 0");
  }
}
