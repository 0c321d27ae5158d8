package heartwood.storage.lmdb;

import heartwood.raft.log.HardState;
import heartwood.raft.log.LogException;
import heartwood.raft.log.LogStore;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.NodeId;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.GetOp;
import org.lmdbjava.LmdbException;
import org.lmdbjava.PutFlags;
import org.lmdbjava.Txn;

/**
 * The part of the log that is in LMDB: an environment of its own, synced at every commit.
 *
 * <pre>
 *   table log-0   index(8, big endian) → {@link LogRow}       appended with MDB_APPEND
 *   table meta    {@link LogMeta}: identity, peers, and per group base, last, hard state, terms
 * </pre>
 *
 * <p>Thread-safe: writers queue for a monitor, for one commit at a time; readers take a transaction
 * of their own and see the last commit.
 */
final class LogTable implements AutoCloseable {
  /** The one group of today. Another group would be another table beside this one. */
  private static final int GROUP = 0;

  /** Entries deleted in one transaction at most, so that no commit is long. */
  private static final int SLICE_ENTRIES = 1000;

  private final LmdbEnvironment environment;
  private final Dbi<ByteBuffer> log;
  private final LogMeta meta;
  private final NodeIdentity identity;
  private final Queue<Reader> idleReaders = new ConcurrentLinkedQueue<>();
  private final ByteBuffer writeKey = ByteBuffer.allocateDirect(Long.BYTES);

  /** What the last commit made of the log; replaced after it, by the writer only. */
  private volatile LogView view;

  /** Chain value of the last entry, of the base when there is none; guarded by this. */
  private long lastChain;

  /** Set by the first write that fails, here or in the journal. */
  private volatile @Nullable LogException poison;

  /** A read transaction and a key buffer, used by one thread at a time. */
  private record Reader(Txn<ByteBuffer> txn, ByteBuffer key) {}

  private record Change(LogView view, long lastChain) {}

  private LogTable(LmdbEnvironment environment) {
    this.environment = environment;
    this.log = environment.table("log-" + GROUP);
    this.meta = new LogMeta(environment.table("meta"));
    try (Txn<ByteBuffer> txn = environment.readTxn()) {
      this.identity = meta.identity(txn);
      this.view = new LogView(meta.group(txn, GROUP), meta.terms(txn, GROUP));
      this.lastChain = checkedLastChain(txn);
    }
  }

  /** Makes the tables in an empty directory. */
  static void create(Path directory, NodeIdentity identity, LmdbOptions options) {
    try (LmdbEnvironment environment = openEnvironment(directory, options)) {
      environment.table("log-" + GROUP);
      LogMeta meta = new LogMeta(environment.table("meta"));
      try (Txn<ByteBuffer> txn = environment.env().txnWrite()) {
        meta.putIdentity(txn, identity);
        meta.putGroup(txn, GROUP, GroupState.empty(0, 0, HardState.INITIAL, 0));
        meta.putTerms(txn, GROUP, List.of());
        txn.commit();
      }
    }
  }

  /**
   * @throws LogException.WrongDirectory when it is missing or in use
   */
  static LogTable open(Path directory, LmdbOptions options) {
    if (!Files.exists(directory.resolve("data.mdb"))) {
      throw new LogException.WrongDirectory(directory + ": holds no log");
    }
    LmdbEnvironment environment = openEnvironment(directory, options);
    try {
      return new LogTable(environment);
    } catch (RuntimeException e) {
      environment.close();
      throw e;
    }
  }

  private static LmdbEnvironment openEnvironment(Path directory, LmdbOptions options) {
    return LogMeta.asLogFault(() -> LmdbEnvironment.open(directory, options));
  }

