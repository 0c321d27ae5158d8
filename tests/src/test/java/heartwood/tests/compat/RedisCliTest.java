package heartwood.tests.compat;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.tests.process.ClusterRig;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** redis-cli in the ways in which people use it. */
class RedisCliTest {
  private static ClusterRig rig;
  private RedisTool cli;

  @BeforeAll
  static void start() {
    RedisTool.require("redis-cli");
    rig = ClusterRig.start(3);
  }

  @AfterAll
  static void stop() {
    if (rig != null) {
      rig.close();
    }
  }

  @BeforeEach
  void flush() {
    cli = RedisTool.require("redis-cli");
    assertThat(proxy(1, "FLUSHALL")).isEqualTo("OK\n");
  }

  @Test
  void dataCommandsWorkFromAnyNodeWhenRedirectsAreFollowed() {
    for (int node = 1; node <= 3; node++) {
      assertThat(cluster(node, "set", "k" + node, "v")).endsWith("OK\n");
      assertThat(cluster(node, "get", "k" + node)).endsWith("v\n");
      assertThat(cluster(node, "hset", "h" + node, "f", "1", "g", "2")).endsWith("2\n");
      assertThat(cluster(node, "hgetall", "h" + node)).contains("f\n1\n", "g\n2\n");
      assertThat(cluster(node, "expire", "k" + node, "100")).endsWith("1\n");
      assertThat(cluster(node, "ttl", "k" + node)).containsPattern("(9[0-9]|100)\n$");
      assertThat(cluster(node, "scan", "0", "count", "100")).contains("k" + node, "h" + node);
    }
  }

  @Test
  void dataCommandsWorkThroughEveryProxy() {
    for (int node = 1; node <= 3; node++) {
      assertThat(proxy(node, "SET", "key", "" + node)).isEqualTo("OK\n");
      for (int other = 1; other <= 3; other++) {
        assertThat(proxy(other, "GET", "key")).isEqualTo(node + "\n");
      }
      assertThat(proxy(node, "MSET", "a", "1", "b", "2", "c", "3")).isEqualTo("OK\n");
      assertThat(proxy(node, "MGET", "a", "b", "c")).isEqualTo("1\n2\n3\n");
    }
  }

  @Test
  void aFollowersRedirectIsShownToThoseWhoDoNotFollow() {
    int follower = rig.follower();

    String answer = cli.run("-p", rig.address(follower).redirectPort(), "SET", "foo", "bar");

    assertThat(answer)
        .startsWith("MOVED 12182 127.0.0.1:" + rig.address(rig.awaitLeader()).redirectPort());
  }

  @Test
  void massInsertionByPipe() {
    String commands =
        IntStream.range(0, 3000)
            .mapToObj(i -> "SET p" + i + " " + i)
            .collect(Collectors.joining("\r\n"));
    for (int node = 1; node <= 3; node++) {
      String output =
          cli.runWithInput(commands + "\r\n", "-p", rig.address(node).proxyPort(), "--pipe");
      assertThat(output).contains("errors: 0, replies: 3000");
    }
    assertThat(proxy(1, "DBSIZE")).isEqualTo("3000\n");
  }

  @Test
  void scanningFindsEveryKeyOnce() {
    String commands =
        IntStream.range(0, 500)
            .mapToObj(i -> "SET s" + i + " x")
            .collect(Collectors.joining("\r\n"));
    cli.runWithInput(commands + "\r\n", "-p", rig.address(1).proxyPort(), "--pipe");
    for (int node = 1; node <= 3; node++) {
      for (int port : new int[] {rig.address(node).proxyPort(), rig.address(node).redirectPort()}) {
        assertThat(cli.run("-p", port, "--scan").lines().distinct()).hasSize(500);
        assertThat(cli.run("-p", port, "--scan", "--pattern", "s49?").lines()).hasSize(10);
      }
    }
  }

  @Test
  void bigKeysAreFound() {
    proxy(1, "HSET", "hash", "f", "v");
    proxy(1, "SET", "string", "value");
    assertThat(cli.run("-p", rig.address(1).proxyPort(), "--bigkeys"))
        .contains("Sampled 2 keys", "1 hashs with 1 fields", "1 strings with 5 bytes");
  }

  @Test
  void statisticsAndLatencyAreShown() {
    RedisTool live = cli.unbuffered();
    for (int node = 1; node <= 3; node++) {
      for (int port : new int[] {rig.address(node).proxyPort(), rig.address(node).redirectPort()}) {
        assertThat(live.runFor(1500, "-p", port, "--stat", "-i", "0.2"))
            .contains("requests", "connections")
            .doesNotContain("ERR");
        assertThat(cli.runFor(5000, "-p", port, "--latency", "-i", "1", "--raw"))
            .containsPattern("^[0-9]+ [0-9]+ [0-9.]+ [0-9]+\n$");
      }
    }
  }

  @Test
  void theThirdProtocolHasMapsAndDoubles() {
    int leader = rig.awaitLeader();
    for (int port : new int[] {rig.address(1).proxyPort(), rig.address(leader).redirectPort()}) {
      cli.run("-3", "-p", port, "HSET", "h", "f", "1");
      assertThat(cli.run("-3", "--no-raw", "-p", port, "HGETALL", "h"))
          .isEqualTo("1# \"f\" => \"1\"\n");
      assertThat(cli.run("-3", "-p", port, "HELLO")).contains("proto");
    }
  }

  @Test
  void theClusterManagerFindsNothingAmiss() {
    for (int node = 1; node <= 3; node++) {
      assertThat(cli.run("--cluster", "check", "127.0.0.1:" + rig.address(node).redirectPort()))
          .contains("[OK] All 16384 slots covered.", "[OK] All nodes agree about slots")
          .doesNotContain("[ERR]", "[WARNING]");
    }
  }

  @Test
  void commandsFromStandardInputAreRunInOrder() {
    assertThat(cli.runWithInput("SET k 1\nINCR k\nGET k\n", "-p", rig.address(2).proxyPort()))
        .isEqualTo("OK\n2\n2\n");
  }

  private String cluster(int node, Object... command) {
    return cli.run(join(new Object[] {"-c", "-p", rig.address(node).redirectPort()}, command));
  }

  private String proxy(int node, Object... command) {
    return cli.run(join(new Object[] {"-p", rig.address(node).proxyPort()}, command));
  }

  private static Object[] join(Object[] flags, Object[] command) {
    Object[] all = new Object[flags.length + command.length];
    System.arraycopy(flags, 0, all, 0, flags.length);
    System.arraycopy(command, 0, all, flags.length, command.length);
    return all;
  }
}
