package heartwood.tests.chaos;

import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * How bytes of one node reach another, one way. Immutable.
 *
 * @param state what becomes of them
 * @param minMillis how long they are under way, at least
 * @param maxMillis and at most
 */
record Link(State state, int minMillis, int maxMillis) {
  enum State {
    /** They arrive, after the delay. */
    OPEN,
    /** They wait, and connections stay as they are: packets that are lost, sent again, lost … */
    CLOGGED,
    /** The sender's connections are broken, new ones are refused; answers on others wait. */
    CUT
  }

  static final Link FREE = new Link(State.OPEN, 0, 0);
  static final Link CLOGGED = new Link(State.CLOGGED, 0, 0);
  static final Link CUT = new Link(State.CUT, 0, 0);

  static Link slow(int minMillis, int maxMillis) {
    return new Link(State.OPEN, minMillis, maxMillis);
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  boolean isCut() {
    return state == State.CUT;
  }

  /** How long the next bytes are under way. */
  long drawDelayNanos(Random random) {
    return TimeUnit.MILLISECONDS.toNanos(minMillis + random.nextInt(maxMillis - minMillis + 1));
  }
}
