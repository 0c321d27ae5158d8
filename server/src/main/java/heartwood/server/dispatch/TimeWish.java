package heartwood.server.dispatch;

import heartwood.raft.node.RaftNode;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Has time moved on for reads that wait for it: a leader proposes an entry, a follower asks its
 * leader to, and asks again, for nobody answers. Confined to the raft loop.
 */
public final class TimeWish {
  private static final int ASK_AGAIN_TICKS = 5;

  private final RaftNode node;
  private final WritePath writePath;
  private final Executor apply;
  private final BatchEnds ends;
  private final BooleanSupplier isWanted;
  private final LongSupplier leaderWaitMillis;

  /** A follower has asked, and time has not come yet. */
  private boolean isAsking;

  private long askedSinceNanos;
  private int ticks;

  /**
   * @param isWanted whether reads still wait for time to move on
   * @param leaderWaitMillis after which they are told that it was in vain
   */
  public TimeWish(
      RaftNode node,
      WritePath writePath,
      Executor apply,
      BatchEnds ends,
      BooleanSupplier isWanted,
      LongSupplier leaderWaitMillis) {
    this.node = node;
    this.writePath = writePath;
    this.apply = apply;
    this.ends = ends;
    this.isWanted = isWanted;
    this.leaderWaitMillis = leaderWaitMillis;
  }

  /** Reads here wait for an entry with this stamp or a later one. */
  public void want(long atLeastMillis) {
    isAsking = !node.isLeader();
    if (isAsking) {
      askedSinceNanos = System.nanoTime();
      ticks = 0;
      node.requestTime();
    } else {
      writePath.proposeTime(atLeastMillis);
    }
  }

  /** To be called once a tick. */
  public void tick() {
    if (!isAsking) {
      return;
    }
    long waitNanos = TimeUnit.MILLISECONDS.toNanos(leaderWaitMillis.getAsLong());
    if (!isWanted.getAsBoolean()) {
      isAsking = false;
    } else if (System.nanoTime() - askedSinceNanos >= waitNanos) {
      isAsking = false;
      apply.execute(ends::timeStandsStill);
    } else if (++ticks % ASK_AGAIN_TICKS == 0) {
      ask();
    }
  }

  private void ask() {
    if (node.isLeader()) {
      writePath.proposeTime(0);
    } else {
      node.requestTime();
    }
  }
}
