package heartwood.server.keyspace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExclusionTest {
  private final Exclusion active = new Exclusion("tmp:*".getBytes(UTF_8), 10, Exclusion.ACTIVE, 1);

  /** What was born in the revision that set the pattern may have died since. */
  @Test
  void momentsFromThePatternsRevisionToTheLastButOneAreHidden() {
    assertThat(active.hides(9, 15)).isFalse();
    assertThat(active.hides(10, 15)).isTrue();
    assertThat(active.hides(14, 15)).isTrue();
    assertThat(active.hides(15, 15)).as("the present").isFalse();
  }

  @Test
  void fromWhereItEndsOnNothingIsHidden() {
    Exclusion ended = active.endedIn(20);

    assertThat(ended.hides(19, 30)).isTrue();
    assertThat(ended.hides(20, 30)).isFalse();
    assertThat(ended.isActive()).isFalse();
  }
}
