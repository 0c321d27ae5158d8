package heartwood.tests.simulation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What will happen, ordered by virtual time and then by when it was scheduled. Confined to the
 * simulation.
 *
 * <p>A heap of four children a node over arrays of numbers: there are thousands of events at a time
 * (clients that will lose patience), and each step takes one and adds a few.
 */
final class EventQueue {
  private static final int CHILDREN = 4;

  /** Invariant: of no event a child comes before it. */
  private long[] atMicros = new long[256];

  private long[] sequences = new long[256];
  private @Nullable Runnable[] actions = new Runnable[256];
  private int count;
  private long nowMicros;
  private long nextSequence;

  long nowMicros() {
    return nowMicros;
  }

  void schedule(long delayMicros, Runnable action) {
    if (count == atMicros.length) {
      atMicros = Arrays.copyOf(atMicros, count * 2);
      sequences = Arrays.copyOf(sequences, count * 2);
      actions = Arrays.copyOf(actions, count * 2);
    }
    long at = nowMicros + Math.max(0, delayMicros);
    int place = count++;
    while (place > 0) {
      int parent = (place - 1) / CHILDREN;
      if (atMicros[parent] <= at) {
        break; // Of two at one time the one that is there was scheduled before.
      }
      move(parent, place);
      place = parent;
    }
    put(place, at, nextSequence++, action);
  }

  /** Takes the next event and moves the time to it; null when nothing will ever happen again. */
  @Nullable Runnable next() {
    if (count == 0) {
      return null;
    }
    Runnable action = actions[0];
    nowMicros = atMicros[0];
    count--;
    if (count > 0) {
      sink(atMicros[count], sequences[count], actions[count]);
    }
    actions[count] = null;
    return action;
  }

  /** An event of the end takes the place of the first, or one below. */
  private void sink(long at, long sequence, @Nullable Runnable action) {
    int place = 0;
    int child = firstOf(1);
    while (child < count && isBefore(child, at, sequence)) {
      move(child, place);
      place = child;
      child = firstOf(place * CHILDREN + 1);
    }
    put(place, at, sequence, action);
  }

  /** Which of the children, of which this one is the leftmost, comes first. */
  private int firstOf(int leftmost) {
    int first = leftmost;
    int end = Math.min(leftmost + CHILDREN, count);
    for (int child = leftmost + 1; child < end; child++) {
      if (isBefore(child, atMicros[first], sequences[first])) {
        first = child;
      }
    }
    return first;
  }

  private boolean isBefore(int place, long at, long sequence) {
    return atMicros[place] < at || (atMicros[place] == at && sequences[place] < sequence);
  }

  private void move(int from, int to) {
    put(to, atMicros[from], sequences[from], actions[from]);
  }

  private void put(int place, long at, long sequence, @Nullable Runnable action) {
    atMicros[place] = at;
    sequences[place] = sequence;
    actions[place] = action;
  }
}
