package heartwood.storage.history;

/**
 * How much of the past a node holds in runs. Depends on when the node wrote and merged: nodes
 * differ. Immutable.
 *
 * @param mergedBytes what merges have written since the start
 */
public record HistoryStats(int runCount, long versionCount, long byteCount, long mergedBytes) {
  static final HistoryStats NONE = new HistoryStats(0, 0, 0, 0);
}