  private long checkedLastChain(Txn<ByteBuffer> txn) {
    GroupState state = view.state();
    long entryCount = state.lastIndex() - state.baseIndex();
    long rows = log.stat(txn).entries;
    if (rows != entryCount) {
      throw new LogException.Corrupt("log: " + rows + " rows (expected: " + entryCount + ")");
    }
    if (rows == 0) {
      return state.baseChain();
    }
    try (Cursor<ByteBuffer> cursor = log.openCursor(txn)) {
      if (!cursor.last() || cursor.key().getLong(0) != state.lastIndex()) {
        throw LogRow.corrupt(state.lastIndex(), "missing");
      }
      return LogRow.chainOf(cursor.val());
    }
  }

  NodeIdentity identity() {
    return identity;
  }

  LogView view() {
    return view;
  }

  // ---- Reading ----

  /** As {@link LogStore#read}, of what is here. */
  List<LogEntry> read(long fromIndex, long toIndex, int maxBytes) {
    return reading(reader -> entries(reader, fromIndex, toIndex, maxBytes));
  }

  private List<LogEntry> entries(Reader reader, long fromIndex, long toIndex, int maxBytes) {
    // Bounds from the same transaction as the rows: the view may be a commit older.
    GroupState state = meta.group(reader.txn, GROUP);
    if (fromIndex <= state.baseIndex()) {
      throw new LogException.Compacted(
          "index: " + fromIndex + " (base: " + state.baseIndex() + ")");
    }
    if (fromIndex > state.lastIndex()) {
      throw new LogException("index: " + fromIndex + " (last: " + state.lastIndex() + ")");
    }
    List<LogEntry> entries = new ArrayList<>();
    long bytes = 0;
    long chain = state.baseChain();
    boolean chainKnown = fromIndex == state.baseIndex() + 1;
    try (Cursor<ByteBuffer> cursor = log.openCursor(reader.txn)) {
      boolean found = cursor.get(keyOf(reader.key, fromIndex), GetOp.MDB_SET_RANGE);
      for (long index = fromIndex; index <= Math.min(toIndex, state.lastIndex()); index++) {
        if (!found || cursor.key().getLong(0) != index) {
          throw LogRow.corrupt(index, "missing");
        }
        ByteBuffer row = cursor.val();
        bytes += row.remaining() - LogRow.HEADER_BYTES;
        if (bytes > maxBytes && !entries.isEmpty()) {
          break;
        }
        LogEntry entry = LogRow.decode(index, row);
        if (chainKnown && LogRow.chainOf(row) != LogRow.chain(chain, entry)) {
          throw LogRow.corrupt(index, "does not continue the entry before it");
        }
        chain = LogRow.chainOf(row);
        chainKnown = true;
        entries.add(entry);
        found = cursor.next();
      }
    }
    return entries;
  }

  /** What the entries of a range take, both ends included. */
  long bytesBetween(long fromIndex, long toIndex) {
    return reading(
        reader -> {
          long bytes = 0;
          try (Cursor<ByteBuffer> cursor = log.openCursor(reader.txn)) {
            boolean found = cursor.get(keyOf(reader.key, fromIndex), GetOp.MDB_SET_RANGE);
            while (found && cursor.key().getLong(0) <= toIndex) {
              bytes += sizeOf(cursor.val());
              found = cursor.next();
            }
          }
          return bytes;
        });
  }

  OptionalLong peerIncarnation(NodeId peer) {
    Long incarnation = this.<@Nullable Long>reading(reader -> meta.peer(reader.txn, peer));
    return incarnation == null ? OptionalLong.empty() : OptionalLong.of(incarnation);
  }

  private <T extends @Nullable Object> T reading(Function<Reader, T> action) {
    environment.enter();
    try {
      Reader reader = idleReaders.poll();
      if (reader == null) {
        reader = new Reader(environment.readTxn(), ByteBuffer.allocateDirect(Long.BYTES));
      } else {
        reader.txn.renew();
      }
      try {
        return action.apply(reader);
      } finally {
        reader.txn.reset(); // An idle transaction must not pin pages.
        idleReaders.add(reader);
      }
    } catch (LmdbException e) {
      throw new LogException("log: read failed: " + e.getMessage(), e);
    } finally {
      environment.leave();
    }
  }

