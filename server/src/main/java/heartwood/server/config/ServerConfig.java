package heartwood.server.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A value for every directive. Immutable. */
public final class ServerConfig {
  private static final ServerConfig DEFAULTS = new ServerConfig(Map.of());

  private final Map<Directive<?>, Object> given;

  private ServerConfig(Map<Directive<?>, Object> given) {
    this.given = given;
  }

  /** A cluster of one on port 6379 of loopback. */
  public static ServerConfig defaults() {
    return DEFAULTS;
  }

  /** The value of a directive, or its default. */
  @SuppressWarnings("unchecked") // put() is the one way in, and it ties value to directive
  public <T> T get(Directive<T> directive) {
    return (T) given.getOrDefault(directive, directive.defaultValue());
  }

  /** The value as CONFIG GET shows it. */
  public <T> String text(Directive<T> directive) {
    return directive.type().format(get(directive));
  }

  /** This configuration with one value changed; nothing is checked against other values. */
  public <T> ServerConfig with(Directive<T> directive, T value) {
    Map<Directive<?>, Object> changed = new HashMap<>(given);
    changed.put(directive, value);
    return new ServerConfig(changed);
  }

  /** Whether a value was given, though it may be the default. */
  public boolean isGiven(Directive<?> directive) {
    return given.containsKey(directive);
  }

  /** With the words of a directive; a list grows if it was given before. */
  <T> ServerConfig plus(Directive<T> directive, List<String> words) throws ConfigException {
    T value = parse(directive, words);
    boolean grows = isGiven(directive) || isByClass(directive);
    return with(directive, grows ? directive.type().add(get(directive), value) : value);
  }

  /** With the value that CONFIG SET gives: all words in one string. */
  <T> ServerConfig replaced(Directive<T> directive, String text) throws ConfigException {
    boolean several = directive.type().takesSeveralWords();
    T value = parse(directive, several ? ConfigWords.split(text) : List.of(text));
    return with(
        directive, isByClass(directive) ? directive.type().add(get(directive), value) : value);
  }

  /** Whether a value speaks of some classes of clients and leaves the others as they are. */
  private static boolean isByClass(Directive<?> directive) {
    return directive.defaultValue() instanceof OutputLimits;
  }

  private static <T> T parse(Directive<T> directive, List<String> words) throws ConfigException {
    T value = directive.type().parse(words);
    if (directive.change() == Directive.Change.FIXED && !value.equals(directive.defaultValue())) {
      throw new ConfigException("is always '" + directive.defaultText() + "': " + directive.help());
    }
    return value;
  }
}
