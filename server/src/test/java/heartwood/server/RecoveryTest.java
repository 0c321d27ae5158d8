package heartwood.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.raft.log.HardState;
import heartwood.raft.log.LogBatch;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.message.Configuration;
import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Member;
import heartwood.raft.message.NodeId;
import heartwood.server.config.ConfigReader;
import heartwood.server.config.ServerConfig;
import heartwood.storage.Applied;
import heartwood.storage.Directories;
import heartwood.storage.lmdb.LmdbLogStore;
import heartwood.storage.lmdb.LmdbOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Node 2 of three survives. A process that died is modelled by taking the last steps back, in the
 * order of {@link RecoveryFiles}.
 */
@Timeout(60)
class RecoveryTest {
  private static final int NODE = 2;

  private final Path directory;
  private final ServerConfig config;

  RecoveryTest(@TempDir Path directory) throws Exception {
    this.directory = directory;
    this.config = configOf("old");
  }

  private ServerConfig configOf(String clusterId) throws Exception {
    return ConfigReader.read(
        List.of(
            "--dir",
            directory.toString(),
            "--node-id",
            "" + NODE,
            "--cluster-id",
            clusterId,
            "--cluster-members",
            NODE + "@127.0.0.1:1:2:3:0",
            "--log-map-size",
            "64mb",
            "--state-map-size",
            "64mb"));
  }

  // ---- What becomes of the log ----

  @Test
  void whatTheStateHasNotAppliedIsKept() throws Exception {
    state(5, 1);
    log(0, 0, 1, 9); // Entries 1..9 of term 1.

    recover(config, "new");

    try (LmdbLogStore log = openLog("log")) {
      assertThat(log.baseIndex()).isEqualTo(5);
      assertThat(textOf(log, 9)).isEqualTo("entry 9 of term 1");
      assertThat(log.lastIndex()).isEqualTo(10);
      assertThat(log.hardState().commitIndex()).isEqualTo(10);
    }
    NodeData.open(configOf("new")).close();
  }

  /** Raft §7: the process died between the installation of a snapshot and the log's reset. */
  @Test
  void aLogThatConflictsWithTheStateIsNotKept() throws Exception {
    state(5, 4);
    log(0, 0, 1, 9); // At 5 stands an entry of term 1.

    Recovery recovery = Recovery.of(config);
    assertThat(recovery.plan("new"))
        .anyMatch(line -> line.contains("nothing of the log is kept"))
        .noneMatch(line -> line.contains("All are kept"));
    recovery.carryOut("new");

    requireOnlyTheStateAt(5, 4);
    assertThat(notes()).contains("state without log to 5 committed to 5");
  }

  @Test
  void aLogThatEndsBeforeTheStateIsNotKept() throws Exception {
    state(50, 4);
    log(0, 0, 1, 9);

    Recovery recovery = Recovery.of(config);
    assertThat(recovery.plan("new"))
        .anyMatch(line -> line.contains("brought to entry 50: nothing of the log is kept"));
    recovery.carryOut("new");

    requireOnlyTheStateAt(50, 4);
  }

  private void requireOnlyTheStateAt(long index, long term) throws Exception {
    try (LmdbLogStore log = openLog("log")) {
      assertThat(log.baseIndex()).isEqualTo(index);
      assertThat(log.baseTerm()).isEqualTo(term);
      assertThat(log.lastIndex()).isEqualTo(index + 1);
      assertThat(log.termAt(index + 1)).isGreaterThan(term);
      Configuration alone =
          ConfigurationCodec.decode(log.read(index + 1, index + 1, 1 << 20).get(0).payload());
      assertThat(alone.voters()).containsExactly(new NodeId(NODE));
    }
    NodeData.open(configOf("new")).close();
  }

  @Test
  void aPlanDoesNotChangeTheLog() {
    state(5, 4);
    log(0, 0, 1, 9);

    Recovery.of(config).plan("new");

    try (LmdbLogStore log = openLog("log")) {
      assertThat(textOf(log, 9)).isEqualTo("entry 9 of term 1");
    }
    assertThat(names()).containsExactly("log", "state");
  }

  @Test
  void aGapBetweenStateAndLogIsRefused() {
    state(5, 1);
    log(7, 1, 1, 9);

    assertThatThrownBy(() -> Recovery.of(config))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("the state ends at 5, the log begins behind 7")
        .hasMessageContaining("restore a backup");
  }

