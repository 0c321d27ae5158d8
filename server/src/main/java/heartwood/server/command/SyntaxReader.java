package heartwood.server.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads the syntax line of a command file into argument docs.
 *
 * <pre>
 *   key                      an argument; one called "key" is a key, others are strings
 *   destination:key#1        a name with a type; a key of key spec 1, not 0
 *   MATCH pattern:pattern    a token and the argument that it announces
 *   ASC                      a token alone; sorting=ALPHA gives it another name
 *   condition=(NX|XX)        one of several
 *   data={field value}       a block of several; limit=LIMIT{offset count} begins with a token
 *   [x]   x...               optional; once or more; [GET x]... repeats the token too
 * </pre>
 */
final class SyntaxReader {
  private final String line;
  private int at;

  SyntaxReader(String line) {
    this.line = line;
  }

  List<ArgumentDoc> read() {
    List<ArgumentDoc> arguments = sequence();
    if (at < line.length()) {
      throw failure("unexpected '" + line.charAt(at) + "'");
    }
    return arguments;
  }

  private List<ArgumentDoc> sequence() {
    List<ArgumentDoc> arguments = new ArrayList<>();
    skipSpaces();
    while (at < line.length() && "]})|".indexOf(line.charAt(at)) < 0) {
      arguments.add(argument());
      skipSpaces();
    }
    return List.copyOf(arguments);
  }

  private ArgumentDoc argument() {
    if (tryTake("[")) {
      ArgumentDoc inner = argument();
      skipSpaces();
      take("]");
      boolean repeatsToken = tryTake("...");
      return inner.with(true, inner.multiple() || repeatsToken, repeatsToken);
    }
    ArgumentDoc argument = single();
    return tryTake("...") ? argument.with(false, true, false) : argument;
  }

  private ArgumentDoc single() {
    String name = word();
    if (tryTake("=")) {
      return named(name);
    }
    if (isToken(name)) {
      return token(name);
    }
    ArgumentDoc.Type type = name.equals("key") ? ArgumentDoc.Type.KEY : ArgumentDoc.Type.STRING;
    if (tryTake(":")) {
      type = ArgumentDoc.Type.of(word());
    }
    int keySpecIndex = type == ArgumentDoc.Type.KEY ? 0 : -1;
    if (tryTake("#")) {
      keySpecIndex = Integer.parseInt(word());
    }
    return argument(name, type, keySpecIndex, null, List.of());
  }

  private ArgumentDoc named(String name) {
    boolean hasToken = at < line.length() && "({".indexOf(line.charAt(at)) < 0;
    String token = hasToken ? word() : null;
    if (tryTake("(")) {
      List<ArgumentDoc> choices = new ArrayList<>(sequence());
      while (tryTake("|")) {
        choices.addAll(sequence());
      }
      take(")");
      return argument(name, ArgumentDoc.Type.ONE_OF, -1, token, List.copyOf(choices));
    }
    if (tryTake("{")) {
      List<ArgumentDoc> parts = sequence();
      take("}");
      return argument(name, ArgumentDoc.Type.BLOCK, -1, token, parts);
    }
    return argument(name, ArgumentDoc.Type.PURE_TOKEN, -1, token, List.of());
  }

  /** A token alone, or before the argument that it announces. */
  private ArgumentDoc token(String token) {
    int end = at;
    skipSpaces();
    if (at > end && at < line.length() && Character.isLowerCase(line.charAt(at))) {
      ArgumentDoc next = single();
      return argument(next.name(), next.type(), next.keySpecIndex(), token, next.parts());
    }
    at = end;
    String name = token.toLowerCase(Locale.ROOT);
    return argument(name, ArgumentDoc.Type.PURE_TOKEN, -1, token, List.of());
  }

  private static ArgumentDoc argument(
      String name,
      ArgumentDoc.Type type,
      int keySpecIndex,
      @Nullable String token,
      List<ArgumentDoc> parts) {
    return new ArgumentDoc(name, type, keySpecIndex, token, false, false, false, parts);
  }

  private static boolean isToken(String word) {
    return word.equals(word.toUpperCase(Locale.ROOT))
        && !word.equals(word.toLowerCase(Locale.ROOT));
  }

  private String word() {
    int start = at;
    while (at < line.length() && " []{}()|=:#".indexOf(line.charAt(at)) < 0 && !atDots()) {
      at++;
    }
    if (at == start) {
      throw failure("a word is missing");
    }
    return line.substring(start, at);
  }

  private boolean atDots() {
    return line.startsWith("...", at);
  }

  private void take(String text) {
    if (!tryTake(text)) {
      throw failure("expected '" + text + "'");
    }
  }

  private boolean tryTake(String text) {
    if (line.startsWith(text, at)) {
      at += text.length();
      return true;
    }
    return false;
  }

  private void skipSpaces() {
    while (at < line.length() && line.charAt(at) == ' ') {
      at++;
    }
  }

  private IllegalArgumentException failure(String what) {
    return new IllegalArgumentException("syntax: " + what + " at " + at + " of: " + line);
  }
}
