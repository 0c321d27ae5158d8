package heartwood.tests.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import heartwood.raft.core.SplitMix64;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventQueueTest {
  private record Expected(long atMicros, int number) {}

  private final EventQueue events = new EventQueue();

  @Test
  void eventsComeByTimeAndThenInTheOrderInWhichTheyWereScheduled() {
    SplitMix64 random = new SplitMix64(1);
    List<Expected> expected = new ArrayList<>();
    List<Expected> met = new ArrayList<>();
    for (int number = 0; number < 5_000; number++) {
      long delay = random.nextInt(100);
      Expected event = new Expected(events.nowMicros() + delay, number);
      expected.add(event);
      events.schedule(delay, () -> met.add(event));
      if (random.nextInt(3) == 0) {
        take();
      }
    }
    while (take()) {
      assertThat(met.get(met.size() - 1).atMicros()).isEqualTo(events.nowMicros());
    }

    expected.sort(Comparator.comparingLong(Expected::atMicros).thenComparing(Expected::number));
    assertThat(met).isEqualTo(expected);
  }

  @Test
  void whatIsLateHappensNow() {
    events.schedule(10, () -> {});
    take();

    events.schedule(-5, () -> {});

    assertThat(take()).isTrue();
    assertThat(events.nowMicros()).isEqualTo(10);
    assertThat(take()).isFalse();
  }

  private boolean take() {
    Runnable next = events.next();
    if (next == null) {
      return false;
    }
    next.run();
    return true;
  }
}
