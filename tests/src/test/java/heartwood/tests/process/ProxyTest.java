package heartwood.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a client of a follower's proxy notices of elections. */
class ProxyTest {
  private static final int COMMANDS_AFTER_DEATH = 200;

  @RegisterExtension final RunningCluster cluster = new RunningCluster(3);

  @Test
  void aProxyHoldsRequestsUntilANewLeaderServes() throws IOException {
    ClusterRig rig = cluster.rig();
    int leader = rig.awaitLeader();
    List<String> errors = new ArrayList<>();
    try (RawConnection connection = rig.connectProxy(rig.follower())) {
      connection.call("SET", "key", "value");

      rig.kill(leader); // Nothing is under way: nothing can be uncertain.
      for (int i = 0; i < COMMANDS_AFTER_DEATH; i++) {
        String error = RawConnection.errorOf(connection.call("GET", "key"));
        if (error != null) {
          errors.add(error);
        }
      }
    }

    assertThat(errors).isEmpty();
  }
}
