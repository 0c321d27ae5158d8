package heartwood.raft.core;

import static heartwood.raft.core.Ensure.ensure;

import heartwood.raft.message.ConfigurationCodec;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Message.AppendEntries;
import heartwood.raft.message.Message.AppendEntriesAccepted;
import heartwood.raft.message.Message.AppendEntriesRejected;
import heartwood.raft.message.NodeId;
import java.util.List;

/**
 * The follower's side of the log: what it takes from its leader, and what it says to hold (Raft
 * §5.3, "AppendEntries RPC" of figure 2). Confined to the core.
 */
final class FollowerLog {
  private final RaftState state;
  private final RaftLog log;
  private final ConfigurationLog configurations;
  private final Outbox outbox;

  FollowerLog(RaftState state, Outbox outbox) {
    this.state = state;
    this.log = state.log();
    this.configurations = state.configurations();
    this.outbox = outbox;
  }

  /** From the leader of this term, whom this node follows by now. */
  void onAppendEntries(NodeId from, AppendEntries append) {
    long prevLogIndex = append.prevLogIndex();
    List<LogEntry> entries = append.entries();
    long lastNewIndex = prevLogIndex + entries.size();
    if (prevLogIndex >= log.baseIndex() && !log.matches(prevLogIndex, append.prevLogTerm())) {
      reject(from, prevLogIndex);
      return;
    }
    // What lies at or before the base is committed and compacted here: it matches by itself.
    for (LogEntry entry : entries) {
      if (entry.index() > log.baseIndex() && !log.matches(entry.index(), entry.term())) {
        appendFrom(entries.subList((int) (entry.index() - prevLogIndex - 1), entries.size()));
        break;
      }
    }
    state.learnCommitIndex(Math.min(append.leaderCommit(), lastNewIndex));
    acknowledge(from, Math.max(lastNewIndex, log.baseIndex()));
  }

  /** Puts entries at their places; an own entry that conflicts goes, with all behind it. */
  private void appendFrom(List<LogEntry> entries) {
    long fromIndex = entries.get(0).index();
    if (fromIndex <= log.lastIndex()) {
      ensure(
          fromIndex > state.commitIndex(),
          "conflict at " + fromIndex + " lies after commitIndex",
          state);
      log.truncate(fromIndex);
      outbox.truncate(fromIndex);
    }
    long inForce = configurations.currentIndex();
    configurations.truncate(fromIndex);
    for (LogEntry entry : entries) {
      log.append(entry.index(), entry.term(), entry.payload().length);
      outbox.append(entry);
      if (entry.kind() == EntryKind.CONFIGURATION) {
        configurations.append(entry.index(), ConfigurationCodec.decode(entry.payload()));
      }
    }
    if (configurations.currentIndex() != inForce || inForce >= fromIndex) {
      outbox.add(new Effect.ConfigurationChanged(state.configuration()));
    }
  }

  private void reject(NodeId from, long prevLogIndex) {
    long term = state.currentTerm();
    if (prevLogIndex > log.lastIndex()) {
      outbox.send(from, new AppendEntriesRejected(term, prevLogIndex, 0, log.lastIndex() + 1));
    } else {
      outbox.send(
          from,
          new AppendEntriesRejected(
              term, prevLogIndex, log.termAt(prevLogIndex), log.firstIndexOfTermAt(prevLogIndex)));
    }
  }

  /** Answers that everything up to an index is here; waits for the disk if it must. */
  void acknowledge(NodeId to, long matchIndex) {
    long claimed = state.disk().claimable(matchIndex);
    if (claimed < matchIndex) {
      state.disk().withhold(matchIndex, state.currentTerm());
    }
    AppendEntriesAccepted accepted = new AppendEntriesAccepted(state.currentTerm(), claimed);
    if (claimed <= state.durableIndex()) {
      outbox.send(to, accepted);
    } else {
      outbox.sendOnceWritten(to, accepted);
    }
  }

  /** The own log is damaged from an index on, or not any more: then all may be claimed again. */
  void onDamaged(long fromIndex) {
    state.disk().setDamagedFrom(fromIndex);
    long withheld =
        fromIndex == Long.MAX_VALUE ? state.disk().takeWithheld(state.currentTerm()) : 0;
    NodeId to = state.leader();
    if (withheld > 0 && state.isFollower() && to != null) {
      acknowledge(to, Math.min(withheld, log.lastIndex())); // As it is the same term, it agrees.
    }
  }
}