  @Test
  void whatTheNodeWroteSinceThePlanIsNotDropped() {
    state(5, 1);
    log(0, 0, 1, 9);
    Recovery recovery = Recovery.of(config);
    append(10, 1);

    assertThatThrownBy(() -> recovery.carryOut("new"))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("its log ends with 10 (expected: 9)");

    assertThat(names()).containsExactly("log", "state");
  }

  // ---- A run that was cut short ----

  @Test
  void beforeTheRenamingsAllBeginsAnew() throws Exception {
    state(5, 1);
    log(0, 0, 1, 9);
    recover(config, "first");
    rename("log", "log.recovered");
    rename("log-before-recovery", "log");
    Files.delete(directory.resolve("recoveries.txt"));
    append(10, 1); // The old cluster went on meanwhile.

    Recovery recovery = Recovery.of(config);
    assertThat(recovery.begunAs()).isNull();
    assertThat(names()).as("planning").contains("log.recovered");
    recovery.carryOut("second");

    try (LmdbLogStore log = openLog("log")) {
      assertThat(textOf(log, 10)).isEqualTo("entry 10 of term 1");
    }
    assertThat(names()).containsExactly("log", "log-before-recovery", "recoveries.txt", "state");
    assertThat(notes()).hasLineCount(1).contains("as cluster second");
  }

  @Test
  void betweenTheRenamingsTheNextRunGoesOn() throws Exception {
    state(5, 1);
    log(0, 0, 1, 9);
    recover(config, "new");
    rename("log", "log.recovered");
    Files.delete(directory.resolve("recoveries.txt"));

    Recovery recovery = Recovery.of(config);
    assertThat(recovery.begunAs()).isEqualTo("new");
    assertThat(recovery.plan("new")).anyMatch(line -> line.contains("cut short"));
    assertThat(names()).as("planning").contains("log.recovered").doesNotContain("log");
    recovery.carryOut("new");

    requireRecoveredOnceAs("new");
  }

  @Test
  void behindTheRenamingsTheNextRunWritesTheLine() throws Exception {
    state(5, 1);
    log(0, 0, 1, 9);
    recover(config, "new");
    Files.writeString(directory.resolve("recoveries.txt"), "2026-11-21T00:00:00Z RECOV");

    Recovery recovery = Recovery.of(config);
    assertThat(recovery.begunAs()).isEqualTo("new");
    recovery.carryOut("new");

    assertThat(notes()).hasLineCount(2); // The torn one stays as it is.
    assertThat(notes().lines().toList().get(1)).contains("RECOVER n2").contains("as cluster new");
    assertThat(names()).containsExactly("log", "log-before-recovery", "recoveries.txt", "state");
  }

  @Test
  void whileTheConfigurationNamesTheOldClusterARecoveryIsNotOver() throws Exception {
    state(5, 1);
    log(0, 0, 1, 9);
    recover(config, "new");

    assertThat(Recovery.of(config).begunAs()).isEqualTo("new");
    recover(config, "new");
    requireRecoveredOnceAs("new");
    assertThat(Recovery.of(configOf("new")).begunAs()).isNull();
  }

  private void requireRecoveredOnceAs(String name) throws Exception {
    assertThat(notes()).hasLineCount(1).contains("as cluster " + name);
    assertThat(names()).containsExactly("log", "log-before-recovery", "recoveries.txt", "state");
    try (LmdbLogStore old = openLog("log-before-recovery")) {
      assertThat(textOf(old, 1)).isEqualTo("entry 1 of term 1");
    }
    try (LmdbLogStore log = openLog("log")) {
      assertThat(textOf(log, 9)).isEqualTo("entry 9 of term 1");
    }
    NodeData.open(configOf(name)).close();
  }

  @Test
  void whatIsBegunUnderOneNameIsNotFinishedUnderAnother() throws Exception {
    state(5, 1);
    log(0, 0, 1, 9);
    recover(config, "new");
    rename("log", "log.recovered");

    Recovery recovery = Recovery.of(config);

    assertThatThrownBy(() -> recovery.plan("other"))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("--new-cluster-id new");
    assertThatThrownBy(() -> recovery.carryOut("other")).isInstanceOf(StartException.class);
    assertThat(names()).contains("log.recovered").doesNotContain("log");
  }

  @Test
  void aRecoveredLogThatIsNotWholeIsNotTakenUp() {
    state(5, 1);
    log(0, 0, 1, 9);
    rename("log", "log.recovered"); // It has no mark.

    assertThatThrownBy(() -> Recovery.of(config))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("was not written to its end");
  }

