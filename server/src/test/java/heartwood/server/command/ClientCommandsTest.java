package heartwood.server.command;

import static heartwood.server.command.ConnectionCommandsTest.lines;
import static org.assertj.core.api.Assertions.assertThat;

import heartwood.server.config.ConfigException;
import heartwood.server.config.OutputLimits.ClientClass;
import org.junit.jupiter.api.Test;

class ClientCommandsTest {
  private final FakeNode node = new FakeNode();
  private final FakeConnection first = node.connect(Personality.REDIRECT);
  private final FakeConnection second = node.connect(Personality.PROXY);

  ClientCommandsTest() throws ConfigException {}

  @Test
  void listDescribesEachConnectionInALine() {
    node.send(first, "CLIENT SETNAME me");
    node.send(first, "CLIENT SETINFO lib-name jedis");
    node.send(first, "CLIENT SETINFO LIB-VER 7.0");
    node.send(first, "READONLY");
    node.send(first, "CLIENT NO-TOUCH on");

    String list = node.send(first, "CLIENT LIST");

    assertThat(list.split("\n", -1)[1])
        .isEqualTo(
            "id=1 addr=127.0.0.1:50001 laddr=127.0.0.1:7001 fd=-1 name=me age=5 idle=5 flags=rT"
                + " db=0 sub=0 psub=0 ssub=0 multi=-1 watch=0 qbuf=7 qbuf-free=0 argv-mem=0"
                + " multi-mem=0 obl=0 oll=0 omem=0 tot-mem=7 events=r cmd=client|list user=default"
                + " redir=-1 resp=2 lib-name=jedis lib-ver=7.0");
    assertThat(list).contains("\nid=2 ").contains(" flags=N ").contains(" cmd=NULL ");
    node.send(first, "HELLO 3");
    assertThat(node.send(first, "CLIENT INFO")).startsWith("=").contains("\r\ntxt:id=1 ");
  }

  @Test
  void listFilters() {
    second.clientClass = ClientClass.PUBSUB;

    assertThat(node.send(first, "CLIENT LIST TYPE normal"))
        .contains("id=1 ")
        .doesNotContain("id=2 ");
    assertThat(node.send(first, "CLIENT LIST TYPE PUBSUB")).contains("id=2 ").contains("flags=P");
    assertThat(node.send(first, "CLIENT LIST ID 2 9")).contains("id=2 ").doesNotContain("id=1 ");
  }

  @Test
  void setInfoTakesTwoAttributesOfPrintableCharacters() {
    assertThat(node.send(first, "CLIENT SETINFO foo bar"))
        .isEqualTo("-ERR Unrecognized option 'foo'\r\n");
    assertThat(node.send(first, "CLIENT", "SETINFO", "LIB-NAME", "a b"))
        .isEqualTo("-ERR lib-name cannot contain spaces, newlines or special characters.\r\n");
  }

  @Test
  void killSparesTheKillerUnlessToldOtherwise() {
    assertThat(node.send(first, "CLIENT KILL TYPE normal")).isEqualTo(":1\r\n");
    assertThat(second.isClosed).isTrue();
    assertThat(first.closesAfterReply).isFalse();

    assertThat(node.send(first, "CLIENT KILL USER default SKIPME no ID 1")).isEqualTo(":1\r\n");
    assertThat(first.closesAfterReply).isTrue();
    assertThat(first.isClosed).isFalse();
  }

  @Test
  void killTakesTheOldFormAndEveryFilter() {
    assertThat(node.send(first, "CLIENT KILL ADDR 127.0.0.1:50002 LADDR 127.0.0.1:7001 MAXAGE 5"))
        .isEqualTo(":1\r\n");
    assertThat(node.send(first, "CLIENT KILL MAXAGE 6")).isEqualTo(":0\r\n");
    assertThat(node.send(first, "CLIENT KILL ADDR 127.0.0.1:50001")).isEqualTo(":0\r\n");
    assertThat(node.send(first, "CLIENT KILL LADDR 127.0.0.1:1")).isEqualTo(":0\r\n");
    assertThat(node.send(first, "CLIENT KILL 127.0.0.1:50001")).isEqualTo("+OK\r\n");
    assertThat(first.closesAfterReply).isTrue();
  }

  @Test
  void aSkippedReplyIsTheNextOneOnly() {
    assertThat(node.send(first, "CLIENT REPLY SKIP")).isEmpty();
    assertThat(node.send(first, "PING")).isEmpty();
    assertThat(node.send(first, "PING")).isEqualTo("+PONG\r\n");
  }

  @Test
  void repliesStayOffUntilTheyAreOn() {
    assertThat(node.send(first, "CLIENT REPLY OFF")).isEmpty();
    assertThat(node.send(first, "CLIENT REPLY SKIP")).isEmpty();
    assertThat(node.send(first, "PING")).isEmpty();
    assertThat(node.send(first, "PING")).isEmpty();
    assertThat(node.send(first, "CLIENT REPLY ON")).isEqualTo("+OK\r\n");
    assertThat(node.send(first, "PING")).isEqualTo("+PONG\r\n");
  }

  @Test
  void unblockSaysWhetherTheClientWaited() {
    second.isBlocked = true;

    assertThat(node.send(first, "CLIENT UNBLOCK 2 ERROR")).isEqualTo(":1\r\n");
    assertThat(node.send(first, "CLIENT UNBLOCK 2")).isEqualTo(":0\r\n");
  }

  @Test
  void helpListsTheSubcommandsThatThereAre() {
    assertThat(node.send(first, "CLIENT HELP"))
        .startsWith("*")
        .contains("+CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\r\n")
        .contains("+SETNAME connection-name\r\n+    Names the connection.\r\n")
        .contains("+UNBLOCK client-id [TIMEOUT | ERROR]\r\n")
        .contains("+HELP\r\n+    Lists the subcommands of CLIENT.\r\n");
  }

  @Test
  void idIsTheNumberOfTheConnection() {
    assertThat(node.send(second, "CLIENT ID")).isEqualTo(lines(":2"));
  }
}