  // ---- Writing ----

  /**
   * Puts entries at their indexes and cuts what stood there or behind.
   *
   * @param entries may be empty, and then nothing is cut
   * @param journalSequence all that the journal says up to this record is in it
   */
  synchronized void write(List<LogEntry> entries, HardState hardState, long journalSequence) {
    requireHealthy();
    if (!entries.isEmpty()) {
      long first = entries.get(0).index();
      for (long last = lastIndex(); last - first >= SLICE_ENTRIES; last = lastIndex()) {
        long from = last - SLICE_ENTRIES + 1;
        commit(txn -> cutFrom(txn, from));
      }
    }
    commit(
        txn -> {
          Change change = new Change(view, lastChain);
          if (!entries.isEmpty()) {
            change = append(txn, cutFrom(txn, entries.get(0).index()), entries);
          }
          GroupState state = change.view.state().withHardState(hardState).withBaseCommitted();
          LogView next =
              new LogView(state.withJournalSequence(journalSequence), change.view.starts());
          return new Change(next, change.lastChain);
        });
  }

  private long lastIndex() {
    return view.state().lastIndex();
  }

  private Change append(Txn<ByteBuffer> txn, Change cut, List<LogEntry> entries) {
    long chain = cut.lastChain;
    try (Cursor<ByteBuffer> cursor = log.openCursor(txn)) {
      for (LogEntry entry : entries) {
        chain = LogRow.chain(chain, entry);
        ByteBuffer key = keyOf(writeKey, entry.index());
        // Reserved room is LMDB's own page: the payload is copied once.
        ByteBuffer row = cursor.reserve(key, LogRow.sizeOf(entry), PutFlags.MDB_APPEND);
        LogRow.encode(entry, chain, row);
      }
    }
    return new Change(cut.view.append(entries), chain);
  }

  /** Deletes the entries from an index on; what is deleted in one transaction is for the caller. */
  private Change cutFrom(Txn<ByteBuffer> txn, long fromIndex) {
    if (fromIndex > lastIndex()) {
      return new Change(view, lastChain);
    }
    long bytes = 0;
    long chain = view.state().baseChain();
    try (Cursor<ByteBuffer> cursor = log.openCursor(txn)) {
      boolean found = cursor.last();
      while (found && cursor.key().getLong(0) >= fromIndex) {
        bytes += sizeOf(cursor.val());
        cursor.delete();
        found = cursor.last();
      }
      if (found) {
        chain = LogRow.chainOf(cursor.val());
      }
    }
    return new Change(view.cutFrom(fromIndex, bytes), chain);
  }

  /**
   * As {@link LogStore#repair}. The chain goes on from the entry before, so damaged entries are to
   * be repaired in their order.
   */
  synchronized void repair(LogEntry entry) {
    requireHealthy();
    GroupState state = view.state();
    long index = entry.index();
    if (index <= state.baseIndex() || index > state.lastIndex()) {
      return; // It is being cut, or was never moved here.
    }
    commit(
        txn -> {
          long chain = LogRow.chain(chainBefore(txn, index), entry);
          ByteBuffer row = log.reserve(txn, keyOf(writeKey, index), LogRow.sizeOf(entry));
          LogRow.encode(entry, chain, row);
          return new Change(view, index == state.lastIndex() ? chain : lastChain);
        });
  }

  private long chainBefore(Txn<ByteBuffer> txn, long index) {
    if (index - 1 == view.state().baseIndex()) {
      return view.state().baseChain();
    }
    ByteBuffer before = log.get(txn, keyOf(writeKey, index - 1));
    if (before == null) {
      throw LogRow.corrupt(index - 1, "missing");
    }
    return LogRow.chainOf(before);
  }

  /**
   * Deletes the entries up to an index, which becomes the base, in slices between which others may
   * write.
   *
   * @return bytes that they took
   */
  long compact(long index) {
    long freed = 0;
    while (view.state().baseIndex() < index) {
      freed += compactSlice(index);
    }
    return freed;
  }

