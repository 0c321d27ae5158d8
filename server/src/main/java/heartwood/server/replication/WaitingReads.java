package heartwood.server.replication;

import heartwood.server.command.Moment;
import java.util.ArrayDeque;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs reads in their order, of which some must wait for time to move on. Confined to the apply
 * thread, apart from what says any thread.
 *
 * <p>Time is the stamp of the last entry, never the clock. Where a read meets a key whose time is
 * over by the clock but not by the log, answering either way would be wrong: a later read might see
 * the other. A read that tells how much time is left, from a stamp long past, would tell too much,
 * and from the clock, less than the next leader. So such a read, and all behind it, wait until an
 * entry has moved time on. A read as of a time that an entry to come could still have waits alike.
 */
final class WaitingReads {
  private static final long NOT_WANTED = Long.MAX_VALUE;

  private final PresentState state;
  private final BatchReads reads;
  private final BatchReplies replies;
  private final LongSupplier clockMillis;
  private final LongConsumer timeIsWanted;

  /** The first of them waits from its operation on. */
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

  /**
   * Reads, and the clock when they might first be answered: what they tell is not older.
   *
   * @param isAtFollower whose clock decides nothing: whatever its leader says next is time enough
   */
  private record Waiting(CommandBatch batch, long sinceMillis, boolean isAtFollower) {}

  private int firstWaitingOperation;

  /** The stamp that those reads asked for, or {@link #NOT_WANTED}. */
  private volatile long wantedMillis = NOT_WANTED;

  /**
   * @param timeIsWanted asks for an entry with this stamp or a later one
   */
  WaitingReads(
      PresentState state,
      BatchReads reads,
      BatchReplies replies,
      LongSupplier clockMillis,
      LongConsumer timeIsWanted) {
    this.state = state;
    this.reads = reads;
    this.replies = replies;
    this.clockMillis = clockMillis;
    this.timeIsWanted = timeIsWanted;
  }

  /** An entry was applied, and time may have moved on. */
  void onApplied() {
    if (state.stampMillis() >= wantedMillis) {
      executeWaiting();
    }
  }

  /** Whether reads wait for an entry that moves time on. Any thread. */
  boolean isTimeWanted() {
    return wantedMillis != NOT_WANTED;
  }

  /**
   * Runs a batch of reads at a moment that is known to be linearizable.
   *
   * @param isAtFollower this node does not lead
   */
  void execute(CommandBatch batch, boolean isAtFollower) {
    waiting.addLast(new Waiting(batch, clockMillis.getAsLong(), isAtFollower));
    if (waiting.size() == 1) {
      executeWaiting();
    }
  }

  private void executeWaiting() {
    for (Waiting first = waiting.peekFirst(); first != null; first = waiting.peekFirst()) {
      CommandBatch batch = first.batch();
      for (int i = firstWaitingOperation; i < batch.count(); i++) {
        if (!batch.isRead(i)) {
          replies.ready(batch, i);
        } else if (isOfLaterTime(batch, i)) {
          firstWaitingOperation = i;
          wantTime(orNow(((Moment.Time) batch.moment(i)).millis() + 1));
          return;
        } else if (!reads.tryRead(batch, i, sinceMillis(first))) {
          firstWaitingOperation = i;
          wantTime(first.isAtFollower() ? state.stampMillis() + 1 : orNow(first.sinceMillis()));
          return;
        }
      }
      firstWaitingOperation = 0;
      waiting.removeFirst();
    }
    wantedMillis = NOT_WANTED;
  }

  /** Whether it asks for a time that an entry to come could still have. */
  private boolean isOfLaterTime(CommandBatch batch, int operation) {
    return batch.isPastRead(operation)
        && batch.moment(operation) instanceof Moment.Time time
        && time.millis() >= state.stampMillis();
  }

  private long sinceMillis(Waiting waits) {
    long stamp = state.stampMillis();
    return waits.isAtFollower() && stamp >= wantedMillis ? stamp : waits.sinceMillis();
  }

  private long orNow(long millis) {
    return Math.max(millis, clockMillis.getAsLong());
  }

  private void wantTime(long atLeastMillis) {
    if (wantedMillis == NOT_WANTED || state.stampMillis() >= wantedMillis) {
      wantedMillis = atLeastMillis;
      timeIsWanted.accept(atLeastMillis);
    }
  }

  /**
   * Time could not be moved on: the waiting reads must be answered otherwise. Empties the queue.
   */
  @Nullable CommandBatch poll() {
    Waiting first = waiting.pollFirst();
    firstWaitingOperation = 0;
    wantedMillis = NOT_WANTED;
    return first == null ? null : first.batch();
  }

  /** How many operations of the first waiting batch are answered already. */
  int answeredOfFirst() {
    return firstWaitingOperation;
  }
}
