package heartwood.tests.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Looks for an order of one object's operations that explains what clients were told. Confined.
 *
 * <p>The search of Wing and Gong [1] with Lowe's memory and laziness [2]: time is walked event by
 * event, and an operation takes its place in the order only when an end cannot be passed otherwise,
 * either its own or that of one that must come behind it. A configuration is the event, which of
 * the pending operations have a place, how many of each class of unknown ones do, and the state. So
 * it is small however long the history is, and where nothing is pending only states are left: the
 * windows need not be cut. The first try is always the operation whose end is due: in a history
 * without faults the search hardly turns back at all.
 *
 * <p>What is not tried, because it cannot help: (1) to let a pending operation wait that fits now
 * and could change nothing later: whatever follows, follows as well with it placed. (2) A
 * configuration that was met before with no more unknown operations spent. (3) To hide a value
 * behind one that nobody read: all that fits the unread one fits the other. (4) To go on where a
 * pending operation cannot be placed any more, because what it told only grows.
 *
 * <p>Operations that overlap and were sent over one connection keep their order.
 *
 * <p>Cost: an event's configurations are bounded by 2^pending times the states; in all they are
 * bounded by a number that is given. What is not decided by then is said to be undecided.
 *
 * <p>[1] Wing and Gong, "Testing and Verifying Concurrent Objects", 1993. [2] Lowe, "Testing for
 * Linearizability", 2016.
 */
final class Search {
  private record Configuration(int event, long placed, long used, String state) {
    Configuration unspent() {
      return new Configuration(event, placed, 0, state);
    }

    /**
     * A record's own hash is a sum of small numbers: most of the memory would lie in few places.
     */
    @Override
    public int hashCode() {
      long hash = ((event * SPREAD) ^ placed) * SPREAD;
      hash = ((hash ^ (hash >>> 32)) + used) * SPREAD + state.hashCode();
      return (int) ((hash * SPREAD) >>> 32);
    }
  }

  private static final long SPREAD = 0x9E3779B97F4A7C15L;
  private static final long[] NONE = {};
  private static final long CLASS_MASK = (1L << KeyHistory.CLASS_BITS) - 1;

  private final KeyHistory history;
  private final long maxConfigurations;

  /** By configurations that spent nothing: what those that were met have spent. */
  private final Map<Configuration, long[]> met = new HashMap<>();

  private final ArrayDeque<Configuration> open = new ArrayDeque<>();
  private long configurations;
  private int furthest;

  Search(KeyHistory history, long maxConfigurations) {
    this.history = history;
    this.maxConfigurations = maxConfigurations;
  }

  Verdict run() {
    String obstacle = history.obstacle();
    if (!obstacle.isEmpty()) {
      return new Verdict.Undecided(obstacle);
    }
    open.push(new Configuration(0, 0, 0, Model.ABSENT));
    while (!open.isEmpty()) {
      Configuration reached = walk(open.pop());
      if (reached.event == history.eventCount()) {
        return new Verdict.Linearizable(configurations);
      }
      furthest = Math.max(furthest, reached.event);
      if (isNew(reached)) {
        branch(reached);
      }
      if (configurations > maxConfigurations) {
        return new Verdict.Undecided("more than " + maxConfigurations + " configurations");
      }
    }
    return violation();
  }

  /**
   * Passes all events up to the end of an operation that cannot be given a place without changing
   * the state.
   */
  private Configuration walk(Configuration from) {
    int event = from.event;
    long placed = from.placed;
    for (; event < history.eventCount(); event++) {
      int ending = history.endingAt(event);
      if (ending >= 0) {
        long bit = history.bit(ending);
        if ((placed & bit) == 0) {
          placed = placeIdle(event, placed, from.state);
        }
        if ((placed & bit) == 0) {
          break;
        }
        placed &= ~bit;
      }
    }
    return new Configuration(event, placed, from.used, from.state);
  }

  /**
   * Gives a place to all that fits and changes nothing; one may have waited for another. Not to a
   * SET, which stands for any unread value and would change something further on.
   */
  private long placeIdle(int event, long placedBefore, String state) {
    long placed = placedBefore;
    boolean isDone = false;
    while (!isDone) {
      isDone = true;
      for (int operation : history.pendingAt(event)) {
        if (history.definite(operation).kind() != Kind.SET
            && mayBePlaced(event, placed, operation)
            && state.equals(history.model().next(state, history.definite(operation)))) {
          placed |= history.bit(operation);
          isDone = false;
        }
      }
    }
    return placed;
  }

