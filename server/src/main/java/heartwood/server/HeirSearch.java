package heartwood.server;

import heartwood.raft.message.NodeId;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Whom a leader asks to lead instead that has too little room. Confined to the raft loop.
 *
 * <p>Who has no room either does not follow the wish, and nobody tells; and while one is asked,
 * nothing is proposed for an election timeout. So each is asked once, who holds the most of the log
 * first; and where nobody took over, all again only after a long time.
 */
final class HeirSearch {
  /** From one to the next: leadership has moved by then, if it moves. */
  static final int NEXT_TICKS = 500;

  /** From when all were asked until they are asked again. */
  static final int AGAIN_TICKS = 60_000;

  private final Set<NodeId> asked = new TreeSet<>();
  private int waitTicks;

  /** There is room again, or another leads: the next search begins at once. */
  void reset() {
    asked.clear();
    waitTicks = 0;
  }

  /**
   * A unit of time has passed for a leader without room.
   *
   * @param others the voters that could lead
   * @param matchIndex what each is known to hold
   * @return whom to ask now; null: nobody
   */
  @Nullable NodeId tick(Collection<NodeId> others, ToLongFunction<NodeId> matchIndex) {
    if (waitTicks > 0) {
      waitTicks--;
      return null;
    }
    NodeId furthest = null;
    for (NodeId each : others) {
      boolean isFurther =
          furthest == null || matchIndex.applyAsLong(each) > matchIndex.applyAsLong(furthest);
      if (!asked.contains(each) && isFurther) {
        furthest = each;
      }
    }
    if (furthest == null) {
      asked.clear();
      waitTicks = AGAIN_TICKS;
    } else {
      asked.add(furthest);
      waitTicks = NEXT_TICKS;
    }
    return furthest;
  }
}
