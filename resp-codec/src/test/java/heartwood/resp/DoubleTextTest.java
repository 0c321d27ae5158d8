package heartwood.resp;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DoubleTextTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0.0, -0",
    "1, 1",
    "-17, -17",
    "0.1, 0.1",
    "3.14, 3.14",
    "-2.5, -2.5",
    "1e15, 1000000000000000",
    "9007199254740992, 9007199254740992",
    "1e17, 1e+17",
    "1e21, 1e+21",
    "1.5e300, 1.5e+300",
    "12345678901234567000, 12345678901234567000",
    "0.000001, 0.000001",
    "0.0000001, 1e-7",
    "0.0012345, 0.0012345",
    "0.00012345, 1.2345e-4",
    "1.2345e-10, 1.2345e-10",
    "-1.5e-300, -1.5e-300",
    "0.3333333333333333, 0.3333333333333333",
    "1.7976931348623157e308, 1.7976931348623157e+308",
    "4.9e-324, 5e-324",
    "2.2250738585072014e-308, 2.2250738585072014e-308",
    "Infinity, inf",
    "-Infinity, -inf",
    "NaN, nan"
  })
  void writesDoublesAsRedisDoes(double value, String text) {
    assertThat(DoubleText.of(value)).isEqualTo(text);
  }

  @Test
  void everyTextReadsBackAsTheSameDouble() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 5_000; i++) {
      double value = randomDouble(random);

      assertThat(Double.parseDouble(DoubleText.of(value))).isEqualTo(value);
    }
  }

  @Test
  void noShorterTextReadsBackAsTheSameDouble() {
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 5_000; i++) {
      double value = randomDouble(random);
      BigDecimal written = new BigDecimal(DoubleText.of(value)).stripTrailingZeros();
      if (written.precision() > 1) {
        BigDecimal step = written.ulp().movePointRight(1);
        BigDecimal below = written.subtract(written.remainder(step));

        assertThat(below.doubleValue()).isNotEqualTo(value);
        assertThat(below.add(step).doubleValue()).isNotEqualTo(value);
      }
    }
  }

  /** Some with few decimals, as scores have, and some of any bits. */
  private static double randomDouble(SplittableRandom random) {
    if (random.nextBoolean()) {
      return random.nextLong(1_000_000) / Math.pow(10, random.nextInt(9));
    }
    double value = Double.longBitsToDouble(random.nextLong());
    return Double.isFinite(value) ? Math.abs(value) : 0.5;
  }
}
