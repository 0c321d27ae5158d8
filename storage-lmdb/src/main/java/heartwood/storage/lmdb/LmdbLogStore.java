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
import heartwood.storage.journal.Journal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Raft's log in LMDB, behind a journal: a write is durable when the journal has it, and moves to
 * LMDB with many others, in the background, when the journal turns to its other file.
 *
 * <pre>
 *   base      …in LMDB ({@link LogTable})…      tail.firstIndex    …here ({@link LogTail})…    last
 * </pre>
 *
 * <p>LMDB knows up to which record of the journal it has everything: what follows is read from the
 * journal at the next start. So a stop moves nothing, and is no different from a crash.
 *
 * <p>Thread-safe: writers queue for a monitor (the log thread; compaction and the binding of a peer
 * may come from others), readers never wait for a disk that is written.
 */
public final class LmdbLogStore implements LogStore, PeerBindings {
  private static final int SMALLEST_RECORD_BYTES = 64 * 1024;

  private final LogTable table;
  private final Journal journal;
  private final LogTail tail;

  /** Moves what is in a full file of the journal to LMDB. */
  private final ExecutorService mover;

  /** What the last write made of the log; replaced under this monitor. */
  private volatile LogView view;

  /** First index that was written since the journal was last turned; guarded by this. */
  private long dirtyFrom = Long.MAX_VALUE;

  /** Whether anything was written since then; guarded by this. */
  private boolean isDirty;

  /** What the other file holds is on its way to LMDB; guarded by this. */
  private boolean isMoving;

  /** Held by the one compaction that runs; nobody who holds it is waited for by a write. */
  private final Object compaction = new Object();

  private ByteBuffer record = ByteBuffer.allocateDirect(SMALLEST_RECORD_BYTES);

  private LmdbLogStore(LogTable table, Journal journal) {
    this.table = table;
    this.journal = journal;
    this.view = table.view();
    this.tail = new LogTail(view.state().lastIndex() + 1);
    this.mover =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, table.identity().nodeId() + "-log-mover");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Makes the directory of a new node: all of it durable on return, or nothing there.
   *
   * @throws LogException.WrongDirectory when something is there already
   */
  public static LmdbLogStore create(Path directory, NodeIdentity identity, LmdbOptions options) {
    return create(directory, identity, options, Journal.DEFAULT_FILE_BYTES);
  }

  static LmdbLogStore create(
      Path directory, NodeIdentity identity, LmdbOptions options, int journalFileBytes) {
    if (Files.exists(directory)) {
      throw new LogException.WrongDirectory(directory + ": exists (expected: a new directory)");
    }
    Path unfinished = directory.resolveSibling(directory.getFileName() + ".new");
    Directories.delete(unfinished);
    Directories.create(unfinished);
    LogTable.create(unfinished, identity, options);
    Journal.create(unfinished, identity.incarnation(), journalFileBytes);
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
    return open(directory, identity -> {}, options);
  }

  /**
   * Opens a node's log.
   *
   * @throws LogException.WrongDirectory when it is missing, in use, or belongs to another cluster
   *     or node; then nothing in it has changed
   */
  public static LmdbLogStore open(
      Path directory, long clusterId, NodeId nodeId, LmdbOptions options) {
    return open(
        directory,
        identity -> {
          if (identity.clusterId() != clusterId || !identity.nodeId().equals(nodeId)) {
            throw new LogException.WrongDirectory(
                String.format(
                    "%s: belongs to %s of cluster %016x (expected: %s of cluster %016x)",
                    directory, identity.nodeId(), identity.clusterId(), nodeId, clusterId));
          }
        },
        options);
  }

  /**
   * Opens a log.
   *
   * @param check throws when the log is not the expected one; then nothing in it has changed
   * @throws LogException.WrongDirectory when it is missing or in use
   */
  public static LmdbLogStore open(
      Path directory, Consumer<NodeIdentity> check, LmdbOptions options) {
    LogTable table = LogTable.open(directory, options);
    Journal journal = null;
    try {
      check.accept(table.identity());
      long owner = table.identity().incarnation();
      journal = LogMeta.asLogFault(() -> Journal.open(directory, owner));
      LmdbLogStore log = new LmdbLogStore(table, journal);
      log.recover();
      return log;
    } catch (RuntimeException e) {
      if (journal != null) {
        journal.close();
      }
      table.close();
      throw e;
    }
  }

