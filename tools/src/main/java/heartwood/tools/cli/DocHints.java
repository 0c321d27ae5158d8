package heartwood.tools.cli;

import heartwood.resp.Reply;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the server says of its commands, COMMAND DOCS, as hints for those who type. Immutable. */
final class DocHints {
  static final DocHints NONE = new DocHints(Map.of());

  /**
   * One command.
   *
   * @param arguments as hints, such as {@code [NX|XX]}
   */
  private record Doc(String summary, List<String> arguments) {}

  /** By the name in small letters, subcommands as {@code config get}. */
  private final Map<String, Doc> docs;

  private DocHints(Map<String, Doc> docs) {
    this.docs = docs;
  }

  /**
   * Reads the reply of COMMAND DOCS in either protocol; what cannot be understood gives no hint.
   */
  static DocHints of(Reply reply) {
    Map<String, Doc> docs = new TreeMap<>();
    fields(reply).forEach((name, doc) -> add(docs, name, fields(doc)));
    return new DocHints(docs);
  }

  private static void add(Map<String, Doc> docs, String name, Map<String, Reply> fields) {
    List<String> arguments = new ArrayList<>();
    elements(fields.get("arguments")).forEach(argument -> arguments.add(hint(fields(argument))));
    docs.put(
        name.replace('|', ' ').toLowerCase(Locale.ROOT),
        new Doc(text(fields.get("summary")), arguments));
    Reply subcommands = fields.get("subcommands");
    if (subcommands != null) {
      fields(subcommands).forEach((child, doc) -> add(docs, child, fields(doc)));
    }
  }

  /** The names of all commands, for completion. */
  List<String> names() {
    return List.copyOf(docs.keySet());
  }

  /** A sentence on a command, and its syntax; null if it is not known. */
  @Nullable String help(String name) {
    Doc doc = docs.get(name.toLowerCase(Locale.ROOT));
    return doc == null
        ? null
        : name.toUpperCase(Locale.ROOT)
            + " "
            + String.join(" ", doc.arguments())
            + "\n  "
            + doc.summary();
  }

  /**
   * What could follow the line, empty if nothing is known; begins with a blank unless one is there.
   */
  String after(String line) {
    String[] words = line.trim().split("\\s+");
    Doc doc = null;
    int used = 0;
    for (int count = Math.min(2, words.length); count > 0 && doc == null; count--) {
      doc = docs.get(String.join(" ", List.of(words).subList(0, count)).toLowerCase(Locale.ROOT));
      used = count;
    }
    if (doc == null) {
      return "";
    }
    List<String> rest = remaining(doc.arguments(), words.length - used);
    String hint = String.join(" ", rest);
    return hint.isEmpty() || line.endsWith(" ") ? hint : " " + hint;
  }

  /**
   * Each word takes one argument; which of the optional ones it is cannot be told, so they stay.
   */
  private static List<String> remaining(List<String> arguments, int words) {
    int taken = 0;
    while (taken < words && taken < arguments.size() && !isOpen(arguments.get(taken))) {
      taken++;
    }
    return arguments.subList(taken, arguments.size());
  }

  private static boolean isOpen(String hint) {
    return hint.startsWith("[") || hint.endsWith("...]");
  }

  private static String hint(Map<String, Reply> argument) {
    String name = text(argument.get("display_text"));
    if (name.isEmpty()) {
      name = text(argument.get("name"));
    }
    String token = text(argument.get("token"));
    String hint =
        switch (text(argument.get("type"))) {
          case "pure-token" -> "";
          case "oneof" -> String.join("|", hints(argument));
          case "block" -> String.join(" ", hints(argument));
          default -> name;
        };
    hint = token.isEmpty() ? hint : (token + " " + hint).trim();
    List<String> flags = elements(argument.get("flags")).stream().map(DocHints::text).toList();
    if (flags.contains("multiple")) {
      hint = hint + " [" + hint + " ...]";
    }
    return flags.contains("optional") ? "[" + hint + "]" : hint;
  }

  private static List<String> hints(Map<String, Reply> argument) {
    return elements(argument.get("arguments")).stream().map(part -> hint(fields(part))).toList();
  }

  // ---- Replies: a map of RESP3 is a list of twice the length in RESP2.

  private static Map<String, Reply> fields(@Nullable Reply reply) {
    Map<String, Reply> fields = new HashMap<>();
    if (reply instanceof Reply.MapReply map) {
      map.entries().forEach(entry -> fields.put(text(entry.key()), entry.value()));
    } else {
      List<Reply> elements = elements(reply);
      for (int i = 0; i + 1 < elements.size(); i += 2) {
        fields.put(text(elements.get(i)), elements.get(i + 1));
      }
    }
    return fields;
  }

  private static List<Reply> elements(@Nullable Reply reply) {
    if (reply instanceof Reply.Array array) {
      return array.elements();
    }
    return reply instanceof Reply.SetReply set ? set.elements() : List.of();
  }

  private static String text(@Nullable Reply reply) {
    if (reply instanceof Reply.BulkString string) {
      return string.value().utf8();
    }
    return reply instanceof Reply.SimpleString string ? string.text() : "";
  }
}
