package heartwood.server.dispatch;

import heartwood.raft.node.RaftNode;
import heartwood.raft.node.ReadRequest;
import heartwood.server.replication.CommandBatch;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The way of reads that nothing unanswered precedes: on a leader that of {@link WritePath}, on a
 * follower, if it is to answer by itself, by its leader's word on how far it must have applied.
 * Confined to the raft loop, but for what says any thread.
 *
 * <p>A read has no effect, so one that has failed is tried again, as the proxy would forward it
 * again, for as long as a request may wait for a leader. What comes meanwhile waits behind it, for
 * it may be of the same client.
 */
public final class FollowerReadPath {
  private final RaftNode node;
  private final WritePath writePath;
  private final Executor apply;
  private final BatchEnds ends;
  private final BooleanSupplier isWanted;
  private final LongSupplier leaderWaitMillis;
  private final ArrayDeque<Asked> parked = new ArrayDeque<>();

  private record Asked(CommandBatch batch, long sinceNanos) {}

  /**
   * @param isWanted whether followers are to answer reads by themselves
   */
  public FollowerReadPath(
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

  /** Whether a follower answers reads of its proxy port by itself. Any thread. */
  public boolean isWanted() {
    return isWanted.getAsBoolean();
  }

  /** Takes reads that nothing unanswered precedes. */
  public void read(CommandBatch batch) {
    Asked asked = new Asked(batch, System.nanoTime());
    if (!parked.isEmpty()) {
      parked.addLast(asked);
    } else if (node.isLeader()) {
      writePath.read(batch);
    } else {
      ask(asked); // Wanted or not by now: an error would overtake the answers before it.
    }
  }

  /** To be called once a tick. */
  public void tick() {
    List<Asked> again = List.copyOf(parked);
    parked.clear();
    for (Asked asked : again) {
      if (parked.isEmpty()) {
        ask(asked);
      } else {
        park(asked);
      }
    }
  }

  private void ask(Asked asked) {
    node.readIndex(
        new ReadRequest() {
          @Override
          public void ready() {
            ends.executeAtFollower(asked.batch());
          }

          @Override
          public void failed() {
            park(asked);
          }

          @Override
          public int count() {
            return asked.batch().count();
          }
        });
  }

  private void park(Asked asked) {
    long waitNanos = TimeUnit.MILLISECONDS.toNanos(leaderWaitMillis.getAsLong());
    if (System.nanoTime() - asked.sinceNanos() >= waitNanos) {
      apply.execute(() -> ends.notExecuted(List.of(asked.batch())));
    } else {
      parked.addLast(asked);
    }
  }
}
