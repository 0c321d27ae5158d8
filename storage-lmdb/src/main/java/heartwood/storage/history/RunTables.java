package heartwood.storage.history;

import heartwood.storage.StorageException;
import heartwood.storage.Table;
import heartwood.storage.Tables;
import heartwood.storage.TablesView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The tables in which runs stand, and the filters of the runs. A table is used by one run after
 * another: names are few and opened once, since LMDB opens and drops tables only with care.
 *
 * <p>Thread-safe.
 */
public final class RunTables {
  /** More runs than there ever should be: {@link RunPolicy} merges long before. */
  static final int SLOTS = 64;

  private final Table list;
  private final List<Table> slots;

  /** By run id. A run is never changed, so neither is its filter. */
  private final Map<Long, KeyFilter> filters = new ConcurrentHashMap<>();

  public RunTables(Tables tables) {
    this.list = tables.open("runs");
    this.slots = IntStream.range(0, SLOTS).mapToObj(i -> tables.open("history-" + i)).toList();
  }

  Table list() {
    return list;
  }

  Table slot(int number) {
    return slots.get(number);
  }

  /**
   * The runs that a transaction sees, to be asked through it. One that begins between two slices of
   * a checkpoint sees rows in their new versions already: the old ones are in the run that is not
   * finished, so it is the last of them.
   */
  public RunReader reader(TablesView view) {
    List<Run> runs = RunList.read(view, list).runs();
    int unfinished = UnfinishedRun.slot(view, list);
    if (unfinished >= 0) {
      runs = new ArrayList<>(runs);
      runs.add(new Run(UnfinishedRun.ID, unfinished, 0, Long.MAX_VALUE, 0, 0));
    }
    return new RunReader(this, view, runs);
  }

  /**
   * Reads every version of every run; returns how many there are.
   *
   * @throws StorageException.Corrupt when a run is not what its entry in the list says, or not in
   *     order
   */
  public long check(TablesView view) {
    long all = 0;
    for (Run run : RunList.read(view, list).runs()) {
      long count = 0;
      byte[] key = {};
      long died = 0;
      try (RunCursor versions = new RunCursor(view.cursor(slot(run.slot())))) {
        for (boolean on = versions.first(); on; on = versions.next()) {
          BlockReader version = versions.version();
          byte[] here = version.copyOfKey();
          int order = Arrays.compareUnsigned(key, here);
          boolean isInOrder = order < 0 || (order == 0 && died < version.died());
          if (!isInOrder || version.born() >= version.died()) {
            throw new StorageException.Corrupt(
                "run " + run.id() + ": version " + count + " is out of order");
          }
          key = here;
          died = version.died();
          count++;
        }
      }
      if (count != run.versionCount()) {
        throw new StorageException.Corrupt(
            "run " + run.id() + ": " + count + " versions (expected: " + run.versionCount() + ")");
      }
      all += count;
    }
    return all;
  }

  KeyFilter filter(Run run, TablesView view) {
    if (run.id() == UnfinishedRun.ID) {
      return KeyFilter.EVERYTHING;
    }
    KeyFilter filter = filters.get(run.id());
    if (filter == null) {
      filter = RunTable.filter(view, slot(run.slot()));
      filters.put(run.id(), filter);
    }
    return filter;
  }

  void keepFilter(Run run, KeyFilter filter) {
    filters.put(run.id(), filter);
  }

  /**
   * Lets the filters of all other runs go; readers that still see those have their own reference.
   */
  void keepFilters(RunList live) {
    Set<Long> ids = live.runs().stream().map(Run::id).collect(Collectors.toSet());
    filters.keySet().retainAll(ids);
  }
}
