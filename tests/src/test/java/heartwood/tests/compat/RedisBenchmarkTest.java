package heartwood.tests.compat;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.tests.process.ClusterRig;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** redis-benchmark, which ends at the first error that it hears. */
class RedisBenchmarkTest {
  private static final String TESTS = "ping_inline,ping_mbulk,set,get,incr,hset,mset";
  private static final String[] NAMES = {
    "PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "HSET", "MSET (10 keys)"
  };

  /** Without MSET, whose keys lie in several slots. */
  private static final String ONE_KEY_TESTS = "ping_inline,ping_mbulk,set,get,incr,hset";

  private static final String[] ONE_KEY_NAMES = {
    "PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "HSET"
  };

  private static ClusterRig rig;
  private RedisTool benchmark;

  @BeforeAll
  static void start() {
    RedisTool.require("redis-benchmark");
    rig = ClusterRig.start(3);
  }

  @AfterAll
  static void stop() {
    if (rig != null) {
      rig.close();
    }
  }

  @BeforeEach
  void find() {
    benchmark = RedisTool.require("redis-benchmark");
  }

  @Test
  void runsAgainstTheLeader() {
    requireAllRun(
        benchmark.run(
            "-p",
            rig.address(rig.awaitLeader()).redirectPort(),
            "-q",
            "-n",
            2000,
            "-t",
            ONE_KEY_TESTS),
        ONE_KEY_NAMES);
  }

  @Test
  void runsAgainstAFollowersProxy() {
    requireAllRun(
        benchmark.run("-p", rig.address(rig.follower()).proxyPort(), "-q", "-n", 2000, "-t", TESTS),
        NAMES);
  }

  @Test
  void runsAgainstTheLeadersProxyInTheThirdProtocol() {
    requireAllRun(
        benchmark.run(
            "-3", "-p", rig.address(rig.awaitLeader()).proxyPort(), "-q", "-n", 2000, "-t", TESTS),
        NAMES);
  }

  /** It wants two primaries or more, whoever the server is; ours are one group, hence one. */
  @Test
  void findsTheClusterThoughOneShardIsTooFewForIt() {
    String output =
        benchmark.runFor(
            30_000,
            "--cluster",
            "-p",
            rig.address(rig.follower()).redirectPort(),
            "-q",
            "-n",
            2000,
            "-t",
            TESTS);

    assertThat(output).isEqualTo("Invalid cluster: 1 node(s).\n");
  }

  @Test
  void runsWithPipelines() {
    for (int node = 1; node <= 3; node++) {
      requireAllRun(
          benchmark.run(
              "-p", rig.address(node).proxyPort(), "-q", "-n", 2000, "-P", 16, "-t", TESTS),
          NAMES);
    }
  }

  @Test
  void runsWithLargeValues() {
    requireAllRun(
        benchmark.run(
            "-p",
            rig.address(rig.follower()).proxyPort(),
            "-q",
            "-n",
            200,
            "-d",
            100_000,
            "-t",
            "set,get"),
        "SET",
        "GET");
  }

  private static void requireAllRun(String output, String... names) {
    for (String name : names) {
      assertThat(output)
          .containsPattern(Pattern.quote(name + ": ") + "[0-9.]+ requests per second");
    }
    assertThat(output).doesNotContainIgnoringCase("error");
  }
}
