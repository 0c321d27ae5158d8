package heartwood.tests.simulation;

import heartwood.raft.log.HardState;
import heartwood.raft.log.LogBatch;
import heartwood.raft.log.LogException;
import heartwood.raft.log.LogStore;
import heartwood.raft.log.MemoryLog;
import heartwood.raft.log.TermStart;
import heartwood.raft.message.LogEntry;
import java.util.List;

/**
 * A node's log on its disk: outlives the process, and is where the process may die: before a write,
 * within it or after it. What is written here is durable; what is not is lost. Confined to the
 * simulation.
 */
final class SimDisk implements LogStore {
  /** What becomes of a write. */
  enum Fate {
    DONE,
    CRASH_BEFORE,
    CRASH_WITHIN,
    CRASH_AFTER,
    FAILURE
  }

  /** Told of every entry that became durable. */
  interface Observer {
    Fate fateOfWrite();

    void onDurable(LogEntry entry, long prevTerm);

    void onHardState(HardState hardState);
  }

  private MemoryLog log;
  private final Observer observer;

  SimDisk(MemoryLog log, Observer observer) {
    this.log = log;
    this.observer = observer;
  }

  /** A new process opens what the last one left. */
  void restart() {
    log = log.restart();
  }

  boolean holds(long index, long term) {
    return index >= log.baseIndex() && index <= log.lastIndex() && log.termAt(index) == term;
  }

  @Override
  public void write(LogBatch batch) {
    Fate fate = observer.fateOfWrite();
    if (fate == Fate.CRASH_BEFORE) {
      throw new SimCrash();
    }
    if (fate == Fate.CRASH_WITHIN) {
      cutSome(batch);
      throw new SimCrash();
    }
    if (fate == Fate.FAILURE) {
      log.failNextWrite(MemoryLog.Fault.FULL);
    }
    log.write(batch);
    for (LogEntry entry : batch.entries()) {
      observer.onDurable(entry, log.termAt(entry.index() - 1));
    }
    observer.onHardState(batch.hardState());
    if (fate == Fate.CRASH_AFTER) {
      throw new SimCrash();
    }
  }

  /** A long cut begins in slices from the end: only the last of them was made. */
  private void cutSome(LogBatch batch) {
    if (batch.entries().isEmpty()) {
      return;
    }
    long first = batch.entries().get(0).index();
    if (first < log.lastIndex()) {
      List<LogEntry> last = log.read(first, first, Integer.MAX_VALUE);
      log.write(new LogBatch(last, log.hardState()));
    }
  }

  @Override
  public void compact(long index) {
    Fate fate = observer.fateOfWrite();
    if (fate == Fate.CRASH_BEFORE) {
      throw new SimCrash();
    }
    if (fate == Fate.CRASH_WITHIN && index > log.baseIndex() + 1) {
      log.compact(log.baseIndex() + (index - log.baseIndex()) / 2);
      throw new SimCrash();
    }
    log.compact(index);
    if (fate != Fate.DONE) {
      throw new SimCrash();
    }
  }

  @Override
  public void reset(long index, long term) {
    Fate fate = observer.fateOfWrite();
    if (fate == Fate.CRASH_BEFORE || fate == Fate.CRASH_WITHIN) {
      throw new SimCrash();
    }
    log.reset(index, term);
    if (fate != Fate.DONE) {
      throw new SimCrash();
    }
  }

  @Override
  public HardState hardState() {
    return log.hardState();
  }

  @Override
  public long baseIndex() {
    return log.baseIndex();
  }

  @Override
  public long baseTerm() {
    return log.baseTerm();
  }

  @Override
  public long lastIndex() {
    return log.lastIndex();
  }

  @Override
  public long termAt(long index) {
    return log.termAt(index);
  }

  @Override
  public List<TermStart> termStarts() {
    return log.termStarts();
  }

  @Override
  public List<LogEntry> read(long fromIndex, long toIndex, int maxBytes) throws LogException {
    return log.read(fromIndex, toIndex, maxBytes);
  }

  @Override
  public void repair(LogEntry entry) {
    log.repair(entry);
  }

  @Override
  public long sizeBytes() {
    return log.sizeBytes();
  }

  @Override
  public void close() {}
}
