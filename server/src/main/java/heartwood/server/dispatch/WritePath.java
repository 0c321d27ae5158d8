package heartwood.server.dispatch;

import heartwood.raft.core.SplitMix64;
import heartwood.raft.node.RaftNode;
import heartwood.raft.node.ReadRequest;
import heartwood.server.command.CommandFlag;
import heartwood.server.command.CommandSpec;
import heartwood.server.replication.CommandBatch;
import heartwood.server.replication.EntryFormat;
import heartwood.server.replication.EntryProposal;
import heartwood.server.replication.EntryProposal.Fate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns batches into entries, and keeps the order of what comes of them. Confined to the raft loop.
 *
 * <p>There is no timer: what has arrived when the log is ready for the next entry is that entry. A
 * batch without writes, sent behind writes that are unanswered, rides with the last entry that is
 * still open; when there is none, with an entry of its own. A read round would prove as much, but
 * it may last longer than the next write of the same client, whose answer would come first.
 *
 * <p>Failures keep the order too: that an entry came to nothing is told only when everything
 * proposed before it is committed or has failed.
 */
public final class WritePath {
  /** An entry takes no more batches beyond this. */
  private static final int MAX_ENTRY_BYTES = 256 * 1024;

  private final Executor apply;
  private final LongSupplier clockMillis;
  private final BooleanSupplier isStateFull;
  private final Supplier<@Nullable String> refusalOfData;
  private final BatchEnds ends;
  private final SplitMix64 seeds;

  private final ArrayDeque<CommandBatch> open = new ArrayDeque<>();

  /** Proposed and not finished, in order. */
  private final ArrayDeque<EntryProposal> proposed = new ArrayDeque<>();

  private @Nullable EntryProposal lastSweep;
  private boolean isProposing;
  private RaftNode node;

  /**
   * @param isStateFull whether applying more would outgrow memory: then proposals wait
   * @param refusalOfData what commands hear that may add data; null while there is room for it
   */
  @SuppressWarnings("NullAway") // The node is handed in before anything else happens.
  public WritePath(
      Executor apply,
      LongSupplier clockMillis,
      BooleanSupplier isStateFull,
      Supplier<@Nullable String> refusalOfData,
      BatchEnds ends,
      long seed) {
    this.apply = apply;
    this.clockMillis = clockMillis;
    this.isStateFull = isStateFull;
    this.refusalOfData = refusalOfData;
    this.ends = ends;
    this.seeds = new SplitMix64(seed);
    this.node = null;
  }

  /** Node and write path need each other: the node comes second. */
  public void attachTo(RaftNode raftNode) {
    node = raftNode;
  }

  /** Why a write must not be submitted; null: it may. Any thread. */
  @Nullable String refusal(CommandSpec write) {
    return write.has(CommandFlag.DENYOOM) ? refusalOfData.get() : null;
  }

  /** Takes what an event loop has gathered: writes, and what must stay behind them. */
  public void submit(CommandBatch batch) {
    EntryProposal last = proposed.peekLast();
    // One that is committed still stands here behind an orphan, but its batches are on their way.
    boolean rides = batch.writeCount() == 0 && open.isEmpty();
    if (rides && last != null && last.fate() != Fate.COMMITTED) {
      last.attach(batch); // Should the entry have failed untold, these fail with it.
      return;
    }
    open.addLast(batch);
    maybePropose();
  }

  /** Takes reads that nothing unanswered precedes; only a leader executes them. */
  public void read(CommandBatch batch) {
    if (!node.isLeader()) {
      apply.execute(() -> ends.notExecuted(List.of(batch)));
      return;
    }
    node.readIndex(
        new ReadRequest() {
          @Override
          public void ready() {
            ends.execute(batch);
          }

          @Override
          public void failed() {
            apply.execute(() -> ends.notExecuted(List.of(batch)));
          }

          @Override
          public int count() {
            return batch.count();
          }
        });
  }

  /** Moves time on with an entry that has no commands, to the clock's time or to a later one. */
  public void proposeTime(long atLeastMillis) {
    propose(List.of(), 0, Math.max(clockMillis.getAsLong(), atLeastMillis));
  }

  /** Has keys whose time is over, and what was deleted, removed on every node alike. */
  public void proposeSweep() {
    lastSweep = propose(List.of(), EntryFormat.SWEEP, clockMillis.getAsLong());
  }

  /** Whether a sweep is on its way into the log: clients want to be served between two. */
  public boolean isSweeping() {
    return lastSweep != null && lastSweep.fate() == Fate.OPEN;
  }

  /** Proposes what is open, if the log would begin with it soon and the state has room. */
  public void maybePropose() {
    if (isProposing) {
      return; // A proposal that is rejected at once brings us here again.
    }
    isProposing = true;
    try {
      while (!open.isEmpty() && node.hasProposalSlot() && !isStateFull.getAsBoolean()) {
        propose(takeEntry(), 0, clockMillis.getAsLong());
      }
    } finally {
      isProposing = false;
    }
  }

  private List<CommandBatch> takeEntry() {
    List<CommandBatch> batches = new ArrayList<>();
    long bytes = 0;
    while (!open.isEmpty()
        && (batches.isEmpty() || bytes + open.getFirst().bytes() <= MAX_ENTRY_BYTES)) {
      bytes += open.getFirst().bytes();
      batches.add(open.removeFirst());
    }
    return batches;
  }

  private EntryProposal propose(List<CommandBatch> batches, int flags, long stampMillis) {
    EntryProposal proposal =
        new EntryProposal(batches, flags, stampMillis, seeds.nextLong(), this::onFate);
    proposed.addLast(proposal);
    node.propose(proposal);
    return proposal;
  }

  private void onFate(EntryProposal proposal) {
    if (!proposed.contains(proposal)) {
      tell(proposal); // It was committed, and a snapshot came before it was applied.
    }
    while (!proposed.isEmpty() && proposed.getFirst().fate() != Fate.OPEN) {
      EntryProposal done = proposed.removeFirst();
      if (done.fate() != Fate.COMMITTED) {
        tell(done);
      }
    }
  }

  private void tell(EntryProposal failed) {
    boolean isUnknown = failed.fate() == Fate.UNKNOWN;
    apply.execute(
        () -> {
          if (isUnknown) {
            ends.unknown(failed.batches());
          } else {
            ends.notExecuted(failed.batches());
          }
          ends.timeStandsStill();
        });
  }
}
