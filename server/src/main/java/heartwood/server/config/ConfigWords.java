package heartwood.server.config;

import java.util.ArrayList;
import java.util.List;

/**
 * A line of redis.conf as words: divided by blanks; within double quotes {@code \n \r \t \b \a \"
 * \\ \xHH}, within single quotes {@code \'}; a closing quote ends its word.
 */
final class ConfigWords {
  private final String line;
  private int at;

  private ConfigWords(String line) {
    this.line = line;
  }

  static List<String> split(String line) throws ConfigException {
    return new ConfigWords(line).words();
  }

  /** The word as it can stand in a file. */
  static String quoted(String word) {
    boolean plain = !word.isEmpty();
    for (int i = 0; i < word.length(); i++) {
      char letter = word.charAt(i);
      plain &= letter > ' ' && letter != '"' && letter != '\'' && letter != '\\' && letter != '#';
    }
    if (plain) {
      return word;
    }
    StringBuilder text = new StringBuilder("\"");
    for (int i = 0; i < word.length(); i++) {
      char letter = word.charAt(i);
      switch (letter) {
        case '"', '\\' -> text.append('\\').append(letter);
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        default -> text.append(letter);
      }
    }
    return text.append('"').toString();
  }

  private List<String> words() throws ConfigException {
    List<String> words = new ArrayList<>();
    skipBlanks();
    while (at < line.length()) {
      words.add(word());
      skipBlanks();
    }
    return words;
  }

  private String word() throws ConfigException {
    StringBuilder word = new StringBuilder();
    while (at < line.length() && !Character.isWhitespace(line.charAt(at))) {
      char letter = line.charAt(at++);
      if (letter == '"') {
        doubleQuoted(word);
        return word.toString();
      }
      if (letter == '\'') {
        singleQuoted(word);
        return word.toString();
      }
      word.append(letter);
    }
    return word.toString();
  }

  private void doubleQuoted(StringBuilder word) throws ConfigException {
    while (at < line.length()) {
      char letter = line.charAt(at++);
      if (letter == '"') {
        requireEnd();
        return;
      }
      word.append(letter == '\\' && at < line.length() ? escaped() : letter);
    }
    throw new ConfigException("Unbalanced quotes in configuration line");
  }

  private char escaped() {
    char letter = line.charAt(at++);
    if (letter == 'x' && at + 2 <= line.length()) {
      int high = Character.digit(line.charAt(at), 16);
      int low = Character.digit(line.charAt(at + 1), 16);
      if (high >= 0 && low >= 0) {
        at += 2;
        return (char) (16 * high + low);
      }
    }
    return switch (letter) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'b' -> '\b';
      case 'a' -> 7;
      default -> letter;
    };
  }

  private void singleQuoted(StringBuilder word) throws ConfigException {
    while (at < line.length()) {
      char letter = line.charAt(at++);
      if (letter == '\'') {
        requireEnd();
        return;
      }
      if (letter == '\\' && line.startsWith("'", at)) {
        letter = line.charAt(at++);
      }
      word.append(letter);
    }
    throw new ConfigException("Unbalanced quotes in configuration line");
  }

  private void requireEnd() throws ConfigException {
    if (at < line.length() && !Character.isWhitespace(line.charAt(at))) {
      throw new ConfigException("Unbalanced quotes in configuration line");
    }
  }

  private void skipBlanks() {
    while (at < line.length() && Character.isWhitespace(line.charAt(at))) {
      at++;
    }
  }
}
