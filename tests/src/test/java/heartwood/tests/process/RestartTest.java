package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import org.junit.jupiter.api.Test;

/**
 * Nodes that stop and start again within one JVM, as in the demo and where Heartwood is embedded.
 */
class RestartTest {
  private static final int NODES = 3;

  @Test
  void aNodeThatStopsLeavesNoConnectionBehindThatItsPeersWouldTrust() {
    try (LocalCluster cluster = LocalCluster.of(NODES)) {
      cluster.call(1, "SET", "key", "value");

      for (int node = 1; node <= NODES; node++) {
        cluster.stop(node);
        cluster.start(node);

        assertThat(cluster.call(node, "GET", "key")).isEqualTo(Reply.BulkString.utf8("value"));
      }
    }
  }
}
