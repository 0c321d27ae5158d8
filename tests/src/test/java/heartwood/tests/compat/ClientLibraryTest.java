package heartwood.tests.compat;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.tests.process.ClusterRig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisCluster;
import redis.clients.jedis.JedisPooled;

/**
 * The usual Java clients, as applications use them: reading, writing, and going on when the leader
 * changes. What an application may be told then is the certainty rule's business: {@link
 * ApplicationLoop}.
 */
class ClientLibraryTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private ClusterRig rig;

  @BeforeEach
  void start() {
    rig = ClusterRig.start(3);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  @Test
  void jedisPooledOnAFollowersProxyFollowsALeaderChange() {
    try (JedisPooled jedis =
        new JedisPooled("127.0.0.1", rig.address(rig.follower()).proxyPort())) {
      jedis.set("k", "v");
      assertThat(jedis.get("k")).isEqualTo("v");
      jedis.hset("h", Map.of("a", "1", "b", "2"));
      assertThat(jedis.hgetAll("h")).isEqualTo(Map.of("a", "1", "b", "2"));
      assertThat(jedis.mget("k", "none")).containsExactly("v", null);
      assertThat(jedis.expire("k", 100)).isEqualTo(1);
      assertThat(jedis.ttl("k")).isBetween(95L, 100L);

      changeLeaderUnder(
          new ApplicationLoop("jedis-pooled", () -> jedis.incr("counter")),
          () -> jedis.get("counter"));
    }
  }

  @Test
  void jedisClusterFollowsALeaderChange() {
    Set<HostAndPort> nodes =
        IntStream.rangeClosed(1, 3)
            .mapToObj(node -> new HostAndPort("127.0.0.1", rig.address(node).redirectPort()))
            .collect(Collectors.toSet());
    try (JedisCluster jedis = new JedisCluster(nodes)) {
      for (int i = 0; i < 100; i++) {
        jedis.set("k" + i, "v" + i);
      }
      assertThat(jedis.get("k42")).isEqualTo("v42");
      jedis.hset("h", "f", "1");
      assertThat(jedis.hgetAll("h")).isEqualTo(Map.of("f", "1"));

      changeLeaderUnder(
          new ApplicationLoop("jedis-cluster", () -> jedis.incr("counter")),
          () -> jedis.get("counter"));
    }
  }

  @Test
  void lettuceOnAFollowersProxyFollowsALeaderChange() {
    RedisClient client =
        RedisClient.create(
            RedisURI.builder()
                .withHost("127.0.0.1")
                .withPort(rig.address(rig.follower()).proxyPort())
                .withTimeout(TIMEOUT)
                .build());
    try (var connection = client.connect()) {
      var commands = connection.sync();
      assertThat(commands.set("k", "v")).isEqualTo("OK");
      assertThat(commands.get("k")).isEqualTo("v");
      commands.hset("h", Map.of("a", "1", "b", "2"));
      assertThat(commands.hgetall("h")).isEqualTo(Map.of("a", "1", "b", "2"));

      changeLeaderUnder(
          new ApplicationLoop("lettuce", () -> commands.incr("counter")),
          () -> commands.get("counter"));
    } finally {
      client.shutdown(Duration.ZERO, TIMEOUT);
    }
  }

  @Test
  void lettuceClusterFollowsALeaderChange() {
    List<RedisURI> nodes =
        IntStream.rangeClosed(1, 3)
            .mapToObj(node -> RedisURI.create("127.0.0.1", rig.address(node).redirectPort()))
            .peek(uri -> uri.setTimeout(TIMEOUT))
            .toList();
    RedisClusterClient client = RedisClusterClient.create(nodes);
    client.setOptions(
        ClusterClientOptions.builder()
            .topologyRefreshOptions(
                ClusterTopologyRefreshOptions.builder()
                    .enableAllAdaptiveRefreshTriggers()
                    .enablePeriodicRefresh(Duration.ofSeconds(1))
                    .build())
            .timeoutOptions(TimeoutOptions.enabled(TIMEOUT))
            .build());
    try (var connection = client.connect()) {
      var commands = connection.sync();
      for (int i = 0; i < 100; i++) {
        commands.set("k" + i, "v" + i);
      }
      assertThat(commands.get("k42")).isEqualTo("v42");
      commands.hset("h", "f", "1");
      assertThat(commands.hgetall("h")).isEqualTo(Map.of("f", "1"));

      changeLeaderUnder(
          new ApplicationLoop("lettuce-cluster", () -> commands.incr("counter")),
          () -> commands.get("counter"));
    } finally {
      client.shutdown(Duration.ZERO, TIMEOUT);
    }
  }

  /** Changes the leader twice while an application counts: by farewell, and by death. */
  private void changeLeaderUnder(ApplicationLoop application, Supplier<String> counter) {
    application.start();
    application.awaitSuccesses(50);
    int first = rig.awaitLeader();
    long term = rig.term(first);
    rig.terminate(first);
    rig.awaitLeaderAfter(term);
    rig.restart(first); // It may be the one whose proxy the application uses.
    rig.awaitAllAnswering();
    application.awaitSuccesses(50);
    int second = rig.awaitLeader();
    term = rig.term(second);
    rig.kill(second);
    rig.awaitLeaderAfter(term);
    rig.restart(second);
    rig.awaitAllAnswering();
    application.awaitSuccesses(50);
    application.stop();
    System.out.println(application);
    application.requireOnlyWhatTheCertaintyRuleAllows();
    long value = Long.parseLong(application.untilAnswered(counter));
    application.requireCount(value);
  }
}
