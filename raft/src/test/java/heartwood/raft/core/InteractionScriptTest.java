package heartwood.raft.core;

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
 * Whole conversations as text: a command, {@code ----}, and everything that happened. With {@code
 * -Dscript.rewrite=true} the files are written anew; read the diff before you commit it.
 */
class InteractionScriptTest {
  private static final Path SCRIPTS = Path.of("src/test/resources/heartwood/raft/core");

  static List<Path> scripts() throws IOException {
    try (Stream<Path> files = Files.list(SCRIPTS)) {
      return files.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void theConversationIsAsWritten(Path script) throws IOException {
    String written = Files.readString(script);

    String happened = replay(written);

    if (Boolean.getBoolean("script.rewrite")) {
      Files.writeString(script, happened);
    } else {
      assertThat(happened).isEqualTo(written);
    }
  }

  /** Comments and empty lines stay; what stands behind {@code ----} up to an empty line goes. */
  private static String replay(String script) {
    ScriptCluster cluster = new ScriptCluster();
    List<String> lines = new ArrayList<>();
    boolean isOutput = false;
    for (String line : script.lines().toList()) {
      isOutput = !line.isEmpty() && (isOutput || line.equals("----"));
      if (isOutput) {
        continue;
      }
      lines.add(line);
      if (!line.isEmpty() && !line.startsWith("#")) {
        lines.add("----");
        lines.add(cluster.run(line).stripTrailing());
      }
    }
    return String.join("\n", lines) + "\n";
  }
}
