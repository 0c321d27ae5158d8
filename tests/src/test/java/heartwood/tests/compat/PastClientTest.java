package heartwood.tests.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.tests.process.ClusterRig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;

/** Programs that know nothing of the past, sent there by nothing but a user name. */
class PastClientTest {
  private static ClusterRig rig;
  private static long revision;

  /** A past of a string and a hash, which are now something else. */
  @BeforeAll
  static void start() {
    rig = ClusterRig.start(3);
    try (Jedis jedis = new Jedis("127.0.0.1", rig.address(rig.awaitLeader()).redirectPort())) {
      jedis.set("k", "old");
      jedis.hset("h", Map.of("a", "1", "b", "2"));
      List<?> now = (List<?>) jedis.sendCommand(() -> new byte[] {'A', 'T'}, "now", "WITHREV");
      revision = (Long) now.get(0);
      jedis.set("k", "new");
      jedis.del("h");
      jedis.waitReplicas(2, 10_000);
    }
  }

  @AfterAll
  static void stop() {
    if (rig != null) {
      rig.close();
    }
  }

  private static List<Integer> ports() {
    int follower = rig.follower();
    int leader = rig.awaitLeader();
    return List.of(
        rig.address(leader).redirectPort(),
        rig.address(leader).proxyPort(),
        rig.address(follower).redirectPort(),
        rig.address(follower).proxyPort());
  }

  @Test
  void jedisByItsUser() {
    for (int port : ports()) {
      try (Jedis jedis =
          new Jedis(
              new HostAndPort("127.0.0.1", port),
              DefaultJedisClientConfig.builder()
                  .user("default~@" + revision)
                  .password("x")
                  .build())) {
        assertThat(jedis.get("k")).isEqualTo("old");
        assertThat(jedis.hgetAll("h")).isEqualTo(Map.of("a", "1", "b", "2"));
        assertThat(jedis.scan("0").getResult()).containsExactlyInAnyOrder("k", "h");
        assertThat(jedis.dbSize()).isEqualTo(2);
        assertThatThrownBy(() -> jedis.set("k", "no"))
            .isInstanceOf(JedisDataException.class)
            .hasMessageStartingWith("ASOF connection is frozen at @" + revision);
      }
    }
  }

  @Test
  void lettuceByItsUri() {
    for (int port : ports()) {
      RedisClient client =
          RedisClient.create(
              RedisURI.builder()
                  .withHost("127.0.0.1")
                  .withPort(port)
                  .withAuthentication("default~@" + revision, "x")
                  .build());
      try (StatefulRedisConnection<String, String> connection = client.connect()) {
        assertThat(connection.sync().get("k")).isEqualTo("old");
        assertThat(connection.sync().hgetall("h")).isEqualTo(Map.of("a", "1", "b", "2"));
        assertThat(connection.sync().ttl("k")).isEqualTo(-1);
      } finally {
        client.shutdown();
      }
    }
  }

  @Test
  void redisCliByItsUri() {
    RedisTool cli = RedisTool.require("redis-cli");
    for (int port : ports()) {
      String uri = "redis://default~@" + revision + ":x@127.0.0.1:" + port;

      assertThat(cli.run("--no-auth-warning", "-u", uri.replace("~@", "~%40"), "GET", "k"))
          .isEqualTo("old\n");
      assertThat(
              cli.run(
                  "-p",
                  port,
                  "--user",
                  "default~-0s",
                  "--pass",
                  "x",
                  "--no-auth-warning",
                  "GET",
                  "k"))
          .isEqualTo("new\n");
      assertThat(cli.run("-p", port, "AT", "@" + revision, "GET", "k")).isEqualTo("old\n");
    }
  }
}
