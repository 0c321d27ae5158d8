package heartwood.storage.memory;

import heartwood.storage.StorageException;
import heartwood.storage.Table;
import heartwood.storage.Tables;
import heartwood.storage.TablesReader;
import heartwood.storage.TablesWriter;
import heartwood.storage.WriterTurn;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Tables in memory. A commit replaces an immutable image, so readers are snapshots for free; a
 * crash is modelled by {@link #failNextCommit} and by what {@link #restart()} finds.
 *
 * <p>Thread-safe.
 */
public final class MemoryTables implements Tables {
  /** How a commit ends badly. */
  public enum Fault {
    /** The process dies before the commit: a restart does not find it. */
    BEFORE_COMMIT,
    /** The process dies after the commit and before it knew: a restart finds it. */
    AFTER_COMMIT,
    /** There is no room: nothing is written. */
    FULL
  }

  record MemoryTable(String name) implements Table {}

  /** Table → rows; neither the map nor the rows change once committed. */
  private volatile NavigableMap<String, NavigableMap<byte[], byte[]>> image = new TreeMap<>();

  /** The image before the last commit; guarded by the one writer. */
  private NavigableMap<String, NavigableMap<byte[], byte[]>> previous = image;

  private final WriterTurn turn = new WriterTurn();
  private final AtomicInteger openReaders = new AtomicInteger();
  private volatile @Nullable Fault nextFault;

  /** The next commit fails in this way. */
  public void failNextCommit(Fault fault) {
    nextFault = fault;
  }

  /** What a new process finds; this object may not be used on. */
  public MemoryTables restart() {
    MemoryTables next = new MemoryTables();
    next.image = image;
    next.previous = previous;
    return next;
  }

  /** What a new process finds when the last commit, though confirmed, is absent. */
  public MemoryTables restartWithoutLastCommit() {
    MemoryTables next = new MemoryTables();
    next.image = previous;
    next.previous = previous;
    return next;
  }

  @Override
  public Table open(String name) {
    turn.requireNotMine();
    if (!image.containsKey(name)) {
      NavigableMap<String, NavigableMap<byte[], byte[]>> next = new TreeMap<>(image);
      next.put(name, newRows());
      image = next;
    }
    return new MemoryTable(name);
  }

  @Override
  public List<String> names() {
    return List.copyOf(image.keySet());
  }

  @Override
  public TablesReader read() {
    openReaders.incrementAndGet();
    return new MemoryReader(this);
  }

  @Override
  public TablesWriter write() {
    turn.begin();
    return new MemoryWriter(this);
  }

  @Override
  public void close() {
    if (openReaders.get() > 0) {
      throw new IllegalStateException(openReaders + " readers are open (expected: none)");
    }
  }

  NavigableMap<String, NavigableMap<byte[], byte[]>> image() {
    return image;
  }

  void readerClosed() {
    openReaders.decrementAndGet();
  }

  void writerClosed() {
    turn.end();
  }

  void commit(NavigableMap<String, NavigableMap<byte[], byte[]>> next) {
    Fault fault = nextFault;
    nextFault = null;
    if (fault == Fault.FULL) {
      throw new StorageException.Full("injected: no room", null);
    }
    if (fault != Fault.BEFORE_COMMIT) {
      previous = image;
      image = next;
    }
    if (fault != null) {
      throw new StorageException("injected: " + fault);
    }
  }

  static NavigableMap<byte[], byte[]> newRows() {
    return new TreeMap<>(Arrays::compareUnsigned);
  }
}
