package heartwood.tools.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class CommandWordsTest {
  @Test
  void blanksSeparateAndQuotesHold() {
    assertThat(split("  set  key \"a b\\n\\x41\" 'c d' "))
        .containsExactly("set", "key", "a b\nA", "c d");
  }

  @Test
  void anEmptyLineHasNoWords() {
    assertThat(split("")).isEmpty();
    assertThat(split("   ")).isEmpty();
  }

  @Test
  void anOpenQuoteIsNoCommand() {
    assertThat(CommandWords.split("get \"a")).isNull();
    assertThat(CommandWords.split("get \"a\"b")).isNull();
  }

  @Test
  void aLineThatLooksLikeTheProtocolIsStillWords() {
    assertThat(split("*1")).containsExactly("*1");
    assertThat(split("größe")).containsExactly("größe");
  }

  private static List<String> split(String line) {
    return Objects.requireNonNull(CommandWords.split(line)).stream()
        .map(word -> new String(word, UTF_8))
        .toList();
  }
}
