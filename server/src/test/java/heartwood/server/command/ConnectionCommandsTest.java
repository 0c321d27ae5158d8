package heartwood.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.RespVersion;
import heartwood.server.config.Directives;
import org.junit.jupiter.api.Test;

class ConnectionCommandsTest {

  @Test
  void helloAnswersInTheProtocolThatItAsksFor() throws Exception {
    FakeNode node = new FakeNode();
    FakeConnection client = node.connect(Personality.REDIRECT);

    assertThat(node.send(client, "HELLO"))
        .isEqualTo(
            lines("*14 $6 server $5 redis $7 version $5 7.4.0 $5 proto :2 $2 id :1 $4 mode")
                + lines("$7 cluster $4 role $6 master $7 modules *0"));
    assertThat(node.send(client, "hello 3 SETNAME me"))
        .isEqualTo(
            lines("%7 $6 server $5 redis $7 version $5 7.4.0 $5 proto :3 $2 id :1 $4 mode")
                + lines("$7 cluster $4 role $6 master $7 modules *0"));
    assertThat(client.state().version()).isEqualTo(RespVersion.RESP3);
    assertThat(client.state().name()).isEqualTo("me");
  }

  @Test
  void helloOfAFollowerSaysReplicaButAProxyIsAMaster() throws Exception {
    FakeNode node = new FakeNode();
    node.topology = FakeNode.topology(FakeNode.FIRST, FakeNode.SECOND);

    assertThat(node.send(node.connect(Personality.REDIRECT), "HELLO"))
        .contains(lines("$7 cluster $4 role $7 replica"));
    assertThat(node.send(node.connect(Personality.PROXY), "HELLO"))
        .contains(lines("$10 standalone $4 role $6 master"));
  }

  @Test
  void aRefusedHelloChangesNothing() throws Exception {
    FakeNode node = new FakeNode("--requirepass", "secret");
    FakeConnection client = node.connect(Personality.PROXY);

    assertThat(node.send(client, "HELLO 3 SETNAME me"))
        .startsWith("-NOAUTH HELLO must be called with the client already authenticated");
    assertThat(node.send(client, "HELLO", "3", "AUTH", "default", "secret", "SETNAME", "a b"))
        .startsWith("-ERR Client names cannot contain");

    assertThat(client.state().version()).isEqualTo(RespVersion.RESP2);
    assertThat(client.state().isAuthenticated()).isFalse();
    assertThat(client.state().name()).isEmpty();
  }

  @Test
  void helloCanLogIn() throws Exception {
    FakeNode node = new FakeNode("--requirepass", "secret");
    FakeConnection client = node.connect(Personality.PROXY);

    assertThat(node.send(client, "HELLO 3 AUTH default secret")).startsWith("%7");
    assertThat(node.send(client, "PING")).isEqualTo("+PONG\r\n");
  }

  @Test
  void selectIsAllowedInBothPersonalities() throws Exception {
    FakeNode node = new FakeNode();
    int last = node.config.get(Directives.DATABASES) - 1; // What clients are told.
    for (Personality personality : Personality.values()) {
      FakeConnection client = node.connect(personality);

      assertThat(node.send(client, "SELECT " + last)).isEqualTo("+OK\r\n");
      assertThat(node.send(client, "SELECT " + (last + 1)))
          .isEqualTo("-ERR DB index is out of range\r\n");
      assertThat(client.state().database()).isEqualTo(last);
    }
  }

  @Test
  void quitSaysOkAndCloses() throws Exception {
    FakeNode node = new FakeNode();
    FakeConnection client = node.connect(Personality.REDIRECT);

    assertThat(node.send(client, "QUIT")).isEqualTo("+OK\r\n");
    assertThat(client.closesAfterReply).isTrue();
  }

  @Test
  void resetForgetsAllButTheLibrary() throws Exception {
    FakeNode node = new FakeNode("--requirepass", "secret");
    FakeConnection client = node.connect(Personality.REDIRECT);
    node.send(client, "HELLO 3 AUTH default secret SETNAME me");
    node.send(client, "SELECT 2");
    node.send(client, "READONLY");
    node.send(client, "CLIENT SETINFO LIB-NAME jedis");

    assertThat(node.send(client, "RESET")).isEqualTo("+RESET\r\n");

    assertThat(client.hasLeftModes).isTrue();
    assertThat(client.state().version()).isEqualTo(RespVersion.RESP2);
    assertThat(client.state().database()).isZero();
    assertThat(client.state().isReadonly()).isFalse();
    assertThat(client.state().name()).isEmpty();
    assertThat(client.state().libraryName()).isEqualTo("jedis");
    assertThat(node.send(client, "PING")).isEqualTo("-NOAUTH Authentication required.\r\n");
  }

  @Test
  void aPasswordSetWhileRunningIsAskedOfNewConnections() throws Exception {
    FakeNode node = new FakeNode();
    FakeConnection old = node.connect(Personality.REDIRECT);

    assertThat(node.send(old, "CONFIG SET requirepass secret")).isEqualTo("+OK\r\n");

    assertThat(node.send(old, "PING")).isEqualTo("+PONG\r\n");
    assertThat(node.send(node.connect(Personality.REDIRECT), "PING")).startsWith("-NOAUTH");
  }

  @Test
  void arityIsCheckedBeforeThePasswordAndThePasswordBeforeThePersonality() throws Exception {
    FakeNode node = new FakeNode("--requirepass", "secret");
    FakeConnection client = node.connect(Personality.PROXY);

    assertThat(node.send(client, "READONLY x")).startsWith("-ERR wrong number");
    assertThat(node.send(client, "READONLY")).startsWith("-NOAUTH");
    node.send(client, "AUTH secret");
    assertThat(node.send(client, "READONLY"))
        .isEqualTo("-ERR This instance has cluster support disabled\r\n");
  }

  @Test
  void sentinelIsUnknown() throws Exception {
    FakeNode node = new FakeNode();

    assertThat(node.send(node.connect(Personality.PROXY), "SENTINEL MASTERS"))
        .isEqualTo("-ERR unknown command 'SENTINEL', with args beginning with: 'MASTERS' \r\n");
  }

  static String lines(String words) {
    return words.replace(" ", "\r\n") + "\r\n";
  }
}
