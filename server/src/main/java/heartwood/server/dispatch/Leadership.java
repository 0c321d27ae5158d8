package heartwood.server.dispatch;

import heartwood.raft.message.Member;
import org.jspecify.annotations.Nullable;

/**
 * Who leads, as far as this node knows. Immutable.
 *
 * @param isSelf this node leads
 * @param leader who leads; null: nobody is known to
 * @param lastLeader who led last; null: nobody ever did. What topology answers name meanwhile
 * @param sinceNanos since when it has been so, by {@link System#nanoTime}
 */
public record Leadership(
    boolean isSelf,
    long term,
    @Nullable Member leader,
    @Nullable Member lastLeader,
    long sinceNanos) {
  public boolean isKnown() {
    return leader != null;
  }
}
