package heartwood.server.keyspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobPatternTest {
  @ParameterizedTest
  @CsvSource({
    "h?llo, hello, true",
    "h?llo, hllo, false",
    "h*llo, heeeello, true",
    "h[ae]llo, hallo, true",
    "h[ae]llo, hillo, false",
    "h[^e]llo, hallo, true",
    "h[^e]llo, hello, false",
    "h[a-b]llo, hbllo, true",
    "h[b-a]llo, hbllo, true",
    "h[a-b]llo, hcllo, false",
    "a\\*b, a*b, true",
    "a\\*b, axb, false",
    "a\\, a\\, true",
    "[\\]], ], true",
    "[abc, b, true",
    "[abc, d, false",
    "[a-, -, true",
    "*, anything, true",
    "**, anything, true",
    "a*, b, false",
    "*a*b*c, xaxbxc, true",
    "*a*b*c, xaxbx, false",
    "abc, abcd, false",
    "abcd, abc, false",
    "abc*, abc, true",
    "[^], x, true",
  })
  void aPatternMatchesAsInRedis(String pattern, String text, boolean matches) {
    assertThat(matches(pattern, text)).isEqualTo(matches);
  }

  @Test
  void manyStarsDoNotTakeForEver() {
    assertThat(matches("*a".repeat(50) + "b", "a".repeat(10_000))).isFalse();
  }

  private static boolean matches(String pattern, String text) {
    return new GlobPattern(pattern.getBytes(StandardCharsets.UTF_8))
        .matches(text.getBytes(StandardCharsets.UTF_8));
  }
}
