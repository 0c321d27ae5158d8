package heartwood.server.config;

import java.util.List;

/**
 * One thing that a node can be told. Immutable.
 *
 * @param <T> the type of its value
 */
public final class Directive<T> {

  /** When a value may be given. */
  public enum Change {
    /** By CONFIG SET too. */
    LIVE,
    /** Only before the node starts. */
    AT_START,
    /** Never: it tells clients that ask what is so. */
    FIXED
  }

  /** Whose value it is. */
  public enum Scope {
    NODE,
    /** All nodes must agree; a difference makes them behave differently. */
    CLUSTER
  }

  private final String name;
  private final ValueType<T> type;
  private final T defaultValue;
  private final Change change;
  private final Scope scope;
  private final String help;

  Directive(
      String name,
      ValueType<T> type,
      String defaultWords,
      Change change,
      Scope scope,
      String help) {
    this.name = name;
    this.type = type;
    this.change = change;
    this.scope = scope;
    this.help = help;
    try {
      List<String> words = ConfigWords.split(defaultWords);
      this.defaultValue = type.parse(words.isEmpty() ? List.of("") : words);
    } catch (ConfigException e) {
      throw new IllegalArgumentException("default of " + name + ": " + e.reason(), e);
    }
  }

  public String name() {
    return name;
  }

  public T defaultValue() {
    return defaultValue;
  }

  public Change change() {
    return change;
  }

  public Scope scope() {
    return scope;
  }

  /** One sentence. */
  public String help() {
    return help;
  }

  /** What stands for the value in help texts, such as {@code yes|no}. */
  public String placeholder() {
    return type.placeholder();
  }

  /** The default as CONFIG GET would show it. */
  public String defaultText() {
    return type.format(defaultValue);
  }

  ValueType<T> type() {
    return type;
  }

  @Override
  public String toString() {
    return name;
  }
}