  /** Moves what the journal holds to LMDB. */
  private void recover() {
    long moved = view.state().journalSequence();
    long sequence =
        LogMeta.asLogFault(() -> journal.recover(moved, body -> remember(LogRecord.decode(body))));
    table.write(dirtyEntries(), hardState(), sequence);
    tail.clear(lastIndex() + 1);
    dirtyFrom = Long.MAX_VALUE;
    isDirty = false;
  }

  public NodeIdentity identity() {
    return table.identity();
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

  // ---- Reading ----

  @Override
  public List<LogEntry> read(long fromIndex, long toIndex, int maxBytes) {
    GroupState state = view.state();
    if (fromIndex <= state.baseIndex()) {
      throw new LogException.Compacted(
          "index: " + fromIndex + " (base: " + state.baseIndex() + ")");
    }
    if (fromIndex > state.lastIndex()) {
      throw new LogException("index: " + fromIndex + " (last: " + state.lastIndex() + ")");
    }
    while (true) {
      LogTail.Part here = tail.read(fromIndex, toIndex, maxBytes);
      if (fromIndex >= here.firstIndex()) {
        return here.entries();
      }
      try {
        List<LogEntry> before =
            table.read(fromIndex, Math.min(toIndex, here.firstIndex() - 1), maxBytes);
        if (tail.cuts() == here.cuts()) {
          return join(before, here, maxBytes);
        }
      } catch (LogException e) {
        if (tail.cuts() == here.cuts()) {
          throw e;
        }
      }
      // What LMDB holds was cut meanwhile: once more, from what stands there now.
    }
  }

  private static List<LogEntry> join(List<LogEntry> before, LogTail.Part behind, int maxBytes) {
    if (before.get(before.size() - 1).index() + 1 < behind.firstIndex()) {
      return before;
    }
    List<LogEntry> joined = new ArrayList<>(before);
    long bytes = before.stream().mapToLong(entry -> entry.payload().length).sum();
    for (LogEntry entry : behind.entries()) {
      bytes += entry.payload().length;
      if (bytes > maxBytes) {
        break;
      }
      joined.add(entry);
    }
    return joined;
  }

  /** Reads every entry and checks it. */
  public void verify() {
    long index = baseIndex() + 1;
    while (index <= lastIndex()) {
      index += read(index, Long.MAX_VALUE, 1 << 20).size();
    }
  }

  // ---- Writing ----

  @Override
  public synchronized void write(LogBatch batch) {
    table.requireHealthy();
    batch.requireFits(this);
    long bytes = LogRecord.sizeOf(batch);
    if (bytes > Integer.MAX_VALUE || !journal.fits((int) bytes)) {
      flush();
      LogView next = viewWith(batch);
      table.write(batch.entries(), batch.hardState(), journal.lastSequence());
      tail.clear(next.state().lastIndex() + 1);
      view = next;
      return;
    }
    if (!journal.hasRoom((int) bytes)) {
      turn();
    }
    append(batch, (int) bytes);
    remember(batch);
  }

  private void append(LogBatch batch, int bytes) {
    if (record.capacity() < Journal.HEADER_BYTES + bytes) {
      record = ByteBuffer.allocateDirect(2 * (Journal.HEADER_BYTES + bytes));
    }
    LogRecord.encode(batch, record);
    try {
      journal.append(record);
    } catch (IOException | RuntimeException e) {
      throw table.poisoned(e);
    }
  }

  /** What is durable becomes visible. */
  private void remember(LogBatch batch) {
    LogView next = viewWith(batch);
    isDirty = true;
    if (!batch.entries().isEmpty()) {
      dirtyFrom = Math.min(dirtyFrom, batch.entries().get(0).index());
      tail.put(batch.entries());
    }
    view = next;
  }

  private LogView viewWith(LogBatch batch) {
    LogView next = view;
    if (!batch.entries().isEmpty()) {
      long first = batch.entries().get(0).index();
      next = next.cutFrom(first, bytesFrom(first)).append(batch.entries());
    }
    return next.withHardState(batch.hardState());
  }

  private long bytesFrom(long index) {
    long inTail = tail.bytesFrom(index);
    long tailFirst = tail.firstIndex();
    return index >= tailFirst ? inTail : inTail + table.bytesBetween(index, tailFirst - 1);
  }

  /** Turns the journal to its other file, once LMDB has what is in that one. */
  private void turn() {
    awaitMoved();
    List<LogEntry> entries = dirtyEntries();
    HardState hardState = view.state().hardState();
    long sequence = journal.lastSequence();
    journal.turn();
    dirtyFrom = Long.MAX_VALUE;
    isDirty = false;
    isMoving = true;
    mover.execute(() -> move(entries, hardState, sequence));
  }

  private void move(List<LogEntry> entries, HardState hardState, long sequence) {
    try {
      table.write(entries, hardState, sequence);
      dropMoved();
    } catch (RuntimeException | Error e) {
      table.poisoned(e); // The next write says so.
    }
    synchronized (this) {
      isMoving = false;
      notifyAll();
    }
  }

  private synchronized void dropMoved() {
    // What was overwritten meanwhile stays here: LMDB has it as it was.
    tail.dropBefore(Math.min(dirtyFrom, table.view().state().lastIndex() + 1));
  }

  private List<LogEntry> dirtyEntries() {
    return dirtyFrom == Long.MAX_VALUE ? List.of() : tail.from(dirtyFrom);
  }

  /** Waits until nothing is on its way to LMDB, and throws when it did not get there. */
  private synchronized void awaitMoved() {
    awaitMover();
    table.requireHealthy();
  }

  synchronized void awaitMover() {
    boolean wasInterrupted = false;
    while (isMoving) {
      try {
        wait();
      } catch (InterruptedException e) {
        wasInterrupted = true; // The disk is waited for, whoever is in a hurry.
      }
    }
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits until LMDB has everything. */
  private void flush() {
    if (isDirty) {
      turn();
    }
    awaitMoved();
  }

  @Override
  public void compact(long index) {
    synchronized (compaction) {
      compactAlone(index);
    }
  }

  private void compactAlone(long index) {
    synchronized (this) {
      table.requireHealthy();
      if (index <= baseIndex()) {
        return;
      }
      if (index > lastIndex()) {
        throw new IllegalArgumentException("compact: " + index + " (last: " + lastIndex() + ")");
      }
      if (index >= tail.firstIndex()) {
        flush();
      }
    }
    long freed = table.compact(index);
    synchronized (this) {
      if (index > baseIndex()) { // Else the log was reset meanwhile.
        view = view.cutThrough(index, table.view().state().baseChain(), freed);
      }
    }
  }

  @Override
  public synchronized void reset(long index, long term) {
    table.requireHealthy();
    awaitMoved();
    table.reset(index, term, hardState(), journal.lastSequence());
    view = table.view();
    tail.clear(index + 1);
    dirtyFrom = Long.MAX_VALUE;
    isDirty = false;
  }

  @Override
  public synchronized void repair(LogEntry entry) {
    long index = entry.index();
    if (index <= baseIndex() || index > lastIndex() || termAt(index) != entry.term()) {
      throw new IllegalArgumentException(
          "repair: " + entry + " is not the entry that the log had there");
    }
    if (index < tail.firstIndex()) {
      table.repair(entry);
    } // Else it is in memory and in the journal, whole.
  }

  @Override
  public boolean bindPeer(NodeId peer, long incarnation) {
    return table.bindPeer(peer, incarnation);
  }

  @Override
  public OptionalLong peerIncarnation(NodeId peer) {
    return table.peerIncarnation(peer);
  }

  /** Waits for readers that are inside; the last write is finished or never begins. */
  @Override
  public synchronized void close() {
    awaitMover();
    table.close();
    journal.close();
    mover.shutdown();
  }
}
