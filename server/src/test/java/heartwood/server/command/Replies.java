package heartwood.server.command;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Replies made comparable: what Redis leaves without order is sorted. */
final class Replies {
  private Replies() {}

  static String normalized(byte[][] command, Object reply) {
    String name = new String(command[0], StandardCharsets.UTF_8);
    if (!(reply instanceof List<?> array)) {
      return String.valueOf(reply);
    }
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "keys", "hkeys", "hvals" -> sorted(array, 1).toString();
      case "hgetall" -> sorted(array, 2).toString();
      case "scan" -> List.of(array.get(0), sorted((List<?>) array.get(1), 1)).toString();
      case "hscan" -> List.of(array.get(0), sorted((List<?>) array.get(1), 2)).toString();
      default -> array.toString();
    };
  }

  /** A command for a failure's message, long words cut. */
  static String shown(byte[][] command) {
    StringBuilder text = new StringBuilder();
    for (byte[] word : command) {
      text.append(shortened(TreeSink.quoted(word))).append(' ');
    }
    return text.toString();
  }

  static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 40) + "…(" + text.length() + ")";
  }

  private static List<String> sorted(List<?> array, int width) {
    List<String> groups = new ArrayList<>();
    for (int i = 0; i < array.size(); i += width) {
      groups.add(array.subList(i, Math.min(array.size(), i + width)).toString());
    }
    groups.sort(Comparator.naturalOrder());
    return groups;
  }
}
