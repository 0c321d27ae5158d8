package heartwood.server;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.message.NodeId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whom a leader without room asks, and how often. */
class HeirSearchTest {
  private static final NodeId SECOND = new NodeId(2);
  private static final NodeId THIRD = new NodeId(3);

  private final HeirSearch search = new HeirSearch();

  @Test
  void whoHoldsTheMostOfTheLogIsAskedFirst() {
    assertThat(tick()).isEqualTo(THIRD);
    assertThat(askedIn(HeirSearch.NEXT_TICKS + 1)).containsExactly(SECOND);
  }

  @Test
  void whereNobodyHasRoomNobodyIsAskedForALongTime() {
    assertThat(askedIn(3 * HeirSearch.NEXT_TICKS)).containsExactly(THIRD, SECOND);

    assertThat(askedIn(HeirSearch.AGAIN_TICKS - 3 * HeirSearch.NEXT_TICKS)).isEmpty();

    assertThat(askedIn(4 * HeirSearch.NEXT_TICKS)).containsExactly(THIRD, SECOND);
  }

  @Test
  void theNextSearchBeginsAtOnce() {
    askedIn(3 * HeirSearch.NEXT_TICKS);

    search.reset();

    assertThat(tick()).isEqualTo(THIRD);
  }

  private List<NodeId> askedIn(int ticks) {
    List<NodeId> asked = new ArrayList<>();
    for (int i = 0; i < ticks; i++) {
      NodeId next = tick();
      if (next != null) {
        asked.add(next);
      }
    }
    return asked;
  }

  private @Nullable NodeId tick() {
    return search.tick(List.of(SECOND, THIRD), each -> each.equals(SECOND) ? 7 : 9);
  }
}
