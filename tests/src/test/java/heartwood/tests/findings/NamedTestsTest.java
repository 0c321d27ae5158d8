package heartwood.tests.findings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every test that the tables beside this class name exists, so that they say what is so. */
class NamedTestsTest {
  private static final Path TABLES = Path.of("src/test/resources/heartwood/tests/findings");
  private static final Path ROOT = Path.of("..");
  private static final Path SCRIPTS = ROOT.resolve("raft/src/test/resources/heartwood/raft/core");
  private static final String NONE = "none: ";
  private static final String SCRIPT = "raft/script:";

  /** The source of each test, by module and class. */
  private final Map<String, String> sources = new HashMap<>();

  /** Where it is told, what happened, and the tests of it or why there is none. */
  private record Row(String thread, String what, String tests) {
    static Row of(String line) {
      String[] cells = line.split(" \\| ", -1);
      assertThat(cells).as(line).hasSize(3).doesNotContain("");
      return new Row(cells[0], cells[1], cells[2]);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"findings.txt", "paper.txt"})
  void everyNamedTestExists(String table) throws IOException {
    List<String> missing = new ArrayList<>();
    for (Row row : rows(table)) {
      if (row.tests().startsWith(NONE)) {
        continue;
      }
      for (String test : row.tests().split(" ", -1)) {
        if (!exists(test)) {
          missing.add(row.thread() + ": " + test);
        }
      }
    }

    assertThat(missing).isEmpty();
  }

  /** Else this test could not fail. */
  @Test
  void whatDoesNotExistIsMissed() throws IOException {
    assertThat(exists("raft:ElectionTest#startsAsFollower")).isTrue();
    assertThat(exists("raft/script:campaign")).isTrue();
    assertThat(exists("raft:ElectionTest#startsAsLeader")).isFalse();
    assertThat(exists("raft:ElectionTest#votes")).as("no test, but a helper of tests").isFalse();
    assertThat(exists("server:ElectionTest#startsAsFollower")).isFalse();
    assertThat(exists("raft/script:no-such")).isFalse();
  }

  private static List<Row> rows(String table) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(TABLES.resolve(table))) {
      if (!line.isEmpty() && !line.startsWith("#")) {
        rows.add(Row.of(line));
      }
    }
    assertThat(rows).isNotEmpty();
    return rows;
  }

  private boolean exists(String test) throws IOException {
    if (test.startsWith(SCRIPT)) {
      return Files.exists(SCRIPTS.resolve(test.substring(SCRIPT.length()) + ".txt"));
    }
    assertThat(test).matches("[a-z-]+:[A-Z]\\w+#\\w+");
    String[] parts = test.split("[:#]", -1);
    String annotated = "@(Test|ParameterizedTest)\\b(\\s+@[^\\n]*)*\\s+void " + parts[2] + "\\(";
    return Pattern.compile(annotated).matcher(source(parts[0], parts[1])).find();
  }

  /** What is in the class's file, or in the files of that name: a module may have two. */
  private String source(String module, String name) throws IOException {
    String known = sources.get(module + ":" + name);
    if (known != null) {
      return known;
    }
    StringBuilder source = new StringBuilder();
    try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
      for (Path file : files.filter(each -> each.endsWith(name + ".java")).toList()) {
        source.append(Files.readString(file));
      }
    }
    sources.put(module + ":" + name, source.toString());
    return source.toString();
  }
}
