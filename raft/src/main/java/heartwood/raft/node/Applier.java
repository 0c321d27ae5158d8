package heartwood.raft.node;

import heartwood.raft.log.LogException;
import heartwood.raft.message.LogEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands committed entries to the state machine, in their order. Confined to the raft loop, apart
 * from what is done on the apply thread.
 *
 * <p>Where the state is lost, nothing is applied until a snapshot has brought another. An entry
 * that is damaged holds up all behind it until it is mended, or a snapshot brings what it did.
 * Meanwhile reads of what was committed since wait for a while and fail; what was proposed here has
 * an unknown outcome. Answers carry no number, so their order is that of this thread's work:
 * whatever is told by way of the loop is counted, and nothing else is answered before it.
 */
final class Applier {
  private static final int MAX_APPLY_BYTES = 4 << 20;
  private static final int READ_PATIENCE_TICKS = 150;

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

  /** There is no state to apply to. */
  private boolean isStateLost;

  /** Reads may wait for a state that is there by now, and nothing else comes. */
  private boolean mayHaveStuck;

  /** How long anything has been held up. */
  private int heldUpTicks;

  /** Reads that are to fail are on their way: nothing is served before they have. */
  private boolean isFailingReads;

  /** Fates on their way to the loop and back: what is answered here meanwhile would overtake. */
  private int bouncing;

  /** Reads that must see what is held up, and all behind them. The apply thread's. */
  private final ArrayDeque<Reads> stuck = new ArrayDeque<>();

  private record Reads(List<ReadRequest> requests, long index) {}

  /**
   * @param own what was proposed here and became one of the entries, by index; the apply thread's
   */
  private record Range(long fromIndex, long toIndex, TreeMap<Long, Proposal> own) {}

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

  /** Before anything is applied: there is no state to apply to. */
  void onStateLost() {
    isStateLost = true;
  }

  /** A snapshot of an index was installed: what is held up before that is in it. */
  void onStateInstalled(long index) {
    isStateLost = false;
    mayHaveStuck = true;
    List<Range> ranges = new ArrayList<>(heldUp.values());
    heldUp.clear();
    for (Range range : ranges) {
      long fromIndex = Math.max(range.fromIndex, index + 1);
      if (fromIndex <= range.toIndex) {
        heldUp.put(fromIndex, new Range(fromIndex, range.toIndex, range.own));
      }
    }
  }

  boolean isStateLost() {
    return isStateLost;
  }

  /**
   * @param own what was proposed here and became one of the entries, by index; not changed any more
   */
  void apply(long fromIndex, long toIndex, Map<Long, Proposal> own) {
    Range range = new Range(fromIndex, toIndex, new TreeMap<>(own));
    if (heldUp.isEmpty() && !isStateLost) {
      submit(range);
    } else {
      holdUpBehind(range);
      executors.apply().execute(() -> giveUp(range));
    }
  }

  /** It may take long: one range for all that comes. */
  private void holdUpBehind(Range range) {
    Map.Entry<Long, Range> last = heldUp.lastEntry();
    if (last == null || last.getValue().toIndex + 1 != range.fromIndex) {
      heldUp.put(range.fromIndex, range);
    } else {
      heldUp.put(last.getKey(), new Range(last.getKey(), range.toIndex, last.getValue().own));
    }
  }

  /**
   * Has the fate of a proposal told on the loop, behind the answers to what was committed before
   * it.
   */
  void tell(Runnable fate) {
    executors.apply().execute(() -> bounce(fate));
  }

  /** On the apply thread: answers that go by way of the loop come back here before later ones. */
  private void bounce(Runnable fate) {
    bouncing++;
    executors
        .loop()
        .execute(
            () -> {
              fate.run();
              executors.apply().execute(() -> bouncing--);
            });
  }

  /** Serves reads in their order, if what they must see is applied by then. */
  void serve(List<ReadRequest> requests, long index) {
    executors
        .apply()
        .execute(
            () -> {
              stuck.addLast(new Reads(requests, index));
              serveStuck();
            });
  }

  private void serveStuck() {
    while (!stuck.isEmpty() && stuck.getFirst().index() <= stateMachine.appliedIndex()) {
      stuck.removeFirst().requests().forEach(ReadRequest::ready);
    }
  }

  /** Whether what is committed cannot be applied at present. */
  boolean isHeldUp() {
    return isStateLost || !heldUp.isEmpty();
  }

  /** The first entry that is held up; 0: none is. */
  long heldUpIndex() {
    return heldUp.isEmpty() ? 0 : heldUp.firstKey();
  }

  /** A unit of time has passed: reads do not wait for long for what is held up. */
  void tick() {
    heldUpTicks = heldUp.isEmpty() && !isStateLost ? 0 : heldUpTicks + 1;
    if (heldUpTicks >= READ_PATIENCE_TICKS && !isFailingReads) {
      heldUpTicks = 0;
      isFailingReads = true;
      executors.apply().execute(this::failStuck);
    }
    if (mayHaveStuck && !isFailingReads) {
      mayHaveStuck = false;
      executors.apply().execute(this::serveStuck);
    }
  }

  private void failStuck() {
    List<Reads> failed = new ArrayList<>(stuck);
    stuck.clear();
    executors
        .loop()
        .execute(
            () -> {
              failed.forEach(reads -> reads.requests().forEach(ReadRequest::failed));
              isFailingReads = false;
            });
  }

  /** Tries once more. */
  void goOn() {
    if (isFailingReads || isStateLost) {
      return; // Those behind them must not be served first; it is tried again with the next tick.
    }
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
                serveStuck();
              } catch (Throwable failure) {
                executors.loop().execute(() -> onFailure.accept(failure));
              }
            });
  }

  private void run(Range range) {
    long applied = stateMachine.appliedIndex();
    if (range.fromIndex > applied + 1) { // Something before it is held up.
      holdUp(range, range.fromIndex, null);
      return;
    }
    long index = applied + 1;
    // What lies before is in a snapshot that was installed meanwhile.
    Map<Long, Proposal> skipped = range.own.headMap(index);
    skipped.values().forEach(proposal -> bounce(proposal::unknown));
    skipped.clear();
    while (index <= range.toIndex) {
      List<LogEntry> entries;
      try {
        entries = source.entries(index, range.toIndex, MAX_APPLY_BYTES);
      } catch (LogException.Corrupt damage) {
        if (damage.index() == index) {
          holdUp(range, index, damage);
          return;
        }
        entries = source.entries(index, damage.index() - 1, MAX_APPLY_BYTES);
      }
      for (LogEntry entry : entries) {
        apply(entry, range.own.remove(entry.index()));
        index = entry.index() + 1;
      }
    }
  }

  private void apply(LogEntry entry, @Nullable Proposal own) {
    if (own != null && bouncing > 0) {
      stateMachine.apply(entry, null);
      bounce(own::unknown);
    } else {
      stateMachine.apply(entry, own);
    }
  }

  /** Nobody is kept waiting for what may take long. */
  private void giveUp(Range range) {
    range.own.values().forEach(proposal -> bounce(proposal::unknown));
    range.own.clear();
  }

  private void holdUp(Range range, long fromIndex, LogException.@Nullable Corrupt damage) {
    giveUp(range);
    Range rest = new Range(fromIndex, range.toIndex, range.own);
    executors
        .loop()
        .execute(
            () -> {
              heldUp.put(fromIndex, rest);
              if (damage != null) {
                onDamage.accept(damage);
              }
            });
  }
}
