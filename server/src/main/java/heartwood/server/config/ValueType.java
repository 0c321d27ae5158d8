package heartwood.server.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * How the words behind a directive become a value, and the value becomes words again. The texts of
 * the errors are those of CONFIG SET. Immutable.
 */
abstract class ValueType<T> {
  private final String placeholder;

  private ValueType(String placeholder) {
    this.placeholder = placeholder;
  }

  /** What stands for the value in help texts. */
  String placeholder() {
    return placeholder;
  }

  /** Whether CONFIG SET's one string is to be divided into words. */
  boolean takesSeveralWords() {
    return true;
  }

  /** Reads the words of one directive. */
  abstract T parse(List<String> words) throws ConfigException;

  /** The value as CONFIG GET shows it; parsing its words gives the value again. */
  String format(T value) {
    return value.toString();
  }

  /** The value of a directive that is given again; the last one holds unless it is a list. */
  T add(T earlier, T later) {
    return later;
  }

  /** What most directives take. */
  private abstract static class OneWord<T> extends ValueType<T> {
    OneWord(String placeholder) {
      super(placeholder);
    }

    @Override
    final boolean takesSeveralWords() {
      return false;
    }

    @Override
    final T parse(List<String> words) throws ConfigException {
      if (words.size() != 1) {
        throw new ConfigException("wrong number of arguments");
      }
      return parse(words.get(0));
    }

    abstract T parse(String word) throws ConfigException;
  }

  static ValueType<Integer> integer(int min, int max) {
    return new OneWord<>("N") {
      @Override
      Integer parse(String word) throws ConfigException {
        return (int) requireLong(word, min, max);
      }
    };
  }

  /** Bytes, with the units of redis.conf: k = 1000, kb = 1024 and so on. */
  static ValueType<Long> memory(long min, long max) {
    return new OneWord<>("BYTES") {
      @Override
      Long parse(String word) throws ConfigException {
        long bytes = memoryValue(word);
        requireRange(bytes, min, max);
        return bytes;
      }
    };
  }

  static ValueType<Boolean> yesNo() {
    return new OneWord<>("yes|no") {
      @Override
      Boolean parse(String word) throws ConfigException {
        if (word.equalsIgnoreCase("yes")) {
          return true;
        }
        if (word.equalsIgnoreCase("no")) {
          return false;
        }
        throw new ConfigException("argument must be 'yes' or 'no'");
      }

      @Override
      String format(Boolean value) {
        return value ? "yes" : "no";
      }
    };
  }

  static ValueType<String> choice(String... choices) {
    return new OneWord<>(String.join("|", choices)) {
      @Override
      String parse(String word) throws ConfigException {
        for (String choice : choices) {
          if (choice.equalsIgnoreCase(word)) {
            return choice;
          }
        }
        throw new ConfigException(
            "argument(s) must be one of the following: " + String.join(", ", choices));
      }
    };
  }

  static ValueType<String> text(String placeholder) {
    return new OneWord<>(placeholder) {
      @Override
      String parse(String word) {
        return word;
      }
    };
  }

  /** Several words of one directive. */
  static ValueType<List<String>> words(String placeholder) {
    return new ValueType<>(placeholder) {
      @Override
      List<String> parse(List<String> words) {
        return words.size() == 1 && words.get(0).isEmpty() ? List.of() : List.copyOf(words);
      }

      @Override
      String format(List<String> value) {
        return String.join(" ", value);
      }
    };
  }

  /** Members, on one line or on several. */
  static ValueType<List<MemberAddress>> members() {
    return new ValueType<>("ID@HOST:REDIRECT:PROXY:PEER:ADMIN …") {
      @Override
      List<MemberAddress> parse(List<String> words) throws ConfigException {
        List<MemberAddress> members = new ArrayList<>();
        for (String word : words) {
          if (!word.isEmpty()) {
            members.add(MemberAddress.parse(word));
          }
        }
        return Collections.unmodifiableList(members);
      }

      @Override
      List<MemberAddress> add(List<MemberAddress> earlier, List<MemberAddress> later) {
        List<MemberAddress> all = new ArrayList<>(earlier);
        all.addAll(later);
        return Collections.unmodifiableList(all);
      }

      @Override
      String format(List<MemberAddress> value) {
        return String.join(" ", value.stream().map(MemberAddress::toString).toList());
      }
    };
  }

  /** {@code class hard soft seconds}, for one class or several, as Redis writes them. */
  static ValueType<OutputLimits> outputLimits() {
    return new ValueType<>("CLASS HARD SOFT SECONDS …") {
      @Override
      OutputLimits parse(List<String> words) throws ConfigException {
        return OutputLimits.parse(words);
      }

      @Override
      OutputLimits add(OutputLimits earlier, OutputLimits later) {
        return earlier.with(later);
      }
    };
  }

  static long memoryValue(String word) throws ConfigException {
    String lower = word.toLowerCase(Locale.ROOT);
    int digits = 0;
    while (digits < lower.length() && Character.isDigit(lower.charAt(digits))) {
      digits++;
    }
    long unit =
        switch (lower.substring(digits)) {
          case "", "b" -> 1;
          case "k" -> 1000;
          case "kb" -> 1024;
          case "m" -> 1000_000;
          case "mb" -> 1024 * 1024;
          case "g" -> 1000_000_000;
          case "gb" -> 1024 * 1024 * 1024;
          default -> 0;
        };
    try {
      if (unit != 0) {
        return Math.multiplyExact(Long.parseLong(lower.substring(0, digits)), unit);
      }
    } catch (NumberFormatException | ArithmeticException e) {
      // Said below.
    }
    throw new ConfigException("argument must be a memory value");
  }

  static long requireLong(String word, long min, long max) throws ConfigException {
    long value;
    try {
      value = Long.parseLong(word);
    } catch (NumberFormatException e) {
      throw new ConfigException("argument couldn't be parsed into an integer");
    }
    requireRange(value, min, max);
    return value;
  }

  private static void requireRange(long value, long min, long max) throws ConfigException {
    if (value < min || value > max) {
      throw new ConfigException("argument must be between " + min + " and " + max + " inclusive");
    }
  }
}
