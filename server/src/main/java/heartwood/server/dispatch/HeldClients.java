package heartwood.server.dispatch;

import heartwood.server.replication.AppliedView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Clients whose next command waits for somebody to lead, or for a moment to come: they are resumed,
 * and dispatch it again. Confined to an event loop.
 */
final class HeldClients {
  private final Executor loop;
  private final LeadershipView leadership;
  private final AppliedView applied;
  private final LongSupplier leaderWaitMillis;

  private final ArrayDeque<DispatchedClient> withoutLeader = new ArrayDeque<>();
  private final ArrayDeque<DispatchedClient> aheadOfTime = new ArrayDeque<>();

  /** Whether there are such as wait for a moment, for the apply thread. */
  private volatile boolean hasAheadOfTime;

  HeldClients(
      Executor loop,
      LeadershipView leadership,
      AppliedView applied,
      LongSupplier leaderWaitMillis) {
    this.loop = loop;
    this.leadership = leadership;
    this.applied = applied;
    this.leaderWaitMillis = leaderWaitMillis;
    applied.onProgress(
        () -> {
          if (hasAheadOfTime) {
            loop.execute(this::resumeAheadOfTime);
          }
        });
    leadership.onChange(() -> loop.execute(this::resumeWithoutLeader));
  }

  /** Whether nobody has led for as long as a command may wait. */
  boolean hasWaitedEnough(Leadership present) {
    long waitNanos = TimeUnit.MILLISECONDS.toNanos(leaderWaitMillis.getAsLong());
    return System.nanoTime() - present.sinceNanos() >= waitNanos;
  }

  void holdForLeader(DispatchedClient client) {
    withoutLeader.addLast(client);
  }

  /**
   * @param reached how far the state had come when it was found to be too early
   */
  void holdForMoment(DispatchedClient client, AppliedView.Point reached) {
    aheadOfTime.addLast(client);
    hasAheadOfTime = true;
    if (!applied.present().equals(reached)) {
      loop.execute(this::resumeAheadOfTime); // The apply thread may have looked before.
    }
  }

  /** To be called now and then: those who waited long enough hear that it was in vain. */
  void onTick() {
    resumeAheadOfTime();
    Leadership present = leadership.present();
    if (!withoutLeader.isEmpty() && !present.isKnown() && hasWaitedEnough(present)) {
      resumeWithoutLeader();
    }
  }

  private void resumeAheadOfTime() {
    hasAheadOfTime = false;
    resume(aheadOfTime);
  }

  private void resumeWithoutLeader() {
    resume(withoutLeader);
  }

  private static void resume(ArrayDeque<DispatchedClient> held) {
    List<DispatchedClient> resumed = new ArrayList<>(held);
    held.clear();
    resumed.forEach(DispatchedClient::resume);
  }
}
