package heartwood.tests.chaos;

import heartwood.tests.history.HistoryFile;
import heartwood.tests.history.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes down what clients did and heard, in memory and in a file. Thread-safe. */
final class Recorder {
  private final long startNanos = System.nanoTime();
  private final HistoryFile file;
  private final List<Operation> operations = new ArrayList<>();
  private final Map<String, Integer> errors = new TreeMap<>();

  Recorder(HistoryFile file) {
    this.file = file;
  }

  /** Nanoseconds since the history began. */
  long now() {
    return System.nanoTime() - startNanos;
  }

  synchronized void add(Operation operation) {
    operations.add(operation);
    try {
      file.add(operation);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A client was told an error; its first word is counted. */
  synchronized void onError(String message) {
    int end = message.indexOf(' ');
    errors.merge(end < 0 ? message : message.substring(0, end), 1, Integer::sum);
  }

  synchronized List<Operation> operations() {
    return List.copyOf(operations);
  }

  /** How often clients were told each error, by its first word. */
  synchronized Map<String, Integer> errors() {
    return new TreeMap<>(errors);
  }
}
