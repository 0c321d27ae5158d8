package heartwood.tests.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ChaosCommandTest {
  @TempDir private Path directory = Path.of("");

  /** Judges a history; returns the exit code and what was said. */
  private String judge(String... operations) throws Exception {
    Path file = directory.resolve("history.txt");
    Files.writeString(file, "heartwood-history 1\n" + String.join("\n", operations) + "\n");
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      int code = new CommandLine(new ChaosCommand()).execute("--judge", file.toString());
      return code + " " + said.toString(StandardCharsets.UTF_8);
    } finally {
      System.setOut(before);
    }
  }

  @Test
  void aHistoryThatIsInOrderEndsWithZero() throws Exception {
    assertThat(judge("1 k SET a ok - 0 5", "2 k GET - ok a 6 9"))
        .startsWith("0 linearizable: 2 operations on 1 objects");
  }

  @Test
  void aBrokenHistoryEndsWithOneAndShowsTheWindow() throws Exception {
    assertThat(judge("1 k SET a ok - 0 5", "1 k SET b ok - 6 9", "2 k GET - ok a 10 11"))
        .startsWith("1 NOT linearizable: 1 objects are broken")
        .contains("broken: k: a read told a", "before this it was b", "client 2   GET: a");
  }
}
