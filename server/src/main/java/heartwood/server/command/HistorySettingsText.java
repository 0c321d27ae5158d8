package heartwood.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import heartwood.resp.Request;
import heartwood.server.keyspace.HistorySettings;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The replicated settings of the past as a user writes them: {@code history-retention 24h}, {@code
 * history-max-bytes 10gb}, {@code history-max-versions-per-key 100}, {@code history-exclude-pattern
 * "session:* cache:*"}. A retention of 0 remembers nothing, other zeros are no limit. Stateless.
 */
final class HistorySettingsText {
  private static final String RETENTION = "history-retention";
  private static final String MAX_BYTES = "history-max-bytes";

  private static final String MAX_VERSIONS = "history-max-versions-per-key";
  private static final String EXCLUDE = "history-exclude-pattern";
  private static final int MAX_PATTERNS = 64;

  /** What the settings are called. */
  static final List<String> NAMES = List.of(RETENTION, MAX_BYTES, MAX_VERSIONS, EXCLUDE);

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
    long retention = settings.retentionMillis();
    long maxBytes = settings.maxBytes();
    long maxVersions = settings.maxVersionsPerKey();
    List<String> patterns = settings.excludePatterns();
    switch (name) {
      case RETENTION -> retention = duration(text);
      case MAX_BYTES -> maxBytes = bytes(text);
      case MAX_VERSIONS -> maxVersions = count(text);
      case EXCLUDE -> patterns = patterns(text);
      default -> throw unknown(name);
    }
    return new HistorySettings(retention, maxBytes, maxVersions, patterns);
  }

  /** A setting as CONFIG GET shows it; {@link #with} reads it again. */
  static String get(HistorySettings settings, String name) {
    return switch (name) {
      case RETENTION -> duration(settings.retentionMillis());
      case MAX_BYTES -> Long.toString(settings.maxBytes());
      case MAX_VERSIONS -> Long.toString(settings.maxVersionsPerKey());
      case EXCLUDE -> String.join(" ", settings.excludePatterns());
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

  private static long count(String text) {
    try {
      long count = Long.parseLong(text);
      if (count >= 0 && count <= HistorySettings.MAX_VERSIONS_PER_KEY) {
        return count;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new CommandException(
        "ERR invalid number of versions '"
            + text
            + "': it is between 0 (any number) and "
            + HistorySettings.MAX_VERSIONS_PER_KEY);
  }

  private static List<String> patterns(String text) {
    List<String> patterns =
        Arrays.stream(text.split(" ")).filter(each -> !each.isEmpty()).distinct().toList();
    if (patterns.size() > MAX_PATTERNS) {
      throw new CommandException("ERR more than " + MAX_PATTERNS + " patterns");
    }
    for (String each : patterns) {
      if (each.getBytes(UTF_8).length > HistorySettings.MAX_PATTERN_BYTES) {
        throw new CommandException(
            "ERR a pattern has more than " + HistorySettings.MAX_PATTERN_BYTES + " bytes");
      }
    }
    return patterns;
  }
}
