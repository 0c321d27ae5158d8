package heartwood.storage.lmdb;

import heartwood.raft.log.HardState;
import heartwood.raft.log.LogBatch;
import heartwood.raft.log.LogException;
import heartwood.raft.log.LogStore;
import heartwood.raft.log.NodeIdentity;
import heartwood.raft.log.PeerBindings;
import heartwood.raft.log.TermStart;
import heartwood.raft.message.LogEntry;
import heartwood.raft.message.NodeId;
import heartwood.storage.Directories;
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
 * Raft's log in LMDB: an environment of its own, synced at every commit.
 *
 * <pre>
 *   table log-0   index(8, big endian) → {@link LogRow}       appended with MDB_APPEND
 *   table meta    {@link LogMeta}: identity, peers, and per group base, last, hard state, terms
 * </pre>
 *
 * <p>Thread-safe: writers queue for a monitor (the log thread, and rarely the binding of a peer),
 * readers take a transaction of their own and see the last commit.
 */
public final class LmdbLogStore implements LogStore, PeerBindings {
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

  /** Set by the first write that fails; guarded by this. */
  private @Nullable LogException poison;

  /** A read transaction and a key buffer, used by one thread at a time. */
  private record Reader(Txn<ByteBuffer> txn, ByteBuffer key) {}

  private LmdbLogStore(LmdbEnvironment environment) {
    this.environment = environment;
    this.log = environment.table("log-" + GROUP);
    this.meta = new LogMeta(environment.table("meta"));
    try (Txn<ByteBuffer> txn = environment.readTxn()) {
      this.identity = meta.identity(txn);
      this.view = readView(txn);
    }
  }

  /**
   * Makes the directory of a new node: all of it durable on return, or nothing there.
   *
   * @throws LogException.WrongDirectory when something is there already
   */
  public static LmdbLogStore create(Path directory, NodeIdentity identity, LmdbOptions options) {
    if (Files.exists(directory)) {
      throw new LogException.WrongDirectory(directory + ": exists (expected: a new directory)");
    }
    Path unfinished = directory.resolveSibling(directory.getFileName() + ".new");
    Directories.delete(unfinished);
    Directories.create(unfinished);
    try (LmdbEnvironment environment = openEnvironment(unfinished, options)) {
      environment.table("log-" + GROUP);
      LogMeta meta = new LogMeta(environment.table("meta"));
      try (Txn<ByteBuffer> txn = environment.env().txnWrite()) {
        meta.putIdentity(txn, identity);
        meta.putGroup(txn, GROUP, GroupState.empty(0, 0, HardState.INITIAL));
        meta.putTerms(txn, GROUP, List.of());
        txn.commit();
      }
    }
    Directories.sync(unfinished);
    Directories.rename(unfinished, directory);
    return open(directory, options);
  }

  /**
   * Opens a log, whoever's it is: for tools.
   *
   * @throws LogException.WrongDirectory when it is missing or in use
   */
  public static LmdbLogStore open(Path directory, LmdbOptions options) {
    if (!Files.exists(directory.resolve("data.mdb"))) {
      throw new LogException.WrongDirectory(directory + ": holds no log");
    }
    LmdbEnvironment environment = openEnvironment(directory, options);
    try {
      return new LmdbLogStore(environment);
    } catch (RuntimeException e) {
      environment.close();
      throw e;
    }
  }

  /**
   * Opens a node's log.
   *
   * @throws LogException.WrongDirectory when it is missing, in use, or belongs to another cluster
   *     or node; then nothing in it has changed
   */
  public static LmdbLogStore open(
      Path directory, long clusterId, NodeId nodeId, LmdbOptions options) {
    LmdbLogStore store = open(directory, options);
    NodeIdentity identity = store.identity;
    if (identity.clusterId() != clusterId || !identity.nodeId().equals(nodeId)) {
      store.close();
      throw new LogException.WrongDirectory(
          String.format(
              "%s: belongs to %s of cluster %016x (expected: %s of cluster %016x)",
              directory, identity.nodeId(), identity.clusterId(), nodeId, clusterId));
    }
    return store;
  }

  private static LmdbEnvironment openEnvironment(Path directory, LmdbOptions options) {
    return LogMeta.asLogFault(() -> LmdbEnvironment.open(directory, options));
  }

  public NodeIdentity identity() {
    return identity;
  }

