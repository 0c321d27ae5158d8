package heartwood.tools.node;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.resp.Reply;
import heartwood.server.ServerNode;
import heartwood.server.config.ConfigReader;
import heartwood.tools.client.RespConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class ServerCommandTest {
  private static final Duration BOUND = Duration.ofSeconds(10);
  private static final Logger ofTheServer = LoggerFactory.getLogger(ServerNode.class);

  @Test
  void configSetChangesWhatIsLoggedWhileTheNodeRuns(@TempDir Path directory) throws Exception {
    List<String> flags =
        List.of("--port", "0", "--loglevel", "warning", "--dir", directory.toString());
    try (ServerNode node = ServerCommand.start(ConfigReader.read(flags), null);
        RespConnection client = RespConnection.open("127.0.0.1", node.port(), BOUND, BOUND)) {
      assertThat(ofTheServer.isInfoEnabled()).isFalse();

      assertThat(call(client, "CONFIG", "SET", "loglevel", "debug"))
          .isEqualTo(new Reply.SimpleString("OK"));

      assertThat(ofTheServer.isDebugEnabled()).isTrue();
      assertThat(call(client, "CONFIG", "GET", "loglevel").toString()).contains("debug");

      call(client, "CONFIG", "SET", "loglevel", "warning");
      assertThat(ofTheServer.isInfoEnabled()).isFalse();
    }
  }

  private static Reply call(RespConnection client, String... words) throws Exception {
    List<byte[]> request = new ArrayList<>();
    for (String word : words) {
      request.add(word.getBytes(StandardCharsets.UTF_8));
    }
    client.send(request);
    return client.read();
  }
}
