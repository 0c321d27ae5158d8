package heartwood.storage.history;

import heartwood.storage.Table;
import heartwood.storage.Tables;
import heartwood.storage.TablesView;
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

  /** The runs that a transaction sees, to be asked through it. */
  public RunReader reader(TablesView view) {
    return new RunReader(this, view, RunList.read(view, list).runs());
  }

  KeyFilter filter(Run run, TablesView view) {
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