  @Test
  void noBackupIsEverRemoved() throws Exception {
    state(5, 1);
    log(0, 0, 1, 9);

    recover(config, "second");
    recover(configOf("second"), "third");
    recover(configOf("third"), "fourth");

    assertThat(names())
        .containsExactly(
            "log",
            "log-before-recovery",
            "log-before-recovery-2",
            "log-before-recovery-3",
            "recoveries.txt",
            "state");
    assertThat(identityOf("log-before-recovery")).isEqualTo(NodeData.clusterId("old"));
    assertThat(identityOf("log-before-recovery-2")).isEqualTo(NodeData.clusterId("second"));
    assertThat(identityOf("log-before-recovery-3")).isEqualTo(NodeData.clusterId("third"));
    assertThat(notes()).hasLineCount(3);
  }

  @Test
  void aNameOfTwoLinesIsRefused() {
    state(5, 1);
    log(0, 0, 1, 9);

    assertThatThrownBy(() -> recover(config, "new\nline")).isInstanceOf(StartException.class);

    assertThat(names()).containsExactly("log", "state");
  }

  // ---- A start meanwhile ----

  @Test
  void aStartBetweenTheRenamingsSaysWhereTheLogIs() throws Exception {
    state(0, 0); // Nothing is checkpointed yet: all that there is, is in the log.
    log(0, 0, 1, 9);
    recover(config, "new");
    rename("log", "log.recovered");
    ServerConfig bootstrap =
        ConfigReader.read(List.of("--dir", directory.toString(), "--node-id", "" + NODE));

    for (ServerConfig each : List.of(config, bootstrap)) {
      assertThatThrownBy(() -> NodeData.open(each))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("log.recovered")
          .hasMessageContaining("Run heartwood recover again")
          .hasMessageNotContaining("lost its disk");
    }
    assertThat(names()).doesNotContain("log");
  }

  @Test
  void aStartUnderTheOldNameSaysThatTheNodeWasRecovered() throws Exception {
    state(5, 1);
    log(0, 0, 1, 9);
    recover(config, "new");

    assertThatThrownBy(() -> NodeData.open(config))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("of another cluster")
        .hasMessageContaining("A recovery has made cluster new of it");
  }

  // ---- What the node holds ----

  private static void recover(ServerConfig config, String name) {
    Recovery recovery = Recovery.of(config);
    assertThat(recovery.plan(name)).isNotEmpty();
    recovery.carryOut(name);
  }

  private void state(long appliedIndex, long appliedTerm) {
    List<Member> members = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      members.add(new Member(new NodeId(i), "127.0.0.1", 10 + i, 20 + i, 30 + i, 0));
    }
    byte[] configuration = ConfigurationCodec.encode(Configuration.of(members));
    StateFiles.create(
        directory.resolve("state"),
        new Applied(appliedIndex, appliedTerm, 0, 0, 0, configuration),
        LmdbOptions.forState());
  }

  /** A log of base {@code baseIndex}, with entries of one term behind it. */
  private void log(long baseIndex, long baseTerm, long term, long lastIndex) {
    NodeIdentity identity = new NodeIdentity(NodeData.clusterId("old"), new NodeId(NODE), 7);
    LmdbLogStore.create(directory.resolve("log"), identity, LmdbOptions.forLog()).close();
    try (LmdbLogStore log = openLog("log")) {
      if (baseIndex > 0) {
        log.reset(baseIndex, baseTerm);
      }
    }
    for (long index = baseIndex + 1; index <= lastIndex; index++) {
      append(index, term);
    }
  }

  private void append(long index, long term) {
    try (LmdbLogStore log = openLog("log")) {
      byte[] text = ("entry " + index + " of term " + term).getBytes(UTF_8);
      log.write(
          new LogBatch(
              List.of(new LogEntry(index, term, EntryKind.NOOP, text)),
              new HardState(term, null, log.hardState().commitIndex())));
    }
  }

  private LmdbLogStore openLog(String name) {
    return LmdbLogStore.open(directory.resolve(name), LmdbOptions.forLog());
  }

  private long identityOf(String name) {
    try (LmdbLogStore log = openLog(name)) {
      return log.identity().clusterId();
    }
  }

  private static String textOf(LmdbLogStore log, long index) {
    return new String(log.read(index, index, 1 << 20).get(0).payload(), UTF_8);
  }

  private void rename(String from, String to) {
    Directories.rename(directory.resolve(from), directory.resolve(to));
  }

  private List<String> names() {
    return Directories.list(directory).stream()
        .map(path -> String.valueOf(path.getFileName()))
        .toList();
  }

  private String notes() throws IOException {
    return Files.readString(directory.resolve("recoveries.txt"));
  }
}
