package heartwood.tools;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.tools.console.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MainTest {
  private final Path directory;
  private final StringWriter err = new StringWriter();

  MainTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void mistakesAreUsageAndSuggestWhatWasMeant() {
    assertThat(run("statu")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("Did you mean: heartwood status");

    assertThat(run()).isEqualTo(ExitCode.USAGE);
    assertThat(run("demo", "--for", "soon")).isEqualTo(ExitCode.USAGE);
    assertThat(run("cluster", "kill", "--dir", "x", "one")).isEqualTo(ExitCode.USAGE);
    assertThat(run("cluster", "start")).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void anUnknownDirectiveEndsAServerBeforeItStarts() {
    assertThat(run("server", "--prot", "1")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("--prot: unknown directive");
  }

  @Test
  void aBadValueOfADirectiveNamesWhatIsExpected() {
    assertThat(run("server", "--port", "70000")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("--port: argument must be between 0 and 65535 inclusive");
  }

  @Test
  void aServerThatMustNotStartHasFailed() {
    assertThat(
            run(
                "server",
                "--port",
                "0",
                "--cluster-id",
                "test",
                "--cluster-members",
                "1@127.0.0.1:0:0:0:0",
                "2@127.0.0.1:0:0:0:0",
                "--dir",
                directory.resolve("data").toString()))
        .isEqualTo(ExitCode.FAILED);
    assertThat(err.toString()).contains("cluster-bootstrap yes").doesNotContain("\tat ");
  }

  @Test
  void aClusterThatIsNotThereIsAFailureInOneLine() {
    assertThat(run("cluster", "stop", "--dir", directory.toString())).isEqualTo(ExitCode.FAILED);
    assertThat(err.toString()).hasLineCount(1).startsWith("heartwood: there is no cluster in ");
  }

  @Test
  void everyCommandHasHelp() {
    for (String command : new String[] {"demo", "cluster", "status", "cli", "completion"}) {
      assertThat(run(command, "--help")).as(command).isEqualTo(ExitCode.OK);
    }
  }

  private int run(String... arguments) {
    CommandLine main = Main.commandLine();
    main.setErr(new PrintWriter(err, true));
    main.setOut(new PrintWriter(new StringWriter()));
    return main.execute(arguments);
  }
}
