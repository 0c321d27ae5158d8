package heartwood.tests.simulation;

import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * What will happen, ordered by virtual time and then by when it was scheduled. Confined to the
 * simulation.
 */
final class EventQueue {
  private record Event(long atMicros, long sequence, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(atMicros, other.atMicros);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }
  }

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private long nowMicros;
  private long nextSequence;

  long nowMicros() {
    return nowMicros;
  }

  void schedule(long delayMicros, Runnable action) {
    events.add(new Event(nowMicros + Math.max(0, delayMicros), nextSequence++, action));
  }

  /** Takes the next event and moves the time to it; null when nothing will ever happen again. */
  @Nullable Runnable next() {
    Event event = events.poll();
    if (event == null) {
      return null;
    }
    nowMicros = event.atMicros;
    return event.action;
  }
}
