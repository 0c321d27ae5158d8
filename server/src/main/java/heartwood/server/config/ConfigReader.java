package heartwood.server.config;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads a configuration from files in the syntax of redis.conf and from {@code --flags}; the first
 * mistake ends it. A relative {@code include} is sought beside the file that names it. Confined.
 */
public final class ConfigReader {
  private static final int MAX_INCLUDE_DEPTH = 16;

  private ServerConfig config = ServerConfig.defaults();

  private ConfigReader() {}

  /** Reads a file. */
  public static ServerConfig read(Path file) throws ConfigException {
    ConfigReader reader = new ConfigReader();
    reader.file(file, 0);
    return reader.config;
  }

  /** Reads {@code [FILE] [--directive value …]…}; flags stand above the file. */
  public static ServerConfig read(List<String> arguments) throws ConfigException {
    ConfigReader reader = new ConfigReader();
    Path file = fileOf(arguments);
    if (file != null) {
      reader.file(file, 0);
    }
    reader.flags(arguments.subList(file == null ? 0 : 1, arguments.size()));
    return reader.config;
  }

  /** The file that such arguments name, or null. */
  public static @Nullable Path fileOf(List<String> arguments) {
    boolean hasFile = !arguments.isEmpty() && !arguments.get(0).startsWith("--");
    return hasFile ? Path.of(arguments.get(0)) : null;
  }

  private void file(Path file, int depth) throws ConfigException {
    if (depth > MAX_INCLUDE_DEPTH) {
      throw new ConfigException(file + ": over " + MAX_INCLUDE_DEPTH + " includes within another");
    }
    List<String> lines = lines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).trim();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      try {
        line(file, line, depth);
      } catch (Misplaced e) {
        throw new ConfigException(
            file + ", line " + (i + 1) + ": '" + line + "': " + e.getMessage());
      }
    }
  }

  private void line(Path file, String line, int depth) throws ConfigException, Misplaced {
    List<String> words;
    try {
      words = ConfigWords.split(line);
    } catch (ConfigException e) {
      throw new Misplaced(e.reason());
    }
    if (words.get(0).equalsIgnoreCase("include")) {
      if (words.size() != 2) {
        throw new Misplaced("include takes one file");
      }
      file(file.resolveSibling(words.get(1)), depth + 1);
    } else {
      apply(words.get(0), words.subList(1, words.size()));
    }
  }

  private void flags(List<String> arguments) throws ConfigException {
    int at = 0;
    while (at < arguments.size()) {
      String flag = arguments.get(at++);
      if (!flag.startsWith("--") || flag.length() == 2) {
        throw new ConfigException("'" + flag + "': a directive is expected, as in --port 6379");
      }
      List<String> words = new ArrayList<>();
      int equals = flag.indexOf('=');
      String name = equals < 0 ? flag.substring(2) : flag.substring(2, equals);
      if (equals >= 0) {
        words.add(flag.substring(equals + 1));
      }
      while (at < arguments.size() && !arguments.get(at).startsWith("--")) {
        words.add(arguments.get(at++));
      }
      try {
        apply(name, words);
      } catch (Misplaced e) {
        throw new ConfigException("--" + name + ": " + e.getMessage());
      }
    }
  }

  private void apply(String name, List<String> words) throws Misplaced {
    Directive<?> directive = Directives.named(name);
    if (name.toLowerCase(Locale.ROOT).startsWith("history-")) {
      throw new Misplaced("all nodes share it: set it with CONFIG SET once the cluster serves");
    }
    if (directive == null) {
      throw new Misplaced("unknown directive" + nearest(name));
    }
    try {
      config = config.plus(directive, words);
    } catch (ConfigException e) {
      throw new Misplaced(e.reason());
    }
  }

  private static String nearest(String name) {
    for (Directive<?> directive : Directives.all()) {
      if (directive.name().replace("-", "").equalsIgnoreCase(name.replaceAll("[-_]", ""))) {
        return " (did you mean " + directive.name() + "?)";
      }
    }
    return "";
  }

  private static List<String> lines(Path file) throws ConfigException {
    try {
      return Files.readAllLines(file);
    } catch (MalformedInputException e) {
      throw new ConfigException(file + ": is not UTF-8 text");
    } catch (IOException e) {
      throw new ConfigException(file + ": cannot be read: " + e.getMessage());
    }
  }

  /** A mistake whose place is yet to be added. */
  private static final class Misplaced extends Exception {
    private static final long serialVersionUID = 1L;

    Misplaced(String message) {
      super(message);
    }
  }
}