  private synchronized long compactSlice(long index) {
    requireHealthy();
    long before = view.state().sizeBytes();
    long toIndex = Math.min(index, view.state().baseIndex() + SLICE_ENTRIES);
    if (toIndex > view.state().baseIndex()) {
      commit(txn -> cutThrough(txn, toIndex));
    }
    return before - view.state().sizeBytes();
  }

  private Change cutThrough(Txn<ByteBuffer> txn, long toIndex) {
    long bytes = 0;
    long chain = view.state().baseChain();
    try (Cursor<ByteBuffer> cursor = log.openCursor(txn)) {
      boolean found = cursor.first();
      while (found && cursor.key().getLong(0) <= toIndex) {
        bytes += sizeOf(cursor.val());
        chain = LogRow.chainOf(cursor.val());
        cursor.delete();
        found = cursor.first();
      }
    }
    return new Change(view.cutThrough(toIndex, chain, bytes), lastChain);
  }

  /** As {@link LogStore#reset}. */
  synchronized void reset(long index, long term, HardState hardState, long journalSequence) {
    requireHealthy();
    commit(
        txn -> {
          log.drop(txn);
          HardState kept = new HardState(hardState.currentTerm(), hardState.votedFor(), index);
          GroupState state = GroupState.empty(index, term, kept, journalSequence);
          return new Change(new LogView(state, List.of()), state.baseChain());
        });
  }

  /** Waits for the disk at the first meeting with a peer; a known one is only looked up. */
  boolean bindPeer(NodeId peer, long incarnation) {
    return peerIncarnation(peer).orElseGet(() -> firstBinding(peer, incarnation)) == incarnation;
  }

  private synchronized long firstBinding(NodeId peer, long incarnation) {
    requireHealthy();
    OptionalLong known = peerIncarnation(peer);
    if (known.isEmpty()) {
      commit(
          txn -> {
            meta.putPeer(txn, peer, incarnation);
            return new Change(view, lastChain);
          });
    }
    return known.orElse(incarnation);
  }

  /** Runs a change in a synced transaction and publishes the view it returns. */
  private void commit(Function<Txn<ByteBuffer>, Change> change) {
    environment.enter();
    try (Txn<ByteBuffer> txn = environment.env().txnWrite()) {
      Change next = change.apply(txn);
      meta.putGroup(txn, GROUP, next.view.state());
      if (!next.view.starts().equals(view.starts())) {
        meta.putTerms(txn, GROUP, next.view.starts());
      }
      txn.commit();
      view = next.view;
      lastChain = next.lastChain;
    } catch (RuntimeException e) {
      throw poisoned(e);
    } catch (Error e) {
      poisoned(e);
      throw e;
    } finally {
      environment.leave();
    }
  }

  /** Nothing is written any more: what a failed write or sync has left, nobody knows. */
  LogException poisoned(Throwable cause) {
    poison = new LogException.Poisoned("an earlier write failed: " + cause.getMessage(), cause);
    return LmdbEnvironment.isFull(cause)
        ? new LogException.Full("log: no room: " + cause.getMessage(), cause)
        : new LogException("log: write failed: " + cause.getMessage(), cause);
  }

  void requireHealthy() {
    LogException failed = poison;
    if (failed != null) {
      throw failed;
    }
  }

  /** Waits for readers that are inside; the last write is finished or never begins. */
  @Override
  public synchronized void close() {
    if (poison == null) {
      poison = new LogException.Poisoned("log closed", null);
    }
    environment.closeAfter(() -> idleReaders.forEach(reader -> reader.txn.close()));
  }

  private static long sizeOf(ByteBuffer row) {
    return (long) LogStore.ENTRY_OVERHEAD_BYTES + row.remaining() - LogRow.HEADER_BYTES;
  }

  private static ByteBuffer keyOf(ByteBuffer buffer, long index) {
    return buffer.putLong(0, index);
  }
}
