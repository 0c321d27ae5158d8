package heartwood.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LongDoubleTest {
  @ParameterizedTest
  @CsvSource({ // the sums are those of redis-server 7.0.15 on x86-64
    "10.5, 0.1, 10.6",
    "3, 1e-18, 3",
    "1000, 0.1, 1000.09999999999999998",
    "0.1, 0.2, 0.3",
    "0.1, -0.1, 0",
    "-1e-20, 0, 0",
    "1e20, 0.5, 100000000000000000000",
    "18446744073709551615, 1, 18446744073709551616",
    "18446744073709551616, 1, 18446744073709551616",
    "18446744073709551617, 2, 18446744073709551618",
    "123456789.123456789, 0, 123456789.12345678899873747",
    "5.0e3, 2.0e2, 5200",
  })
  void aSumHasTheDigitsOfRedis(String a, String b, String sum) {
    assertThat(text(parse(a).plus(parse(b)))).isEqualTo(sum);
  }

  @Test
  void tiesGoToTheEvenMantissa() {
    assertThat(text(parse("36893488147419103233"))).isEqualTo("36893488147419103232");
    assertThat(text(parse("36893488147419103235"))).isEqualTo("36893488147419103236");
  }

  @Test
  void numbersThatNoLongDoubleHoldsAreRefused() {
    for (String text :
        new String[] {
          "", " 1", "1 ", "abc", "nan", "1e5000", "1e-5000", "0x", "1e", "--1", "1e999999999999"
        }) {
      assertThatThrownBy(() -> parse(text))
          .as(text)
          .isInstanceOf(CommandException.class)
          .hasMessage(Errors.NOT_A_FLOAT);
    }
  }

  @Test
  void theSmallestAndTheGreatestNumbersAreRead() {
    assertThat(parse("1.18973149535723176502e4932").isFinite()).isTrue();
    assertThat(parse("3.6451995318824746025e-4951").isFinite()).isTrue();
    assertThatThrownBy(() -> parse("1.18973149535723176e4932").plus(parse("1e4932")))
        .hasMessage(Errors.WOULD_BE_NAN_OR_INFINITY);
  }

  @Test
  void infinityIsReadButNotAdded() {
    assertThat(parse("-inf").isFinite()).isFalse();
    assertThatThrownBy(() -> parse("1").plus(parse("Infinity")))
        .hasMessage(Errors.WOULD_BE_NAN_OR_INFINITY);
  }

  private static LongDouble parse(String text) {
    return LongDouble.parse(text.getBytes(StandardCharsets.UTF_8), Errors.NOT_A_FLOAT);
  }

  private static String text(LongDouble number) {
    return new String(number.digits(), StandardCharsets.UTF_8);
  }
}
