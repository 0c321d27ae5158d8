package heartwood.tests.chaos;

import static heartwood.tests.chaos.FaultKind.HISTORY;
import static heartwood.tests.chaos.FaultKind.KILL;
import static heartwood.tests.chaos.FaultKind.MEMBERS;
import static heartwood.tests.chaos.FaultKind.PARTITION;
import static heartwood.tests.chaos.FaultKind.PAUSE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.tests.history.HistoryChecker;
import heartwood.tests.history.HistoryFile;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short run of the whole: real processes, each kind of fault that needs no rights, once. */
class ChaosRunTest {
  @TempDir private Path directory = Path.of("");

  @Test
  void whatClientsHearUnderFaultsIsLinearizable() throws Exception {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    ChaosOptions options =
        new ChaosOptions(
            directory.resolve("run"),
            Duration.ofSeconds(12),
            Set.of(KILL, PAUSE, PARTITION, MEMBERS, HISTORY),
            3,
            6,
            Long.getLong("seed", 3));

    boolean isOk = new ChaosRun(options, new PrintStream(said, true, UTF_8)).run();

    assertThat(isOk).as(said.toString(UTF_8)).isTrue();
    assertThat(options.reportFile()).content().startsWith("OK: linearizable: ");
    assertThat(said.toString(UTF_8)).contains("kill -9", "stands still", "no more faults");
    assertThat(new HistoryChecker().judge(HistoryFile.read(options.historyFile())).operationCount())
        .isGreaterThan(500);
    assertThat(
            DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(Files.newInputStream(options.timelineFile()))
                .getDocumentElement()
                .getNodeName())
        .isEqualTo("svg");
  }
}
