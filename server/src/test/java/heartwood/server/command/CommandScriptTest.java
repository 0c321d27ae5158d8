package heartwood.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Conversations as text files: commands, a line of four dashes, a reply for each command, an empty
 * line. A block that begins with {@code # ours} is not for the real Redis; there {@code ADVANCE ms}
 * moves the clock. With {@code -Dscript.rewrite=true} our replies become the expected ones.
 */
class CommandScriptTest {
  private static final Path SCRIPTS = Path.of("src/test/resources/heartwood/server/command");
  private static final String OURS = "# ours";

  static Stream<Path> scripts() throws IOException {
    try (Stream<Path> files = Files.list(SCRIPTS)) {
      return files.filter(file -> file.toString().endsWith(".script")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void everyCommandRepliesAsTheScriptSays(Path script) throws IOException {
    String expected = Files.readString(script);

    String actual;
    try (DataServer server = new DataServer()) {
      actual = run(expected, server, true);
      assertThat(server.executor.internalErrors()).isZero();
    }

    if (Boolean.getBoolean("script.rewrite")) {
      Files.writeString(script, actual);
    } else {
      assertThat(actual).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void aRealRedisRepliesTheSame(Path script) throws IOException {
    String expected = Files.readString(script);

    String actual;
    try (RealRedis server = RealRedis.start()) {
      actual = run(expected, server, false);
    }

    assertThat(actual).isEqualTo(expected);
  }

  private static String run(String script, Server server, boolean isOurs) {
    List<String> blocks = new ArrayList<>();
    for (String block : script.strip().split("\n\n+", -1)) {
      boolean isComment = block.lines().allMatch(line -> line.startsWith("#"));
      boolean isSkipped = !isOurs && block.startsWith(OURS);
      blocks.add(isComment || isSkipped ? block : runBlock(block, server));
    }
    return String.join("\n\n", blocks) + "\n";
  }

  private static String runBlock(String block, Server server) {
    StringBuilder commands = new StringBuilder();
    StringBuilder replies = new StringBuilder("----");
    for (String line : block.split("\n----", -1)[0].split("\n", -1)) {
      commands.append(line).append('\n');
      if (!line.startsWith("#")) {
        byte[][] command = CommandLine.parse(line);
        replies.append('\n').append(Replies.normalized(command, call(server, line, command)));
      }
    }
    return commands.append(replies).toString();
  }

  private static Object call(Server server, String line, byte[][] command) {
    if (line.startsWith("ADVANCE ") && server instanceof DataServer ours) {
      ours.stampMillis += Long.parseLong(line.substring(8));
      return "OK";
    }
    return server.call(command);
  }
}
