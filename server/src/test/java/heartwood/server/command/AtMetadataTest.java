package heartwood.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.server.config.ConfigException;
import org.junit.jupiter.api.Test;

/** What clients are told of AT, so that they find the keys of what it runs. */
class AtMetadataTest {
  private final FakeNode node;
  private final FakeConnection client;

  AtMetadataTest() throws ConfigException {
    node = new FakeNode();
    client = node.connect(Personality.REDIRECT);
  }

  private String call(String command) {
    return node.send(client, command).replace("\r\n", " ").strip();
  }

  @Test
  void commandInfoSaysThatItReadsAndThatItsKeysMove() {
    assertThat(call("COMMAND INFO AT"))
        .startsWith(
            "*1 *10 $2 at :-3 *2 +readonly +movablekeys :0 :0 :0 *3 +@read +@slow +@history");
  }

  @Test
  void helpTellsHowATimeIsWritten() {
    assertThat(call("AT HELP"))
        .contains("+AT time [WITHREV] [command [arg [arg ...]]]", "+A time is", "-1h30m", "+HELP")
        .isEqualTo(call("at help"));
    assertThat(node.table.lookup(Arguments.of("at", "-5m", "help"))).isEqualTo(node.table.at());
    assertThat(call("COMMAND DOCS AT")).doesNotContain("subcommands");
  }

  @Test
  void getkeysLooksThrough() {
    assertThat(call("COMMAND GETKEYS AT -5m GET k")).isEqualTo("*1 $1 k");
    assertThat(call("COMMAND GETKEYS AT @7 WITHREV MGET a b")).isEqualTo("*2 $1 a $1 b");
    assertThat(call("COMMAND GETKEYSANDFLAGS AT -5m GET k")).isEqualTo("*1 *2 $1 k *2 +RO +access");
    assertThat(call("COMMAND GETKEYS AT -5m SET k v"))
        .isEqualTo("-ERR Invalid arguments specified for command");
    assertThat(call("COMMAND GETKEYS AT -5m")).startsWith("-ERR Invalid number of arguments");
  }

  @Test
  void thereIsDocumentation() {
    assertThat(call("COMMAND DOCS AT")).contains("$2 at", "moment of the past", "WITHREV");
    assertThat(call("CLIENT HELP")).contains("ASOF [time [SLIDE] | OFF]");
    assertThat(call("COMMAND LIST FILTERBY ACLCAT history")).contains("$2 at");
    assertThat(call("ACL CAT history")).contains("$2 at");
  }
}
