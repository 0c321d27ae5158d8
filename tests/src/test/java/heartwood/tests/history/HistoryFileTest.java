package heartwood.tests.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryFileTest {
  @TempDir private Path directory = Path.of("");

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Path file = directory.resolve("history.txt");
    List<Operation> operations =
        List.of(
            new Operation(1, "a key %", Kind.SET, "-", Outcome.OK, null, 0, 5),
            new Operation(2, "a key %", Kind.GET, null, Outcome.OK, "-\n", 1, 1),
            new Operation(3, "c", Kind.INCR, null, Outcome.UNKNOWN, null, 2, Long.MAX_VALUE),
            new Operation(4, "l", Kind.APPEND, "ä;", Outcome.NOT_EXECUTED, null, 3, 4));

    try (HistoryFile out = HistoryFile.create(file)) {
      out.remark("seed 1\nand more");
      for (Operation operation : operations) {
        out.add(operation);
      }
    }

    assertThat(HistoryFile.read(file)).isEqualTo(operations);
  }

  @Test
  void aFileThatIsNoneSaysWhereAndWhy() throws IOException {
    Path file = directory.resolve("history.txt");

    Files.writeString(file, "heartwood-history 2\n");
    assertThatThrownBy(() -> HistoryFile.read(file)).hasMessage("history version: 2 (expected: 1)");
    Files.writeString(file, "heartwood-history 1\n# fine\n1 k SET a maybe - 0 1\n");
    assertThatThrownBy(() -> HistoryFile.read(file))
        .hasMessage("line 3: outcome: maybe (expected: ok, no or unknown)");
    Files.writeString(file, "hello\n");
    assertThatThrownBy(() -> HistoryFile.read(file)).hasMessageStartingWith("not a history");
  }
}
