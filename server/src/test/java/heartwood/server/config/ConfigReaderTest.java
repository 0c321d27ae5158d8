package heartwood.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {
  private final Path dir;

  ConfigReaderTest(@TempDir Path dir) {
    this.dir = dir;
  }

  @Test
  void withNothingGivenThereIsAClusterOfOneOnPort6379() throws ConfigException {
    ServerConfig config = ConfigReader.read(List.of());

    assertThat(config.get(Directives.PORT)).isEqualTo(6379);
    assertThat(config.get(Directives.CLUSTER_MEMBERS)).isEmpty();
    assertThat(config.text(Directives.BIND)).isEqualTo("127.0.0.1 -::1");
  }

  @Test
  void aFileHasCommentsQuotesAndNamesInAnyCase() throws Exception {
    ServerConfig config =
        read("# a comment", "", "PORT 7001", "  requirepass \"a b\\x21\\n\"", "dir 'it\\'s here'");

    assertThat(config.get(Directives.PORT)).isEqualTo(7001);
    assertThat(config.get(Directives.REQUIREPASS)).isEqualTo("a b!\n");
    assertThat(config.get(Directives.DIR)).isEqualTo("it's here");
  }

  @Test
  void memoryHasTheUnitsOfRedis() throws Exception {
    assertThat(memory("1mb")).isEqualTo(1024 * 1024);
    assertThat(memory("2M")).isEqualTo(2_000_000);
    assertThat(memory("3000k")).isEqualTo(3_000_000);
    assertThat(memory("2000KB")).isEqualTo(2000 * 1024);
    assertThat(memory("1gB")).isEqualTo(1024 * 1024 * 1024);
    assertThat(memory("5000000")).isEqualTo(5_000_000);
    assertThat(memory("5000000b")).isEqualTo(5_000_000);
  }

  @Test
  void theLastOfARepeatedDirectiveHoldsButListsGrow() throws Exception {
    ServerConfig config =
        read(
            "port 1",
            "port 2",
            "cluster-members 1@localhost:1:2:3:4",
            "cluster-members 2@[::1]:1:2:3:4 3@db3:5:6:7:8",
            "client-output-buffer-limit pubsub 1mb 2 3");

    assertThat(config.get(Directives.PORT)).isEqualTo(2);
    assertThat(config.get(Directives.CLUSTER_MEMBERS))
        .containsExactly(
            new MemberAddress(1, "localhost", 1, 2, 3, 4),
            new MemberAddress(2, "::1", 1, 2, 3, 4),
            new MemberAddress(3, "db3", 5, 6, 7, 8));
    assertThat(config.text(Directives.CLUSTER_MEMBERS))
        .isEqualTo("1@localhost:1:2:3:4 2@[::1]:1:2:3:4 3@db3:5:6:7:8");
    assertThat(config.text(Directives.CLIENT_OUTPUT_BUFFER_LIMIT))
        .isEqualTo("normal 0 0 0 slave 268435456 67108864 60 pubsub 1048576 2 3");
  }

  @Test
  void anIncludedFileIsSoughtBesideTheOneThatNamesIt() throws Exception {
    Files.writeString(dir.resolve("other.conf"), "port 7005\ntimeout 7\n");

    ServerConfig config = read("port 1", "include other.conf", "timeout 8");

    assertThat(config.get(Directives.PORT)).isEqualTo(7005);
    assertThat(config.get(Directives.TIMEOUT)).isEqualTo(8);
  }

  @Test
  void flagsStandAboveTheFile() throws Exception {
    Path file = file("port 7001", "timeout 3");

    ServerConfig config =
        ConfigReader.read(List.of(file.toString(), "--port", "7002", "--bind", "::1", "127.0.0.2"));

    assertThat(config.get(Directives.PORT)).isEqualTo(7002);
    assertThat(config.get(Directives.TIMEOUT)).isEqualTo(3);
    assertThat(config.get(Directives.BIND)).containsExactly("::1", "127.0.0.2");
    assertThat(ConfigReader.read(List.of("--port=7003")).get(Directives.PORT)).isEqualTo(7003);
  }

  @Test
  void aMistakeIsNamedWithItsFileLineAndText() throws IOException {
    assertMistake("line 2: 'prot 1': unknown directive", "port 1", "prot 1");
    assertMistake("'proxy_port 1': unknown directive (did you mean proxy-port?)", "proxy_port 1");
    assertMistake("'port x': argument couldn't be parsed into an integer", "port x");
    assertMistake("'port 65536': argument must be between 0 and 65535 inclusive", "port 65536");
    assertMistake("'port 1 2': wrong number of arguments", "port 1 2");
    assertMistake("'port': wrong number of arguments", "port");
    assertMistake("argument must be 'yes' or 'no'", "peer-insecure maybe");
    assertMistake("argument must be a memory value", "log-max-bytes 1tb");
    assertMistake("argument(s) must be one of the following: debug, verbose", "loglevel loud");
    assertMistake("Unbalanced quotes in configuration line", "requirepass \"abc");
    assertMistake("Unbalanced quotes in configuration line", "requirepass \"abc\"d");
    assertMistake("is not a member (expected: id@host:", "cluster-members 1@host:2:3");
    assertMistake("'appendonly no': is always 'yes'", "appendonly no");
    assertMistake("'databases 64': is always '16'", "databases 64");
    assertMistake("include takes one file", "include a b");
    assertMistake("cannot be read", "include missing.conf");
  }

  @Test
  void aFileThatIncludesItselfIsRefused() throws IOException {
    Path file = file("include heartwood.conf");

    assertThatThrownBy(() -> ConfigReader.read(file)).hasMessageContaining("16 includes");
  }

  @Test
  void aFlagThatIsNoDirectiveIsRefused() {
    assertThatThrownBy(() -> ConfigReader.read(List.of("--prot", "1")))
        .hasMessage("--prot: unknown directive");
    assertThatThrownBy(() -> ConfigReader.read(List.of("--port", "1", "--")))
        .hasMessageContaining("a directive is expected");
  }

  @Test
  void redisOwnDirectivesAreTakenWhenTheySayWhatIsSo() throws Exception {
    ServerConfig config = read("save \"\"", "appendonly yes", "maxmemory-policy noeviction");

    assertThat(config.text(Directives.SAVE)).isEmpty();
  }

  @Test
  void everyDirectiveReadsItsOwnDefault() throws ConfigException {
    for (Directive<?> directive : Directives.all()) {
      ServerConfig config = ServerConfig.defaults().replaced(directive, directive.defaultText());

      assertThat(config.text(directive)).as(directive.name()).isEqualTo(directive.defaultText());
      assertThat(directive.help()).as(directive.name()).endsWith(".");
    }
  }

  private void assertMistake(String expected, String... lines) throws IOException {
    Path file = file(lines);
    assertThatThrownBy(() -> ConfigReader.read(file))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(expected)
        .hasMessageContaining(
            expected.equals("cannot be read") ? "missing" : "heartwood.conf, line");
  }

  private long memory(String value) throws Exception {
    return read("client-query-buffer-limit " + value).get(Directives.CLIENT_QUERY_BUFFER_LIMIT);
  }

  private ServerConfig read(String... lines) throws Exception {
    return ConfigReader.read(file(lines));
  }

  private Path file(String... lines) throws IOException {
    return Files.write(dir.resolve("heartwood.conf"), List.of(lines));
  }

  @Test
  void whatAllNodesShareIsNoDirective() {
    assertThatThrownBy(() -> ConfigReader.read(List.of("--history-retention", "1h")))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "--history-retention: all nodes share it:"
                + " set it with CONFIG SET once the cluster serves");
  }
}
