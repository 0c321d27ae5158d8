package heartwood.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetworkRulesTest {

  @Test
  void protectedModeKeepsOthersOutUntilThereIsAPassword() throws Exception {
    assertThat(accepts("127.0.0.1")).isTrue();
    assertThat(accepts("::1")).isTrue();
    assertThat(accepts("10.0.0.7")).isFalse();
    assertThat(accepts("10.0.0.7", "--requirepass", "x")).isTrue();
    assertThat(accepts("10.0.0.7", "--protected-mode", "no")).isTrue();
  }

  @Test
  void peersBeyondLoopbackMustBeCalledInsecure() throws Exception {
    String members = "1@127.0.0.1:1:2:3:4";
    String far = "2@10.0.0.2:1:2:3:4";

    assertThat(reasons("--cluster-members", members)).isEmpty();
    assertThat(reasons("--cluster-members", members, far))
        .singleElement()
        .asString()
        .contains("peer 2 at 10.0.0.2")
        .contains("peer-insecure yes");
    assertThat(reasons("--cluster-members", members, far, "--peer-insecure", "yes")).isEmpty();
    assertThat(reasons("--cluster-members", members, "2@127.evil.org:1:2:3:4")).hasSize(1);
    assertThat(reasons("--cluster-members", members, "2@localhost:1:2:3:4", "3@[::1]:1:2:3:4"))
        .isEmpty();
  }

  @Test
  void aClusterOfSeveralHasAName() throws Exception {
    ServerConfig nameless = ConfigReader.read(List.of("--cluster-members", "1@127.0.0.1:1:2:3:4"));

    assertThat(NetworkRules.reasonsNotToStart(nameless))
        .singleElement()
        .asString()
        .startsWith("cluster-id: must be given with cluster-members");
  }

  @Test
  void membersAndTimesMustFitTogether() throws Exception {
    String members = "1@127.0.0.1:1:2:3:4";

    assertThat(reasons("--cluster-members", members, members))
        .singleElement()
        .asString()
        .contains("same id");
    assertThat(reasons("--cluster-members", members, "--node-id", "4"))
        .singleElement()
        .asString()
        .contains("node-id: 4");
    assertThat(reasons("--heartbeat-ms", "600"))
        .singleElement()
        .asString()
        .contains("twice heartbeat-ms");
  }

  private static boolean accepts(String client, String... flags)
      throws ConfigException, UnknownHostException {
    return NetworkRules.acceptsClient(
        ConfigReader.read(List.of(flags)), InetAddress.getByName(client));
  }

  private static List<String> reasons(String... flags) throws ConfigException {
    List<String> named = new ArrayList<>(List.of("--cluster-id", "test"));
    named.addAll(List.of(flags));
    return NetworkRules.reasonsNotToStart(ConfigReader.read(named));
  }
}
