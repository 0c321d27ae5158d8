package heartwood.storage.lmdb;

import heartwood.raft.log.HardState;
import heartwood.raft.log.LogBatch;
import heartwood.raft.message.EntryKind;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.NodeId;
import heartwood.storage.journal.Journal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A batch as the body of a journal's record, big endian:
 *
 * <pre>
 *   version(1) currentTerm(8) votedFor(4, 0: nobody) commitIndex(8) firstIndex(8) count(4)
 *   for each entry: term(8) kind(1) length(4) payload
 * </pre>
 *
 * <p>Stateless; the journal's checksum guards it.
 */
final class LogRecord {
  private static final byte VERSION = 1;
  private static final int HEADER_BYTES = 33;
  private static final int ENTRY_HEADER_BYTES = 13;

  private LogRecord() {}

  /** Bytes of the body; may exceed what an int can say. */
  static long sizeOf(LogBatch batch) {
    long bytes = HEADER_BYTES;
    for (LogEntry entry : batch.entries()) {
      bytes += ENTRY_HEADER_BYTES + entry.payload().length;
    }
    return bytes;
  }

  /** Leaves room for the journal's header in front. */
  static void encode(LogBatch batch, ByteBuffer target) {
    NodeId vote = batch.hardState().votedFor();
    target
        .clear()
        .position(Journal.HEADER_BYTES)
        .put(VERSION)
        .putLong(batch.hardState().currentTerm())
        .putInt(vote == null ? 0 : vote.number())
        .putLong(batch.hardState().commitIndex())
        .putLong(batch.entries().isEmpty() ? 0 : batch.entries().get(0).index())
        .putInt(batch.entries().size());
    for (LogEntry entry : batch.entries()) {
      target
          .putLong(entry.term())
          .put(entry.kind().code())
          .putInt(entry.payload().length)
          .put(entry.payload());
    }
    target.flip();
  }

  static LogBatch decode(ByteBuffer body) {
    byte version = body.get();
    if (version != VERSION) {
      throw new IllegalStateException("journal: format version " + version + " (expected: 1)");
    }
    long currentTerm = body.getLong();
    int vote = body.getInt();
    HardState hardState =
        new HardState(currentTerm, vote == 0 ? null : new NodeId(vote), body.getLong());
    long firstIndex = body.getLong();
    int count = body.getInt();
    List<LogEntry> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long term = body.getLong();
      EntryKind kind = EntryKind.of(body.get());
      byte[] payload = new byte[body.getInt()];
      body.get(payload);
      entries.add(new LogEntry(firstIndex + i, term, kind, payload));
    }
    return new LogBatch(entries, hardState);
  }
}
