package heartwood.server.dispatch;

import heartwood.raft.message.Member;
import heartwood.resp.ReplySink;
import heartwood.server.command.Acknowledgements;
import heartwood.server.command.Arguments;
import heartwood.server.command.CommandSpec;
import heartwood.server.command.KeyPositions;
import heartwood.server.keyspace.Slots;
import heartwood.server.replication.CommandBatch;
import heartwood.server.replication.EntryFormat;
import heartwood.server.replication.ReplicatedKeyspace;
import heartwood.server.replication.Replies;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers operations that did not go the straight way, with what is certain: not executed, or
 * unknown. Confined to the apply thread, so that it keeps the order of what was executed there.
 */
public final class OperationEnds implements BatchEnds {
  private final ReplicatedKeyspace state;
  private final Replies replies;
  private final LeadershipView leadership;
  private final Arguments arguments = new Arguments();
  private final KeyPositions keys = new KeyPositions();

  public OperationEnds(ReplicatedKeyspace state, Replies replies, LeadershipView leadership) {
    this.state = state;
    this.replies = replies;
    this.leadership = leadership;
  }

  @Override
  public void execute(CommandBatch batch) {
    state.executeReads(batch);
  }

  @Override
  public void executeAtFollower(CommandBatch batch) {
    state.executeReadsAtFollower(batch);
  }

  @Override
  public void executeStale(CommandBatch batch) {
    state.executeStale(batch);
  }

  @Override
  public void tooStale(CommandBatch batch) {
    answer(batch, 0, false, ErrorReplies.TOO_STALE);
    replies.flush();
  }

  @Override
  public void notExecuted(List<CommandBatch> batches) {
    batches.forEach(batch -> answer(batch, 0, false, ErrorReplies.NOT_EXECUTED));
    replies.flush();
  }

  @Override
  public void unknown(List<CommandBatch> batches) {
    batches.forEach(batch -> answer(batch, 0, true, ErrorReplies.NOT_EXECUTED));
    replies.flush();
  }

  @Override
  public void timeStandsStill() {
    int from = state.answeredOfFirstWaiting();
    for (CommandBatch batch = state.pollWaiting(); batch != null; batch = state.pollWaiting()) {
      answer(batch, from, false, ErrorReplies.NOT_EXECUTED);
      from = 0;
    }
    replies.flush();
  }

  @Override
  public void waited(Wait wait, Acknowledgements present) {
    answer(askOf(wait), reply -> wait.command().reply(present, reply));
  }

  @Override
  public void unblocked(Wait wait, String error) {
    answer(askOf(wait), reply -> reply.error(error));
  }

  private static Ask askOf(Wait wait) {
    return new Ask(wait.client(), wait.version(), wait.isSilent());
  }

  @Override
  public void answer(Ask ask, Consumer<ReplySink> reply) {
    if (ask.isSilent()) {
      replies.none(ask.client());
    } else {
      reply.accept(replies.begin(ask.client(), ask.version()));
      replies.end();
    }
    replies.flush();
  }

  private void answer(CommandBatch batch, int from, boolean isUnknown, String notExecuted) {
    int writeOffset = 0;
    for (int i = from; i < batch.count(); i++) {
      boolean isWrite = batch.isWrite(i);
      if (!isWrite && !batch.isRead(i)) {
        int offset = batch.sideOffset(i);
        replies.ready(batch.client(i), batch.sideBytes(), offset, batch.sideEnd(i) - offset);
        continue;
      }
      byte[] bytes = isWrite ? batch.writeBytes() : batch.sideBytes();
      int offset = isWrite ? writeOffset : batch.commandOffset(i);
      int end = arguments.decode(bytes, offset + EntryFormat.COMMAND_HEADER_BYTES);
      writeOffset = isWrite ? end : writeOffset;
      if (batch.isSilent(i)) {
        replies.none(batch.client(i));
        continue;
      }
      ReplySink reply = replies.begin(batch.client(i), batch.version(i));
      if (isWrite && isUnknown) {
        reply.error(ErrorReplies.UNCERTAIN);
      } else {
        // The past is the same everywhere: nobody is sent elsewhere for it.
        reply.error(
            batch.isPastRead(i)
                ? ErrorReplies.NOT_EXECUTED
                : whereElse((DispatchedClient) batch.client(i), batch.spec(i), notExecuted));
      }
      replies.end();
    }
  }

  /** Where to try again, for those who understand it; the command is in {@link #arguments}. */
  private String whereElse(DispatchedClient client, CommandSpec spec, String nowhere) {
    Leadership present = leadership.present();
    Member leader = present.leader();
    if (leader != null && !present.isSelf() && !client.isProxied() && spec.hasKeys()) {
      Integer slot = slot(spec);
      if (slot != null) {
        return ErrorReplies.moved(slot, leader);
      }
    }
    return nowhere;
  }

  private @Nullable Integer slot(CommandSpec spec) {
    if (!spec.findKeys(arguments, keys) || keys.count() == 0) {
      return null;
    }
    int key = keys.position(0);
    return Slots.slotOf(arguments.array(), arguments.offset(key), arguments.length(key));
  }
}
