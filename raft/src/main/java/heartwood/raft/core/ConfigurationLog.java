package heartwood.raft.core;

import heartwood.raft.message.Configuration;
import java.util.Map;
import java.util.TreeMap;

/**
 * The configurations that stand in the log, and the one before them. The last is in force, whether
 * or not it is committed (Raft §6); where it is cut, the one before it is again. Confined to the
 * core.
 */
public final class ConfigurationLog {
  private final TreeMap<Long, Configuration> byIndex = new TreeMap<>();

  /**
   * @param base what is in force at an index which is never cut, such as the one that is applied
   * @param above what stands in the log above that, by index
   */
  public ConfigurationLog(Configuration base, Map<Long, Configuration> above) {
    byIndex.put(0L, base);
    byIndex.putAll(above);
  }

  /** Of a log that has none above its base. */
  public ConfigurationLog(Configuration base) {
    this(base, Map.of());
  }

  Configuration current() {
    return byIndex.lastEntry().getValue();
  }

  /** Where the current one stands; 0 for one that was there from the beginning. */
  long currentIndex() {
    return byIndex.lastKey();
  }

  /** What is in force up to an index. */
  Configuration at(long index) {
    return byIndex.floorEntry(index).getValue();
  }

  void append(long index, Configuration configuration) {
    byIndex.put(index, configuration);
  }

  /** What stands at an index or behind it is gone. */
  void truncate(long fromIndex) {
    byIndex.tailMap(fromIndex, true).clear();
  }

  /** Nothing up to an index will be cut. */
  void compact(long index) {
    Long base = byIndex.floorKey(index);
    if (base != null) {
      byIndex.headMap(base, false).clear();
    }
  }

  /** A snapshot tells what is in force at its last index. */
  void install(long index, Configuration configuration) {
    byIndex.headMap(index, true).clear();
    byIndex.put(index, configuration);
  }
}
