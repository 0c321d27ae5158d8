package heartwood.server.replication;

import heartwood.resp.ReplySink;
import heartwood.server.command.Arguments;
import heartwood.server.command.CommandMeter;

/** The replies to a batch's operations, and their accounts. Confined to the apply thread. */
final class BatchReplies {
  private final Replies replies;
  private final CommandMeter meter;

  BatchReplies(Replies replies, CommandMeter meter) {
    this.replies = replies;
    this.meter = meter;
  }

  /** To be ended by {@link #end} or {@link #cancel}. */
  ReplySink begin(CommandBatch batch, int operation) {
    return replies.begin(batch.client(operation), batch.version(operation));
  }

  /** The operation will be run again, here or elsewhere. */
  void cancel() {
    replies.cancel();
  }

  /**
   * The operation has replied.
   *
   * @param arguments that it had
   */
  void end(CommandBatch batch, int operation, Arguments arguments, long beginNanos) {
    meter.ran(
        batch.spec(operation),
        arguments,
        batch.client(operation),
        System.nanoTime() - beginNanos,
        replies.error());
    if (batch.isSilent(operation)) {
      replies.cancel();
      replies.none(batch.client(operation));
    } else {
      replies.end();
    }
  }

  /** The operation is not run. */
  void reject(CommandBatch batch, int operation, String error) {
    meter.rejected(batch.spec(operation));
    meter.error(error);
    if (batch.isSilent(operation)) {
      replies.none(batch.client(operation));
    } else {
      begin(batch, operation).error(error);
      replies.end();
    }
  }

  /** The operation's reply was made before it came here. */
  void ready(CommandBatch batch, int operation) {
    int offset = batch.sideOffset(operation);
    replies.ready(
        batch.client(operation), batch.sideBytes(), offset, batch.sideEnd(operation) - offset);
  }

  /** The operation's reply will come from another thread, at its place. */
  DeferredReply defer(CommandBatch batch, int operation) {
    return replies.defer(batch.client(operation), batch.version(operation));
  }

  void flush() {
    replies.flush();
  }
}
