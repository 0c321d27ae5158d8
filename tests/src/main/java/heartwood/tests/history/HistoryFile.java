package heartwood.tests.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A history as a file: lines of UTF-8 text, fields parted by one blank. Written by several threads,
 * a line at a time.
 *
 * <pre>
 *   heartwood-history 1
 *   # seed 42                                              a remark
 *   3 register:1 SET c3-17 ok - 1500000 2250000
 *   │ │          │   │     │  │ │       └ completed, nanoseconds since the history began
 *   │ │          │   │     │  │ └ invoked
 *   │ │          │   │     │  └ result; - for none
 *   │ │          │   │     └ ok, no (not executed) or unknown
 *   │ │          │   └ argument; - for none
 *   │ │          └ see Kind
 *   │ └ key
 *   └ client
 * </pre>
 *
 * <p>Keys, arguments and results are written as in the query of a URL, so that they have no blanks.
 * Of operations that overlap, those of one client stand in the order in which it sent them.
 */
public final class HistoryFile implements AutoCloseable {
  private static final String HEAD = "heartwood-history ";
  private static final int VERSION = 1;
  private static final int FIELDS = 8;

  private final BufferedWriter out;

  private HistoryFile(BufferedWriter out) {
    this.out = out;
  }

  /** Begins a new file. */
  public static HistoryFile create(Path file) throws IOException {
    HistoryFile created = new HistoryFile(Files.newBufferedWriter(file));
    created.line(HEAD + VERSION);
    return created;
  }

  /** Adds a line for people. */
  public void remark(String text) throws IOException {
    line("# " + text.replace('\n', ' '));
  }

  public void add(Operation operation) throws IOException {
    line(
        operation.client()
            + " "
            + encode(operation.key())
            + " "
            + operation.kind()
            + " "
            + encode(operation.argument())
            + " "
            + operation.outcome().word()
            + " "
            + encode(operation.result())
            + " "
            + operation.invokeNanos()
            + " "
            + operation.completeNanos());
  }

  private synchronized void line(String text) throws IOException {
    out.write(text);
    out.write('\n');
  }

  @Override
  public synchronized void close() throws IOException {
    out.close();
  }

  private static String encode(@Nullable String text) {
    if (text == null) {
      return "-";
    }
    return text.equals("-") ? "%2D" : URLEncoder.encode(text, UTF_8);
  }

  private static @Nullable String decode(String text) {
    return text.equals("-") ? null : URLDecoder.decode(text, UTF_8);
  }

  /**
   * All operations of a file.
   *
   * @throws MalformedHistoryException with the line that is wrong
   */
  public static List<Operation> read(Path file) throws IOException {
    List<Operation> operations = new ArrayList<>();
    try (BufferedReader in = Files.newBufferedReader(file)) {
      requireHead(in.readLine());
      int number = 1;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        number++;
        if (line.isBlank() || line.startsWith("#")) {
          continue;
        }
        try {
          operations.add(parse(line));
        } catch (IllegalArgumentException e) {
          throw new MalformedHistoryException("line " + number + ": " + e.getMessage());
        }
      }
    }
    return operations;
  }

  private static void requireHead(@Nullable String line) throws MalformedHistoryException {
    if (line == null || !line.startsWith(HEAD)) {
      throw new MalformedHistoryException("not a history: it does not begin with " + HEAD.trim());
    }
    String version = line.substring(HEAD.length()).trim();
    if (!version.equals(Integer.toString(VERSION))) {
      throw new MalformedHistoryException(
          "history version: " + version + " (expected: " + VERSION + ")");
    }
  }

  private static Operation parse(String line) {
    String[] fields = line.split(" ", -1);
    if (fields.length != FIELDS) {
      throw new IllegalArgumentException(
          "fields: " + fields.length + " (expected: " + FIELDS + ")");
    }
    String key = decode(fields[1]);
    if (key == null) {
      throw new IllegalArgumentException("no key");
    }
    return new Operation(
        Integer.parseInt(fields[0]),
        key,
        Kind.valueOf(fields[2].toUpperCase(Locale.ROOT)),
        decode(fields[3]),
        outcome(fields[4]),
        decode(fields[5]),
        Long.parseLong(fields[6]),
        Long.parseLong(fields[7]));
  }

  private static Outcome outcome(String word) {
    for (Outcome outcome : Outcome.values()) {
      if (outcome.word().equals(word)) {
        return outcome;
      }
    }
    throw new IllegalArgumentException("outcome: " + word + " (expected: ok, no or unknown)");
  }
}
