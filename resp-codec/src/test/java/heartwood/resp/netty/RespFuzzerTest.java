package heartwood.resp.netty;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** For longer: {@code mvn -q -pl resp-codec test -Dtest=RespFuzzerTest -Dfuzz.seconds=300}. */
class RespFuzzerTest {
  private static final int FIXED_CASES = 5_000;

  @Test
  void damagedStreamsDoNoHarm() {
    for (long seed = 0; seed < FIXED_CASES; seed++) {
      RespFuzzer.run(seed);
    }
  }

  /** Each run sees other seeds; what fails prints its own. */
  @Test
  @EnabledIfSystemProperty(named = "fuzz.seconds", matches = "[0-9]+")
  void damagedStreamsDoNoHarmForAsLongAsAsked() {
    long cases = RespFuzzer.runFor(Long.getLong("fuzz.seconds", 1), System.nanoTime());

    assertThat(cases).isPositive();
  }
}