  @Override
  public HardState hardState() {
    return view.state().hardState();
  }

  @Override
  public long baseIndex() {
    return view.state().baseIndex();
  }

  @Override
  public long baseTerm() {
    return view.state().baseTerm();
  }

  @Override
  public long lastIndex() {
    return view.state().lastIndex();
  }

  @Override
  public long sizeBytes() {
    return view.state().sizeBytes();
  }

  @Override
  public List<TermStart> termStarts() {
    return view.starts();
  }

  @Override
  public long termAt(long index) {
    return view.termAt(index);
  }

  @Override
  public List<LogEntry> read(long fromIndex, long toIndex, int maxBytes) {
    return reading(reader -> entries(reader, fromIndex, toIndex, maxBytes));
  }

  /** Reads every entry and checks it. */
  public void verify() {
    long index = baseIndex() + 1;
    while (index <= lastIndex()) {
      index += read(index, Long.MAX_VALUE, 1 << 20).size();
    }
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

  @Override
  public synchronized void write(LogBatch batch) {
    requireHealthy();
    batch.requireFits(this);
    if (batch.entries().isEmpty()) {
      commit(txn -> view.withHardState(batch.hardState()));
      return;
    }
    long first = batch.entries().get(0).index();
    while (lastIndex() - first >= SLICE_ENTRIES) {
      commit(txn -> cutFrom(txn, lastIndex() - SLICE_ENTRIES + 1));
    }
    commit(txn -> append(txn, cutFrom(txn, first), batch));
  }

  private LogView append(Txn<ByteBuffer> txn, LogView cut, LogBatch batch) {
    long chain = cut.lastChain();
    long bytes = cut.state().sizeBytes();
    List<TermStart> starts = new ArrayList<>(cut.starts());
    long term = starts.isEmpty() ? -1 : starts.get(starts.size() - 1).term();
    try (Cursor<ByteBuffer> cursor = log.openCursor(txn)) {
      for (LogEntry entry : batch.entries()) {
        chain = LogRow.chain(chain, entry);
        ByteBuffer key = keyOf(writeKey, entry.index());
        // Reserved room is LMDB's own page: the payload is copied once.
        ByteBuffer row = cursor.reserve(key, LogRow.sizeOf(entry), PutFlags.MDB_APPEND);
        LogRow.encode(entry, chain, row);
        bytes += ENTRY_OVERHEAD_BYTES + entry.payload().length;
        if (entry.term() != term) {
          term = entry.term();
          starts.add(new TermStart(term, entry.index()));
        }
      }
    }
    long last = batch.entries().get(batch.entries().size() - 1).index();
    GroupState state = cut.state().withLast(last, bytes).withHardState(batch.hardState());
    return new LogView(state, List.copyOf(starts), chain);
  }

  /** Deletes the entries from an index on; what is deleted in one transaction is for the caller. */
  private LogView cutFrom(Txn<ByteBuffer> txn, long fromIndex) {
    LogView old = view;
    if (fromIndex > old.state().lastIndex()) {
      return old;
    }
    long bytes = old.state().sizeBytes();
    long chain = old.state().baseChain();
    try (Cursor<ByteBuffer> cursor = log.openCursor(txn)) {
      boolean found = cursor.last();
      while (found && cursor.key().getLong(0) >= fromIndex) {
        bytes -= sizeOf(cursor.val());
        cursor.delete();
        found = cursor.last();
      }
      if (found) {
        chain = LogRow.chainOf(cursor.val());
      }
    }
    List<TermStart> starts = new ArrayList<>(old.starts());
    starts.removeIf(start -> start.firstIndex() >= fromIndex);
    return new LogView(old.state().withLast(fromIndex - 1, bytes), List.copyOf(starts), chain);
  }

  @Override
  public synchronized void compact(long index) {
    requireHealthy();
    if (index <= baseIndex()) {
      return;
    }
    if (index > lastIndex()) {
      throw new IllegalArgumentException("compact: " + index + " (last: " + lastIndex() + ")");
    }
    while (baseIndex() < index) {
      commit(txn -> cutThrough(txn, Math.min(index, baseIndex() + SLICE_ENTRIES)));
    }
  }

  private LogView cutThrough(Txn<ByteBuffer> txn, long toIndex) {
    LogView old = view;
    long term = termAt(toIndex);
    long bytes = old.state().sizeBytes();
    long chain = old.state().baseChain();
    try (Cursor<ByteBuffer> cursor = log.openCursor(txn)) {
      boolean found = cursor.first();
      while (found && cursor.key().getLong(0) <= toIndex) {
        bytes -= sizeOf(cursor.val());
        chain = LogRow.chainOf(cursor.val());
        cursor.delete();
        found = cursor.first();
      }
    }
    List<TermStart> starts = new ArrayList<>();
    if (toIndex < old.state().lastIndex()) {
      long first = toIndex + 1;
      starts.add(new TermStart(termAt(first), first));
      old.starts().stream().filter(start -> start.firstIndex() > first).forEach(starts::add);
    }
    long commitIndex = Math.max(old.state().hardState().commitIndex(), toIndex);
    GroupState state =
        old.state().withBase(toIndex, term, chain, bytes).withCommitIndex(commitIndex);
    return new LogView(state, List.copyOf(starts), old.lastChain());
  }

  @Override
  public synchronized void reset(long index, long term) {
    requireHealthy();
    commit(
        txn -> {
          log.drop(txn);
          GroupState state = GroupState.empty(index, term, hardState()).withCommitIndex(index);
          return new LogView(state, List.of(), state.baseChain());
        });
  }

  @Override
  public synchronized boolean bindPeer(NodeId peer, long incarnation) {
    requireHealthy();
    OptionalLong known = peerIncarnation(peer);
    if (known.isPresent()) {
      return known.getAsLong() == incarnation;
    }
    commit(
        txn -> {
          meta.putPeer(txn, peer, incarnation);
          return view;
        });
    return true;
  }

  @Override
  public OptionalLong peerIncarnation(NodeId peer) {
    Long incarnation = this.<@Nullable Long>reading(reader -> meta.peer(reader.txn, peer));
    return incarnation == null ? OptionalLong.empty() : OptionalLong.of(incarnation);
  }

  /** Waits for readers that are inside; the last write is finished or never begins. */
  @Override
  public synchronized void close() {
    if (poison == null) {
      poison = new LogException.Poisoned("log closed", null);
    }
    environment.closeAfter(() -> idleReaders.forEach(reader -> reader.txn.close()));
  }

  /** Runs a change in a synced transaction and publishes the view it returns. */
  private void commit(Function<Txn<ByteBuffer>, LogView> change) {
    environment.enter();
    try (Txn<ByteBuffer> txn = environment.env().txnWrite()) {
      LogView next = change.apply(txn);
      meta.putGroup(txn, GROUP, next.state());
      if (!next.starts().equals(view.starts())) {
        meta.putTerms(txn, GROUP, next.starts());
      }
      txn.commit();
      view = next;
    } catch (RuntimeException e) {
      throw poisoned(e);
    } catch (Error e) {
      poisoned(e);
      throw e;
    } finally {
      environment.leave();
    }
  }

  private LogException poisoned(Throwable cause) {
    poison = new LogException.Poisoned("an earlier write failed", cause);
    return LmdbEnvironment.isFull(cause)
        ? new LogException.Full("log: no room: " + cause.getMessage(), cause)
        : new LogException("log: write failed: " + cause.getMessage(), cause);
  }

  private void requireHealthy() {
    if (poison != null) {
      throw poison;
    }
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

  private LogView readView(Txn<ByteBuffer> txn) {
    GroupState state = meta.group(txn, GROUP);
    long chain = state.baseChain();
    long entryCount = state.lastIndex() - state.baseIndex();
    long rows = log.stat(txn).entries;
    if (rows != entryCount) {
      throw new LogException.Corrupt("log: " + rows + " rows (expected: " + entryCount + ")");
    }
    if (rows > 0) {
      try (Cursor<ByteBuffer> cursor = log.openCursor(txn)) {
        if (!cursor.last() || cursor.key().getLong(0) != state.lastIndex()) {
          throw LogRow.corrupt(state.lastIndex(), "missing");
        }
        chain = LogRow.chainOf(cursor.val());
      }
    }
    return new LogView(state, meta.terms(txn, GROUP), chain);
  }

  private static long sizeOf(ByteBuffer row) {
    return (long) ENTRY_OVERHEAD_BYTES + row.remaining() - LogRow.HEADER_BYTES;
  }

  private static ByteBuffer keyOf(ByteBuffer buffer, long index) {
    return buffer.putLong(0, index);
  }
}
