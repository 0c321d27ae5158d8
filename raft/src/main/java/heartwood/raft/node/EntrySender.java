package heartwood.raft.node;

import heartwood.raft.core.Effect.SendEntries;
import heartwood.raft.core.Input;
import heartwood.raft.log.LogException;
import heartwood.raft.log.LogStore;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.Message.AppendEntries;
import java.util.List;

/**
 * Puts the bytes to what the core sends: the entries of AppendEntries, from memory or from the log.
 * Confined to the raft loop.
 */
final class EntrySender {
  private final RaftNode node;
  private final LogStore log;
  private final EntryCache cache;
  private final Transport transport;
  private final int maxAppendBytes;

  /**
   * @param maxAppendBytes of the entries of one message
   */
  EntrySender(
      RaftNode node, LogStore log, EntryCache cache, Transport transport, int maxAppendBytes) {
    this.node = node;
    this.log = log;
    this.cache = cache;
    this.transport = transport;
    this.maxAppendBytes = maxAppendBytes;
  }

  void send(SendEntries send) {
    long fromIndex = send.fromIndex();
    long prevTerm = send.prevLogTerm();
    try {
      do {
        List<LogEntry> entries = List.of();
        if (fromIndex <= send.toIndex()) {
          entries = entries(fromIndex, send.toIndex(), maxAppendBytes);
        }
        transport.send(
            send.to(),
            new AppendEntries(send.term(), fromIndex - 1, prevTerm, send.leaderCommit(), entries));
        if (!entries.isEmpty()) {
          LogEntry last = entries.get(entries.size() - 1);
          fromIndex = last.index() + 1;
          prevTerm = last.term();
        }
      } while (fromIndex <= send.toIndex());
    } catch (LogException.Compacted gone) {
      // The log was cut a moment ago and the core will hear of it: then a snapshot goes.
      node.step(new Input.Unreachable(send.to()));
    } catch (LogException.Corrupt damage) {
      node.foundDamage(damage);
      node.step(new Input.Unreachable(send.to()));
    } catch (LogException failure) {
      node.fail(failure);
    }
  }

  /**
   * Entries of the log from an index on, to an index or until they exceed the bytes, or come to
   * what is damaged. Any thread.
   *
   * @throws LogException when the first cannot be read
   */
  List<LogEntry> entries(long fromIndex, long toIndex, int maxBytes) {
    List<LogEntry> entries = cache.range(fromIndex, toIndex, maxBytes);
    if (!entries.isEmpty()) {
      return entries;
    }
    // Where the cache begins, the disk may still hold entries that a write under way will cut.
    long lastIndex = Math.min(toIndex, cache.firstIndex() - 1);
    return SoundEntries.read(log, fromIndex, lastIndex, maxBytes);
  }
}