  private boolean mayBePlaced(int event, long placed, int operation) {
    if ((placed & history.bit(operation)) != 0) {
      return false;
    }
    int predecessor = history.predecessor(operation);
    return predecessor < 0
        || (placed & history.bit(predecessor)) != 0
        || !isPending(event, predecessor);
  }

  private boolean isPending(int event, int operation) {
    for (int pending : history.pendingAt(event)) {
      if (pending == operation) {
        return true;
      }
    }
    return false;
  }

  /** Whether none was met that had spent at most as much. */
  private boolean isNew(Configuration reached) {
    long[] spent = met.getOrDefault(reached.unspent(), NONE);
    for (long each : spent) {
      if (isAtMost(each, reached.used)) {
        return false;
      }
    }
    long[] more = Arrays.copyOf(spent, spent.length + 1);
    more[spent.length] = reached.used;
    met.put(reached.unspent(), more);
    configurations++;
    return true;
  }

  private static boolean isAtMost(long spent, long other) {
    for (int shift = 0; shift < Long.SIZE; shift += KeyHistory.CLASS_BITS) {
      if (((spent >> shift) & CLASS_MASK) > ((other >> shift) & CLASS_MASK)) {
        return false;
      }
    }
    return true;
  }

  /** What may take its place next; the one whose end is due is tried first, so pushed last. */
  private void branch(Configuration at) {
    long available = history.availableAt(at.event);
    for (int place = 0; place < history.classes().size(); place++) {
      int shift = place * KeyHistory.CLASS_BITS;
      if (((at.used >> shift) & CLASS_MASK) < ((available >> shift) & CLASS_MASK)) {
        Operation optional = history.classes().get(place);
        String state = history.model().next(at.state, optional);
        boolean onlyHides =
            optional.kind() == Kind.SET && KeyHistory.isUnread(optional) && isThere(at.state);
        if (state != null && !state.equals(at.state) && !onlyHides) {
          push(new Configuration(at.event, at.placed, at.used + (1L << shift), state));
        }
      }
    }
    int due = history.endingAt(at.event);
    int[] pending = history.pendingAt(at.event);
    for (int i = pending.length - 1; i >= 0; i--) {
      if (pending[i] != due) {
        place(at, pending[i]);
      }
    }
    place(at, due);
  }

  private static boolean isThere(String state) {
    return !state.equals(Model.ABSENT);
  }

  private void place(Configuration at, int operation) {
    if (mayBePlaced(at.event, at.placed, operation)) {
      String state = history.model().next(at.state, history.definite(operation));
      if (state != null) {
        long placed = at.placed | history.bit(operation);
        push(new Configuration(at.event, placed, at.used, state));
      }
    }
  }

  private void push(Configuration next) {
    for (int operation : history.pendingAt(next.event)) {
      boolean isPlaced = (next.placed & history.bit(operation)) != 0;
      if (!isPlaced && history.model().isTooLate(next.state, history.definite(operation))) {
        return;
      }
    }
    open.push(next);
  }

  private Verdict violation() {
    int quiet = history.quietBefore(furthest);
    int firstEnd = quiet;
    while (history.endingAt(firstEnd) < 0) {
      firstEnd++;
    }
    Set<String> before = new TreeSet<>();
    for (Configuration configuration : met.keySet()) {
      if (configuration.event == firstEnd && configuration.placed == 0) {
        before.add(configuration.state);
      }
    }
    Operation stuck = history.definite(history.endingAt(furthest));
    long fromNanos = history.nanosAt(quiet);
    long toNanos = history.nanosAt(furthest);
    List<Operation> window = new ArrayList<>();
    for (Operation operation : history.all()) {
      boolean isOpenEnded = operation.outcome() == Outcome.UNKNOWN && !operation.kind().isRead();
      boolean isWithin =
          operation.invokeNanos() <= toNanos
              && (operation.completeNanos() >= fromNanos || isOpenEnded);
      if (isWithin && operation.outcome() != Outcome.NOT_EXECUTED) {
        window.add(operation);
      }
    }
    return new Verdict.Violation(Explanation.of(stuck, history.all()), List.copyOf(before), window);
  }
}
