package heartwood.raft.node;

import heartwood.raft.log.LogException;
import heartwood.raft.log.LogStore;
import heartwood.raft.message.LogEntry;
import java.util.List;

/** Reads entries of a log up to what is damaged. Stateless. */
final class SoundEntries {
  private SoundEntries() {}

  /**
   * Entries from an index on, to an index or until they exceed the bytes; what stands before a
   * damaged one, if that is not the first.
   *
   * @throws LogException when the first cannot be read
   */
  static List<LogEntry> read(LogStore log, long fromIndex, long toIndex, int maxBytes) {
    try {
      return log.read(fromIndex, toIndex, maxBytes);
    } catch (LogException.Corrupt damage) {
      if (damage.index() <= fromIndex) {
        throw damage; // It, or no entry at all.
      }
      return log.read(fromIndex, damage.index() - 1, maxBytes);
    }
  }
}
