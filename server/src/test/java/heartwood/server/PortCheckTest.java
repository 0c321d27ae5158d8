package heartwood.server;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import heartwood.server.config.ConfigReader;
import heartwood.server.config.ServerConfig;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PortCheckTest {
  @ParameterizedTest
  @ValueSource(strings = {"port", "proxy-port", "cluster-port"})
  void aNodeDoesNotStartWhereAPortIsTaken(String directive) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      ServerConfig config =
          ConfigReader.read(
              List.of(
                  "--cluster-members",
                  "1@127.0.0.1:0:0:0:0",
                  "--port",
                  "0",
                  "--" + directive,
                  port));

      assertThatThrownBy(() -> PortCheck.requireFree(config))
          .isInstanceOf(StartException.class)
          .hasMessageContaining(directive + " " + port + " on 127.0.0.1 cannot be bound");
    }
  }
}
