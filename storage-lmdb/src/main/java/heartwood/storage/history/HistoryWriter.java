package heartwood.storage.history;

import heartwood.storage.Tables;
import heartwood.storage.TablesView;
import heartwood.storage.TablesWriter;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes runs: what died in a checkpoint within its transactions, merges in transactions of their
 * own between checkpoints.
 *
 * <p>Confined to the thread that writes, but for {@link #stats()}.
 */
public final class HistoryWriter {
  /** Takes a version, whose value holds for the call only. */
  @FunctionalInterface
  public interface VersionVisitor {
    void visit(byte[] key, long born, ByteBuffer value);
  }

  private final Tables tables;
  private final RunTables runTables;
  private final long mergeStepBytes;
  private RunList list;

  // The checkpoint under way.
  private @Nullable RunWriter run;
  private int runSlot;
  private boolean isRunNoted;

  // The merge under way; lost by a crash, and begun anew.
  private @Nullable RunMerge merge;
  private List<Run> mergeSources = List.of();
  private int mergeSlot = -1;

  private final FloorSource allFloors;

  /** Those whose versions must leave the disk soon. */
  private Floors floors = Floors.NONE;

  /** Those that the merge under way began with. */
  private Floors mergeFloors = Floors.NONE;

  /** The ids of runs of which it is not known that they hold nothing which the floors cover. */
  private final Deque<Long> unchecked = new ArrayDeque<>();

  private volatile HistoryStats stats = HistoryStats.NONE;
  private long mergedBytes;

  /**
   * @param allFloors which versions merges leave out
   * @param mergeStepBytes what a transaction of a merge writes, about: a checkpoint waits no longer
   *     than for that
   */
  public HistoryWriter(
      Tables tables, RunTables runTables, FloorSource allFloors, long mergeStepBytes) {
    this.tables = tables;
    this.allFloors = allFloors;
    this.runTables = runTables;
    this.mergeStepBytes = mergeStepBytes;
    try (TablesView view = tables.read()) {
      this.list = RunList.read(view, runTables.list());
    }
    countStats();
  }

  /**
   * A version died in the checkpoint of whose transactions this is one; in the order of keys, and
   * of deaths where keys are equal. The value is read before this returns.
   */
  public void add(TablesWriter writer, byte[] key, long born, long died, ByteBuffer value) {
    RunWriter open = run;
    if (open == null) {
      runSlot = freeSlot();
      writer.clear(runTables.slot(runSlot)); // What a crash may have left.
      open = new RunWriter(runTables.slot(runSlot), writer);
      run = open;
    }
    open.continueIn(writer);
    open.add(key, born, died, value);
  }

  /** The transaction will be committed before the checkpoint is whole. */
  public void endSlice(TablesWriter writer) {
    RunWriter open = run;
    if (open != null) {
      open.continueIn(writer);
      open.flush();
      if (!isRunNoted) {
        UnfinishedRun.put(writer, runTables.list(), runSlot);
        isRunNoted = true;
      }
    }
  }

  /** Whether a crash has left the slices of a checkpoint behind. */
  public boolean hasUnfinished(TablesView view) {
    return UnfinishedRun.slot(view, runTables.list()) >= 0;
  }

  /** The versions in the run of a checkpoint that a crash has cut short. */
  public void forEachUnfinished(TablesView view, VersionVisitor visitor) {
    int slot = UnfinishedRun.slot(view, runTables.list());
    if (slot >= 0) {
      try (RunCursor versions = new RunCursor(view.cursor(runTables.slot(slot)))) {
        for (boolean on = versions.first(); on; on = versions.next()) {
          BlockReader version = versions.version();
          visitor.visit(version.copyOfKey(), version.born(), version.value());
        }
      }
    }
  }

  /** They are of no use any more. */
  public void forgetUnfinished(TablesWriter writer) {
    UnfinishedRun.delete(writer, runTables.list());
  }

  /**
   * Ends the history of a checkpoint: its run counts from the commit on, and runs that died
   * altogether by the horizon are gone.
   */
  public void endCheckpoint(TablesWriter writer, long horizon) {
    List<Run> runs = new ArrayList<>();
    for (Run each : list.runs()) {
      if (each.toRevision() > horizon) {
        runs.add(each);
      } else {
        drop(writer, each);
      }
    }
    boolean isChanged = runs.size() != list.runs().size();
    long nextId = list.nextId();
    RunWriter written = run;
    if (written != null) {
      written.continueIn(writer);
      KeyFilter filter = written.finish();
      Run added =
          new Run(
              nextId++,
              runSlot,
              0,
              written.lastDied(),
              written.versionCount(),
              written.byteCount());
      runs.add(added);
      runTables.keepFilter(added, filter);
      run = null;
      if (isRunNoted) {
        forgetUnfinished(writer);
        isRunNoted = false;
      }
      isChanged = true;
    }
    if (isChanged) {
      list = new RunList(nextId, List.copyOf(runs));
      list.write(writer, runTables.list());
      runTables.keepFilters(list);
      countStats();
    }
  }

  private void drop(TablesWriter writer, Run dropped) {
    writer.clear(runTables.slot(dropped.slot()));
    if (mergeSources.contains(dropped)) {
      endMerge();
    }
  }

  private void endMerge() {
    merge = null;
    mergeSources = List.of();
    mergeSlot = -1;
  }

  private int freeSlot() {
    for (int slot = 0; slot < RunTables.SLOTS; slot++) {
      if (slot != mergeSlot && !list.uses(slot)) {
        return slot;
      }
    }
    throw new IllegalStateException("all " + RunTables.SLOTS + " tables for runs are in use");
  }

  /** Whether there are so many runs that merging should not rest. */
  public boolean isMergeUrgent() {
    return list.runs().size() >= RunPolicy.CROWDED - RunPolicy.FAN_IN;
  }

  /** Whether there are so many runs that merging cannot wait for an idle moment. */
  public boolean mustMerge() {
    return list.runs().size() >= RunPolicy.CROWDED;
  }

  /** From now on runs hold only what these leave; those that hold more are written anew. */
  public void setFloors(Floors now) {
    boolean isSomeHigher = now.areHigherThan(floors);
    floors = now;
    if (isSomeHigher) {
      unchecked.clear();
      list.runs().forEach(each -> unchecked.add(each.id()));
    }
  }

  /** What was set last. */
  public Floors floors() {
    return floors;
  }

  /** Whether there are runs to merge, or to look through for what the floors cover. */
  public boolean wantsMerge() {
    return merge != null || !unchecked.isEmpty() || !RunPolicy.choose(list).isEmpty();
  }

  /**
   * Goes on merging for one transaction; durable on return. A run that must be written anew is
   * merged with no other. False when there was nothing to do.
   */
  public boolean mergeStep(long horizon) {
    if (merge == null) {
      Long next = unchecked.poll();
      if (next != null) {
        mergeSources = list.runs().stream().filter(each -> holdsCovered(each, next)).toList();
        if (mergeSources.isEmpty()) {
          return true;
        }
      } else {
        mergeSources = RunPolicy.choose(list);
      }
      if (mergeSources.isEmpty()) {
        return false;
      }
    }
    try (TablesWriter writer = tables.write()) {
      RunMerge present = merge;
      if (present == null) {
        mergeSlot = freeSlot();
        writer.clear(runTables.slot(mergeSlot));
        present =
            new RunMerge(
                mergeSources.stream().map(source -> runTables.slot(source.slot())).toList(),
                runTables.slot(mergeSlot),
                horizon,
                allFloors,
                writer);
        merge = present;
        mergeFloors = floors;
      }
      long before = present.target().byteCount();
      boolean isDone = present.step(writer, mergeStepBytes);
      RunList merged = isDone ? replaceSources(writer, present.target()) : list;
      mergedBytes += present.target().byteCount() - before;
      writer.commit();
      if (isDone) {
        if (mergeFloors != floors) {
          unchecked.add(merged.nextId() - 1);
        }
        endMerge();
        list = merged;
        runTables.keepFilters(list);
      }
    }
    countStats();
    return true;
  }

  private RunList replaceSources(TablesWriter writer, RunWriter target) {
    KeyFilter filter = target.finish();
    List<Run> runs = new ArrayList<>(list.runs());
    int at = runs.indexOf(mergeSources.get(0));
    runs.removeAll(mergeSources);
    Run merged =
        new Run(
            list.nextId(),
            mergeSlot,
            mergedLevel(),
            mergeSources.get(mergeSources.size() - 1).toRevision(),
            target.versionCount(),
            target.byteCount());
    runTables.keepFilter(merged, filter);
    runs.add(at, merged);
    mergeSources.forEach(source -> writer.clear(runTables.slot(source.slot())));
    RunList next = new RunList(list.nextId() + 1, List.copyOf(runs));
    next.write(writer, runTables.list());
    return next;
  }

  private int mergedLevel() {
    int highest = mergeSources.stream().mapToInt(Run::level).max().orElse(0);
    return mergeSources.size() == 1 ? highest : highest + 1;
  }

  private boolean holdsCovered(Run each, long id) {
    if (each.id() != id) {
      return false;
    }
    try (TablesView view = tables.read();
        RunCursor versions = new RunCursor(view.cursor(runTables.slot(each.slot())))) {
      return floors.coverSomeOf(versions);
    }
  }

  private void countStats() {
    long versions = list.runs().stream().mapToLong(Run::versionCount).sum();
    stats = new HistoryStats(list.runs().size(), versions, list.byteCount(), mergedBytes);
  }

  /** Any thread. */
  public HistoryStats stats() {
    return stats;
  }
}
