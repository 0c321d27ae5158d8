package heartwood.raft.node;

import heartwood.raft.log.LogException;
import heartwood.raft.log.LogStore;
import heartwood.raft.message.LogEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Reads a log to its end, past what is damaged. Stateless. */
final class DamageScan {
  private DamageScan() {}

  /**
   * Reads all entries behind the base.
   *
   * @param sound gets those that can be read
   * @return the indexes of those that are damaged
   */
  static List<Long> of(LogStore log, int maxBytes, Consumer<LogEntry> sound) {
    return of(log, log.baseIndex() + 1, maxBytes, sound);
  }

  /** Reads all entries from one on. */
  static List<Long> of(LogStore log, long fromIndex, int maxBytes, Consumer<LogEntry> sound) {
    List<Long> damaged = new ArrayList<>();
    long index = fromIndex;
    long end = Long.MAX_VALUE;
    while (index <= Math.min(end, log.lastIndex())) {
      try {
        for (LogEntry entry : log.read(index, end, maxBytes)) {
          sound.accept(entry);
          index = entry.index() + 1;
        }
        end = Long.MAX_VALUE;
      } catch (LogException.Compacted gone) {
        index = log.baseIndex() + 1;
      } catch (LogException.Corrupt damage) {
        if (damage.index() < index) {
          throw damage; // It is no entry, or none of those that were asked for.
        }
        if (damage.index() > index) {
          end = damage.index() - 1; // What stands before it is read first.
        } else {
          damaged.add(index);
          index++;
          end = Long.MAX_VALUE;
        }
      }
    }
    return damaged;
  }
}
