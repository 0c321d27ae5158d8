package heartwood.server.dispatch;

import heartwood.server.dispatch.DispatchedClient.Lane;
import heartwood.server.replication.CommandBatch;

/**
 * What an event loop has gathered in a turn, a batch for each way, and hands on at its end: a
 * hundred clients cost one hand-over. Confined to the loop.
 */
final class Gathering {
  private final LoopThreads threads;
  private final CommandWays ways;

  private CommandBatch log = new CommandBatch();
  private CommandBatch reads = new CommandBatch();
  private CommandBatch boundedReads = new CommandBatch();
  private CommandBatch localReads = new CommandBatch();
  private boolean isHandOverDue;

  Gathering(LoopThreads threads, CommandWays ways) {
    this.threads = threads;
    this.ways = ways;
  }

  /** The batch of a lane, to be added to: it is handed on when this turn's sockets were read. */
  CommandBatch batch(Lane lane) {
    if (!isHandOverDue) {
      isHandOverDue = true;
      threads.loop().execute(this::handOver);
    }
    return switch (lane) {
      case LOG -> log;
      case READ -> reads;
      case BOUNDED -> boundedReads;
      default -> localReads;
    };
  }

  private void handOver() {
    isHandOverDue = false;
    if (localReads.count() > 0) {
      CommandBatch batch = localReads;
      localReads = new CommandBatch();
      threads.apply().execute(() -> ways.ends().executeStale(batch));
    }
    // Decided here, not on the raft loop: a batch that is still empty stays ours, and grows.
    boolean hasLog = log.count() > 0;
    boolean hasReads = reads.count() > 0;
    boolean hasBoundedReads = boundedReads.count() > 0;
    if (!hasLog && !hasReads && !hasBoundedReads) {
      return;
    }
    CommandBatch nextLog = log;
    CommandBatch nextReads = reads;
    CommandBatch nextBoundedReads = boundedReads;
    if (hasLog) {
      log = new CommandBatch();
    }
    if (hasReads) {
      reads = new CommandBatch();
    }
    if (hasBoundedReads) {
      boundedReads = new CommandBatch();
    }
    threads
        .raftLoop()
        .execute(
            () -> {
              if (hasLog) {
                ways.writes().submit(nextLog);
              }
              if (hasReads) {
                ways.reads().read(nextReads);
              }
              if (hasBoundedReads) {
                ways.staleReads().read(nextBoundedReads);
              }
            });
  }
}
