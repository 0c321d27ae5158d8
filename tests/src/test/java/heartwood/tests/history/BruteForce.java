package heartwood.tests.history;

import java.util.ArrayList;
import java.util.List;

/**
 * Tries every order and every choice of what took effect: slow, and plainly right. Stateless.
 * Shares with the search only what one operation does to one object.
 */
final class BruteForce {
  private BruteForce() {}

  static boolean isLinearizable(List<Operation> operations) {
    List<Operation> rest = new ArrayList<>();
    for (Operation operation : operations) {
      boolean mayHaveEffect =
          operation.outcome() == Outcome.OK
              || (operation.outcome() == Outcome.UNKNOWN && !operation.kind().isRead());
      if (mayHaveEffect) {
        rest.add(operation);
      }
    }
    return isExplained(rest, Model.ABSENT);
  }

  private static boolean isExplained(List<Operation> rest, String state) {
    if (rest.stream().noneMatch(Operation::isOk)) {
      return true;
    }
    for (int i = 0; i < rest.size(); i++) {
      Operation next = rest.get(i);
      if (mustWait(rest, i)) {
        continue;
      }
      String after = next.kind().model().next(state, next);
      if (after != null) {
        List<Operation> remaining = new ArrayList<>(rest);
        remaining.remove(i);
        if (isExplained(remaining, after)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether another one ended before it began, or was sent before it over the same connection. */
  private static boolean mustWait(List<Operation> rest, int place) {
    Operation next = rest.get(place);
    for (int i = 0; i < rest.size(); i++) {
      Operation other = rest.get(i);
      boolean isBefore = other.completeNanos() < next.invokeNanos();
      boolean isSentBefore =
          next.isOk()
              && other.client() == next.client()
              && (other.invokeNanos() < next.invokeNanos()
                  || (other.invokeNanos() == next.invokeNanos() && i < place));
      if (i != place && other.isOk() && (isBefore || isSentBefore)) {
        return true;
      }
    }
    return false;
  }
}
