package heartwood.resp.netty;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

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
  void damagedStreamsDoNoHarmForAsLongAsAsked() {
    long seconds = Long.getLong("fuzz.seconds", 0);

    long cases = RespFuzzer.runFor(seconds, System.nanoTime());

    assertThat(cases > 0).isEqualTo(seconds > 0);
  }
}
