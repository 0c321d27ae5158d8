package heartwood.raft.node;

import heartwood.raft.log.LogException;
import heartwood.raft.message.LogEntry;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Hands committed entries to the state machine, in their order. Confined to the raft loop, apart
 * from what is done on the apply thread.
 *
 * <p>An entry that is damaged holds up all behind it until it is mended, or a snapshot brings what
 * it did. Meanwhile reads of what was committed since cannot be served here.
 */
final class Applier {
  private static final int MAX_APPLY_BYTES = 4 << 20;

  /** Entries of the log by index: from one, to another, as many as so many bytes. Any thread. */
  interface Source {
    List<LogEntry> entries(long fromIndex, long toIndex, int maxBytes);
  }

  private final StateMachine stateMachine;
  private final Source source;
  private final NodeExecutors executors;
  private final Consumer<LogException.Corrupt> onDamage;
  private final Consumer<Throwable> onFailure;

  /** What is held up, by its first index. */
  private final TreeMap<Long, Range> heldUp = new TreeMap<>();

  /**
   * @param own what was proposed here and became one of the entries, by index; the apply thread's
   */
  private record Range(long fromIndex, long toIndex, Map<Long, Proposal> own) {}

  Applier(
      StateMachine stateMachine,
      Source source,
      NodeExecutors executors,
      Consumer<LogException.Corrupt> onDamage,
      Consumer<Throwable> onFailure) {
    this.stateMachine = stateMachine;
    this.source = source;
    this.executors = executors;
    this.onDamage = onDamage;
    this.onFailure = onFailure;
  }

  void apply(long fromIndex, long toIndex, Map<Long, Proposal> own) {
    Range range = new Range(fromIndex, toIndex, own);
    if (heldUp.isEmpty()) {
      submit(range);
    } else {
      heldUp.put(fromIndex, range);
    }
  }

  /** Serves reads, if what they must see is applied by then. */
  void serve(List<ReadRequest> requests, long index) {
    executors
        .apply()
        .execute(
            () -> {
              if (stateMachine.appliedIndex() >= index) {
                requests.forEach(ReadRequest::ready);
              } else {
                executors.loop().execute(() -> requests.forEach(ReadRequest::failed));
              }
            });
  }

  /** The first entry that is held up; 0: none is. */
  long heldUpIndex() {
    return heldUp.isEmpty() ? 0 : heldUp.firstKey();
  }

  /** Tries once more. */
  void goOn() {
    TreeMap<Long, Range> ranges = new TreeMap<>(heldUp);
    heldUp.clear();
    ranges.values().forEach(this::submit);
  }

  private void submit(Range range) {
    executors
        .apply()
        .execute(
            () -> {
              try {
                run(range);
              } catch (Throwable failure) {
                executors.loop().execute(() -> onFailure.accept(failure));
              }
            });
  }

  private void run(Range range) {
    long applied = stateMachine.appliedIndex();
    if (range.fromIndex > applied + 1) { // Something before it is held up.
      executors.loop().execute(() -> heldUp.put(range.fromIndex, range));
      return;
    }
    long index = applied + 1;
    for (long skipped = range.fromIndex; skipped < index && !range.own.isEmpty(); skipped++) {
      Proposal proposal = range.own.remove(skipped);
      if (proposal != null) { // It is in the snapshot that was installed meanwhile.
        executors.loop().execute(proposal::unknown);
      }
    }
    while (index <= range.toIndex) {
      List<LogEntry> entries;
      try {
        entries = source.entries(index, range.toIndex, MAX_APPLY_BYTES);
      } catch (LogException.Corrupt damage) {
        if (damage.index() == index) {
          holdUp(new Range(index, range.toIndex, range.own), damage);
          return;
        }
        entries = source.entries(index, damage.index() - 1, MAX_APPLY_BYTES);
      }
      for (LogEntry entry : entries) {
        stateMachine.apply(entry, range.own.get(entry.index()));
        index = entry.index() + 1;
      }
    }
  }

  private void holdUp(Range rest, LogException.Corrupt damage) {
    executors
        .loop()
        .execute(
            () -> {
              heldUp.put(rest.fromIndex, rest);
              onDamage.accept(damage);
            });
  }
}
