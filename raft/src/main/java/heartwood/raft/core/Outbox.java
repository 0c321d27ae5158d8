package heartwood.raft.core;

import static heartwood.raft.core.Ensure.ensure;

import heartwood.raft.core.Effect.Persist;
import heartwood.raft.core.Effect.Send;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Message;
import heartwood.raft.message.NodeId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * What a step wants done, in order, and what of it waits for the disk. Confined to the core.
 *
 * <p>What a message claims must be durable before it leaves. Hence nobody sends directly: {@link
 * #send} looks at what is still on its way to the disk and hangs the message on the persist that it
 * depends on.
 */
final class Outbox {
  private final RaftState state;

  // What this step has gathered.

  private List<Effect> effects = new ArrayList<>();
  private List<LogEntry> appended = new ArrayList<>();
  private List<Send> afterPersist = new ArrayList<>();

  // What is on its way to the disk.

  private long persistSequence;

  /** Sequence of the last persist that changed term or vote. */
  private long hardStateSequence;

  private long durableSequence;

  /**
   * Persists not durable yet: sequence of each, and up to where the log is durable with it.
   *
   * <p>The ABA case: an entry may be cut and come back later, alike in index and term, while the
   * write of its first life is still under way. So a cut lowers what every write under way will
   * prove; only the write of the second life proves the second life.
   */
  private final ArrayDeque<long[]> persists = new ArrayDeque<>();

  Outbox(RaftState state) {
    this.state = state;
  }

  /** A step begins. */
  void begin() {
    effects = new ArrayList<>();
  }

  List<Effect> effects() {
    return effects;
  }

  void add(Effect effect) {
    effects.add(effect);
  }

  /** Sends once the term and vote that the message presupposes are durable. */
  void send(NodeId to, Message message) {
    if (state.hardStateChanged() || hardStateSequence > durableSequence) {
      afterPersist.add(new Send(to, message));
    } else {
      effects.add(new Send(to, message));
    }
  }

  /** Sends once all is durable that was appended until now. */
  void sendOnceWritten(NodeId to, Message message) {
    afterPersist.add(new Send(to, message));
  }

  /** Whether term and vote are as they are on the disk, too. */
  boolean isHardStateDurable() {
    return hardStateSequence <= durableSequence;
  }

  /** Writes an entry that was appended to the log. */
  void append(LogEntry entry) {
    appended.add(entry);
  }

  /** The log was cut: an entry and all behind it are gone. */
  void truncate(long fromIndex) {
    state.setDurableIndex(Math.min(state.durableIndex(), fromIndex - 1));
    persists.forEach(persist -> persist[1] = Math.min(persist[1], fromIndex - 1));
    appended.removeIf(entry -> entry.index() >= fromIndex);
  }

  /** A snapshot has replaced the log: what is under way proves nothing about what comes now. */
  void reset(long index) {
    persists.forEach(persist -> persist[1] = 0);
    state.setDurableIndex(index);
  }

  /** A snapshot, durable itself, reaches up to an index. */
  void onSnapshotDurable(long index) {
    state.setDurableIndex(Math.max(state.durableIndex(), index));
  }

  void onPersisted(long sequence) {
    ensure(sequence <= persistSequence, "persisted " + sequence + " was handed out", state);
    durableSequence = Math.max(durableSequence, sequence);
    while (!persists.isEmpty() && persists.getFirst()[0] <= sequence) {
      long[] done = persists.removeFirst();
      state.setDurableIndex(Math.max(state.durableIndex(), done[1]));
    }
  }

  /** Hands out what this step has to write, with the messages that wait for it. */
  void gatherPersist() {
    boolean hardStateChanged = state.hardStateChanged();
    if (!hardStateChanged && appended.isEmpty() && afterPersist.isEmpty()) {
      return;
    }
    persistSequence++;
    if (hardStateChanged) {
      hardStateSequence = persistSequence;
    }
    long lastIndex = appended.isEmpty() ? 0 : appended.get(appended.size() - 1).index();
    persists.addLast(new long[] {persistSequence, lastIndex});
    effects.add(
        new Persist(
            persistSequence,
            appended,
            hardStateChanged,
            state.currentTerm(),
            state.votedFor(),
            state.commitIndex(),
            afterPersist));
    state.onHardStateHandedOut();
    appended = new ArrayList<>();
    afterPersist = new ArrayList<>();
  }

  /** What is committed is handed out to be applied. */
  void gatherApply() {
    long commitIndex = state.commitIndex();
    if (commitIndex > state.appliedIndex()) {
      effects.add(new Effect.Apply(state.appliedIndex() + 1, commitIndex));
      state.onApplied(commitIndex);
    }
  }
}
