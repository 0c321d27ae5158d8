package heartwood.tests.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class AvailabilityTest {
  private static final long[] WRITE_ENDS = {1, 2, 3, 20, 21, 40};

  @Test
  void theLongestGapIsLookedForFromTheFaultOn() {
    assertThat(Availability.longestGapNanos(WRITE_ENDS, 5, 30)).isEqualTo(15);
    assertThat(Availability.longestGapNanos(WRITE_ENDS, 20, 50)).isEqualTo(19);
    assertThat(Availability.longestGapNanos(WRITE_ENDS, 0, 3)).isEqualTo(1);
  }

  @Test
  void percentilesOfFewValues() {
    assertThat(Availability.percentile(LongStream.of(), 50)).isEmpty();
    assertThat(Availability.percentile(LongStream.of(7), 50)).isEqualTo("7");
    assertThat(Availability.percentile(LongStream.of(9, 1, 5), 50)).isEqualTo("5");
    assertThat(Availability.percentile(LongStream.of(9, 1, 5), 100)).isEqualTo("9");
  }
}
